/* SPDX-License-Identifier: MIT */
/* What changed, page by page: about the whole org, or about one member. */
#include "api/history.h"

#include "api/handlers.h"
#include "api/member_json.h"

#include "teamsync/text.h"
#include "teamsync/time.h"

/* --- what is asked for --- */

static bool read_time(struct ts_exchange *x, const char *name, uint64_t *ret_us)
{
    const char *text = ts_request_query(x->request, name);

    if (ts_text_is_empty(text) || ts_time_parse(text, ret_us))
        return true;
    ts_exchange_refuse(x, 400, "%s must be a time like 2026-11-23T18:22:30Z", name);
    return false;
}

bool ts_history_read_filters(struct ts_exchange *x, struct ts_history_query *ret_query)
{
    const char *member = ts_request_query(x->request, "member");
    const char *field = ts_request_query(x->request, "field");

    *ret_query = (struct ts_history_query){
        .org = x->org,
        .member_id = ts_text_or_null(member),
        .field = ts_text_or_null(field),
    };
    if (ret_query->member_id && !ts_text_is_id(member))
        ts_exchange_refuse(x, 400, "member must be a member's id");
    else if (ret_query->field && !ts_history_field_is_known(field))
        ts_exchange_refuse(x, 400, "field is none of the words that a history has there");
    else
        return read_time(x, "since", &ret_query->since_us) &&
               read_time(x, "until", &ret_query->until_us);
    return false;
}

/* --- a page --- */

static void on_history(const struct ts_error *err, const struct ts_history_entry *entries,
                       size_t count, const char *next_cursor, void *arg)
{
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = entries,
                                             .count = count,
                                             .size = sizeof(*entries),
                                             .json_of = ts_history_json,
                                             .next_cursor = next_cursor});
}

static void list(struct ts_exchange *x, struct ts_history_query *query)
{
    query->cursor = x->cursor;
    query->limit = x->limit;
    x->op = x->env->roster->ops->history(x->env->roster, query, on_history, x);
}

static void list_org(struct ts_exchange *x)
{
    struct ts_history_query query;

    if (ts_history_read_filters(x, &query))
        list(x, &query);
}

void ts_api_list_history(struct ts_exchange *x)
{
    ts_exchange_with_org(x, list_org);
}

static void on_member(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    struct ts_exchange *x = arg;
    struct ts_history_query query = {.org = x->org, .member_id = x->id};

    (void)member;
    if (ts_exchange_went_well(x, err))
        list(x, &query);
}

void ts_api_list_member_history(struct ts_exchange *x)
{
    x->op = x->env->roster->ops->get(x->env->roster, x->org, x->id, on_member, x);
}
