/* SPDX-License-Identifier: MIT */
/* users.list with a query: a page of those whom a person looks for. A page token of ours is the
 * letter of the field that is searched, and Google's own token; it goes out escaped, so it can be
 * nothing but a page token. */
#include "directory/google/fields.h"
#include "directory/google/google_internal.h"
#include "directory/google/google_page_json.h"
#include "directory/google/search_clause.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"

struct search {
    struct ts_google_task task; /* first */
    char *words;                /* NULL: everybody */
    enum ts_google_field field;
    char *page_token; /* Google's; NULL: the first page of the field */
    ts_directory_page_cb *cb;
    void *arg;
};

static void release(struct search *s)
{
    ts_google_task_leave(&s->task);
    free(s->words);
    free(s->page_token);
    free(s);
}

static void cancel(struct ts_op *op)
{
    release((struct search *)(void *)op);
}

static void drop_found_before(const struct search *s, struct json_object *users)
{
    for (size_t i = users ? json_object_array_length(users) : 0; i-- > 0;) {
        if (ts_google_search_found_before(json_object_array_get_idx(users, i), s->words, s->field))
            (void)json_object_array_del_idx(users, i, 1);
    }
}

/* Where the next page is: in this field, or else at the beginning of the next. Newly allocated. */
static char *token_after(const struct search *s, const char *next_token)
{
    enum ts_google_field next = ts_google_search_next(s->words, s->field);

    if (next_token)
        return ts_format("%c%s", s->field, next_token);
    return next == TS_GOOGLE_NOTHING ? NULL : ts_format("%c", next);
}

static void on_page(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct search *s = arg;
    ts_directory_page_cb *cb = s->cb;
    void *cb_arg = s->arg;
    struct ts_error outcome = ts_google_page_judge(err, s->page_token);
    TS_CLEANUP(ts_google_page_done) struct ts_directory_page page = {0};
    TS_AUTOFREE char *next = NULL;

    s->task.waiting = NULL;
    if (outcome.cls == TS_OK) {
        drop_found_before(s, ts_json_array(answer->json, "users"));
        outcome = ts_google_page_read(answer->json, /* team_from= */ NULL, s->page_token, &page);
        next = token_after(s, page.next_token);
        page.next_token = next;
    }
    release(s);
    cb(&outcome, outcome.cls == TS_OK ? &page : NULL, cb_arg);
}

/* Whether the field is one that a search for these words comes to. */
static bool is_on_the_way(const char *words, enum ts_google_field field)
{
    enum ts_google_field at = ts_google_search_first(words);

    while (at != TS_GOOGLE_NOTHING && at != field)
        at = ts_google_search_next(words, at);
    return at != TS_GOOGLE_NOTHING;
}

/* NULL, or why this cannot be searched for. */
static const char *begin(struct search *s, const struct ts_directory_search *wanted)
{
    const char *token = wanted->page_token;

    s->words = ts_google_search_words(wanted->text);
    s->field =
        token ? (enum ts_google_field)(unsigned char)*token : ts_google_search_first(s->words);
    if (s->field == TS_GOOGLE_NOTHING)
        return "this text holds nothing to look for";
    if (!is_on_the_way(s->words, s->field))
        return "this cursor is of another search";
    if (token && token[1])
        s->page_token = ts_strdup(token + 1);
    return NULL;
}

struct ts_op *ts_google_search_users(struct ts_directory *directory,
                                     const struct ts_connection *connection,
                                     const struct ts_directory_search *wanted,
                                     ts_directory_page_cb *cb, void *arg)
{
    struct search *s = ts_alloc(sizeof(*s));
    const char *refusal = begin(s, wanted);
    TS_AUTOFREE char *clause = refusal ? NULL : ts_google_search_clause(s->words, s->field);
    TS_AUTOFREE char *query =
        ts_google_search_query(connection->may_suspend, clause, wanted->limit, s->page_token);
    TS_AUTOFREE char *path = ts_format(TS_GOOGLE_USERS "?%s", query);
    struct ts_google_request request = {
        .name = "users.list",
        .verb = "GET",
        .path = path,
        .max_bytes = TS_GOOGLE_PAGE_MAX_BYTES,
        .refusal = refusal,
    };

    ts_google_task_open(&s->task, directory, connection, cancel);
    s->cb = cb;
    s->arg = arg;
    ts_google_task_call(&s->task, &request, on_page);
    return &s->task.op;
}
