/* SPDX-License-Identifier: MIT */
/* It goes in rounds: each look is for those who are at the same place (mostly all of them),
 * and when everybody was looked for, and the runs too if they have moved, it rests. */
#include "api/lookout.h"

#include "api/event_text.h"
#include "api/handlers.h"
#include "api/member_json.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

enum {
    REST_MS = 500,
    RUNS_EVERY_MS = 1000,
    HOLD_EVERY = 20, /* rounds: also one that is as large as before is read */
    PAGE = 200,
    PIECE_BYTES = 256 << 10, /* for one listener, until it is ready again; and an entry more */
    TEXT_MAX_BYTES = 1 << 20,
};

/* Something of which only the present counts. */
struct topic {
    char *id; /* of a run */
    char *text;
    uint64_t mark; /* when it became so */
};

struct ts_lookout {
    struct ts_lookout *prev, *next;
    struct ts_lookouts *lookouts;
    char *org;
    struct ts_listener *listeners;
    size_t listener_count;

    struct ts_op *op; /* a look, a list of runs, or a rest */
    bool is_resting;
    bool is_blind; /* what is new could not be seen the last time */
    unsigned round;
    char *place; /* behind which it looks */

    uint64_t mark; /* the last change of a topic */
    struct topic connection;
    struct topic hold;
    uint64_t hold_size;
    struct topic runs[TS_NEWS_RUNS]; /* oldest first, behind empty ones */
    char *runs_now;                  /* their digest */
    char *runs_listed;               /* that of those above */
    uint64_t runs_listed_ms;
};

struct ts_lookouts {
    const struct ts_flow_env *env;
    struct ts_lookout *list;
    size_t listener_count;
    size_t room;
};

static void look(struct ts_lookout *lookout, const char *place);
static void on_news(const struct ts_error *err, const struct ts_news *news, void *arg);
static void list_runs(struct ts_lookout *lookout);
static void on_runs(const struct ts_error *err, const struct ts_run *runs, size_t count, void *arg);
static void rest(struct ts_lookout *lookout);
static void on_rested(const struct ts_error *err, void *arg);

/* --- how the org stands --- */

/* Takes `text`. */
static void set_topic(struct ts_lookout *lookout, struct topic *topic, char *text)
{
    if (!topic->text || !ts_text_equal(topic->text, text))
        topic->mark = ++lookout->mark;
    free(topic->text);
    topic->text = text;
}

static void topic_done(struct topic *topic)
{
    free(topic->id);
    free(topic->text);
}

static char *connection_text(enum ts_connection_state state)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "state", ts_connection_state_name(state));
    return ts_json_print(json);
}

static char *hold_text(const struct ts_news *news)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();

    ts_json_add_bool(json, "open", news->hold);
    ts_json_add_text(json, "digest", news->hold);
    ts_json_add_number(json, "suspensions", (int64_t)news->held);
    return ts_json_print(json);
}

static char *run_text(const struct ts_run *run)
{
    TS_AUTOJSON struct json_object *json = ts_run_json(run);

    return ts_json_print(json);
}

static void note_state(struct ts_lookout *lookout, const struct ts_news *news)
{
    set_topic(lookout, &lookout->connection, connection_text(news->state));
    if (news->has_hold)
        set_topic(lookout, &lookout->hold, hold_text(news));
    lookout->hold_size = news->hold_size;
    free(lookout->runs_now);
    lookout->runs_now = ts_strdup(news->runs);
}

static struct topic *find_run(struct topic runs[TS_NEWS_RUNS], const char *id)
{
    for (size_t i = 0; i < TS_NEWS_RUNS; i++) {
        if (runs[i].id && ts_text_equal(runs[i].id, id))
            return &runs[i];
    }
    return NULL;
}

/* `runs` are newest first. */
static void note_runs(struct ts_lookout *lookout, const struct ts_run *runs, size_t count)
{
    struct topic now[TS_NEWS_RUNS] = {0};

    for (size_t i = count < TS_NEWS_RUNS ? count : TS_NEWS_RUNS; i-- > 0;) {
        struct topic *topic = &now[TS_NEWS_RUNS - 1 - i];
        struct topic *before = find_run(lookout->runs, runs[i].id);

        if (before) {
            *topic = *before;
            *before = (struct topic){0};
        } else {
            topic->id = ts_strdup(runs[i].id);
        }
        set_topic(lookout, topic, run_text(&runs[i]));
    }
    for (size_t i = 0; i < TS_NEWS_RUNS; i++) {
        topic_done(&lookout->runs[i]);
        lookout->runs[i] = now[i];
    }
}

/* --- telling --- */

/* What was new at a place. */
struct piece {
    struct ts_buf text;
    const char *newest; /* in it */
    bool is_lost;
    bool has_more;
};

static void add_entry(struct ts_buf *out, const struct ts_history_entry *entry)
{
    TS_AUTOJSON struct json_object *json = ts_history_json(entry);
    TS_AUTOFREE char *text = ts_json_print(json);

    ts_event_add(out, "member", entry->id, text);
}

static void make_piece(struct piece *piece, const struct ts_news *news)
{
    size_t i;

    *piece = (struct piece){.newest = news->newest, .is_lost = news->is_lost};
    ts_buf_init(&piece->text, TEXT_MAX_BYTES);
    if (news->is_lost)
        ts_event_add(&piece->text, "reset", news->newest, "{}");
    for (i = 0; i < news->count && piece->text.len < PIECE_BYTES; i++) {
        add_entry(&piece->text, &news->entries[i]);
        piece->newest = news->entries[i].id;
    }
    piece->has_more = i < news->count || news->has_more;
}

/* Whoever hears the first of them has a place from then on, also when nothing happened before. */
static void add_topics(struct ts_buf *out, const struct ts_lookout *lookout, uint64_t heard,
                       const char *newest)
{
    const char *id = heard == 0 ? newest : NULL;

    if (lookout->connection.mark > heard)
        ts_event_add(out, "connection", id, lookout->connection.text);
    if (lookout->hold.mark > heard)
        ts_event_add(out, "hold", NULL, lookout->hold.text);
    for (size_t i = 0; i < TS_NEWS_RUNS; i++) {
        if (lookout->runs[i].mark > heard)
            ts_event_add(out, "run", NULL, lookout->runs[i].text);
    }
}

static void tell(struct ts_lookout *lookout, struct ts_listener *listener,
                 const struct piece *piece)
{
    struct ts_buf text;

    ts_buf_init(&text, (size_t)2 * TEXT_MAX_BYTES);
    (void)ts_buf_add(&text, piece->text.data, piece->text.len);
    add_topics(&text, lookout, piece->is_lost ? 0 : listener->heard, piece->newest);
    free(listener->place);
    listener->place = ts_strdup(piece->newest);
    listener->heard = lookout->mark;
    listener->round = lookout->round;
    listener->has_more = piece->has_more;
    if (text.len > 0) {
        listener->is_ready = false;
        listener->ops->tell(listener, text.data, text.len);
    }
    ts_buf_done(&text);
}

static void tell_all(struct ts_lookout *lookout, const struct ts_news *news)
{
    struct ts_listener *listener;
    struct piece piece;

    make_piece(&piece, news);
    DL_FOREACH(lookout->listeners, listener)
    {
        if (listener->is_ready && ts_text_equal(listener->place, lookout->place))
            tell(lookout, listener, &piece);
    }
    ts_buf_done(&piece.text);
}

/* --- its rounds --- */

static void note_sight(struct ts_lookout *lookout, const struct ts_error *err)
{
    bool is_blind = err->cls != TS_OK;

    if (is_blind && !lookout->is_blind)
        ts_log(TS_LOG_WARNING, "cannot see what is new, trying again", "org", lookout->org, "error",
               err->text, NULL);
    else if (!is_blind && lookout->is_blind)
        ts_log(TS_LOG_INFO, "what is new can be seen again", "org", lookout->org, NULL);
    lookout->is_blind = is_blind;
}

static bool runs_have_moved(const struct ts_lookout *lookout)
{
    return !ts_text_equal(lookout->runs_now, lookout->runs_listed) &&
           ts_now_ms() - lookout->runs_listed_ms >= RUNS_EVERY_MS;
}

static struct ts_listener *next_in_round(const struct ts_lookout *lookout)
{
    struct ts_listener *listener;

    DL_FOREACH(lookout->listeners, listener)
    {
        if (listener->is_ready && listener->round != lookout->round)
            return listener;
    }
    return NULL;
}

static void go_on(struct ts_lookout *lookout)
{
    const struct ts_listener *next = next_in_round(lookout);

    if (next)
        look(lookout, next->place);
    else if (runs_have_moved(lookout))
        list_runs(lookout);
    else
        rest(lookout);
}

static void begin_round(struct ts_lookout *lookout)
{
    lookout->is_resting = false;
    if (++lookout->round % HOLD_EVERY == 0)
        lookout->hold_size = TS_ANY_SIZE;
    go_on(lookout);
}

static void look(struct ts_lookout *lookout, const char *place)
{
    struct ts_roster *roster = lookout->lookouts->env->roster;

    free(lookout->place);
    lookout->place = ts_strdup(place);
    lookout->op = roster->ops->news(roster,
                                    &(struct ts_news_query){.org = lookout->org,
                                                            .after = lookout->place,
                                                            .limit = PAGE,
                                                            .hold_size = lookout->hold_size},
                                    on_news, lookout);
}

static void on_news(const struct ts_error *err, const struct ts_news *news, void *arg)
{
    struct ts_lookout *lookout = arg;

    lookout->op = NULL;
    note_sight(lookout, err);
    if (err->cls != TS_OK) {
        rest(lookout);
    } else {
        note_state(lookout, news);
        tell_all(lookout, news);
        go_on(lookout);
    }
}

static void list_runs(struct ts_lookout *lookout)
{
    struct ts_runs *runs = lookout->lookouts->env->runs;

    lookout->runs_listed_ms = ts_now_ms();
    lookout->op = runs->ops->list(runs, lookout->org, TS_NEWS_RUNS, on_runs, lookout);
}

/* They are told with what is looked for next. */
static void on_runs(const struct ts_error *err, const struct ts_run *runs, size_t count, void *arg)
{
    struct ts_lookout *lookout = arg;

    lookout->op = NULL;
    if (err->cls == TS_OK) {
        note_runs(lookout, runs, count);
        free(lookout->runs_listed);
        lookout->runs_listed = ts_strdup(lookout->runs_now);
    }
    rest(lookout);
}

static void rest(struct ts_lookout *lookout)
{
    struct ts_clock *clock = lookout->lookouts->env->clock;

    lookout->is_resting = true;
    lookout->op = clock->ops->pause(clock, REST_MS, on_rested, lookout);
}

static void on_rested(const struct ts_error *err, void *arg)
{
    struct ts_lookout *lookout = arg;

    (void)err;
    lookout->op = NULL;
    begin_round(lookout);
}

/* --- coming and going --- */

static struct ts_lookout *find(const struct ts_lookouts *lookouts, const char *org)
{
    struct ts_lookout *lookout;

    DL_FOREACH(lookouts->list, lookout)
    {
        if (ts_text_equal(lookout->org, org))
            return lookout;
    }
    return NULL;
}

static struct ts_lookout *lookout_new(struct ts_lookouts *lookouts, const char *org)
{
    struct ts_lookout *lookout = ts_alloc(sizeof(*lookout));

    *lookout =
        (struct ts_lookout){.lookouts = lookouts, .org = ts_strdup(org), .hold_size = TS_ANY_SIZE};
    DL_APPEND(lookouts->list, lookout);
    rest(lookout);
    return lookout;
}

static void lookout_free(struct ts_lookout *lookout)
{
    DL_DELETE(lookout->lookouts->list, lookout);
    ts_op_cancel(&lookout->op);
    topic_done(&lookout->connection);
    topic_done(&lookout->hold);
    for (size_t i = 0; i < TS_NEWS_RUNS; i++)
        topic_done(&lookout->runs[i]);
    free(lookout->runs_now);
    free(lookout->runs_listed);
    free(lookout->place);
    free(lookout->org);
    free(lookout);
}

void ts_listener_join(struct ts_listener *listener, struct ts_lookouts *lookouts, const char *org,
                      const char *place)
{
    struct ts_lookout *lookout = find(lookouts, org);

    listener->lookout = lookout ? lookout : lookout_new(lookouts, org);
    listener->place = ts_strdup(place);
    DL_APPEND(listener->lookout->listeners, listener);
    listener->lookout->listener_count++;
    lookouts->listener_count++;
}

void ts_listener_leave(struct ts_listener *listener)
{
    struct ts_lookout *lookout = listener->lookout;

    DL_DELETE(lookout->listeners, listener);
    free(listener->place);
    lookout->lookouts->listener_count--;
    if (--lookout->listener_count == 0)
        lookout_free(lookout);
}

/* Who has just come, or is behind, does not wait for the rest to be over. */
void ts_listener_is_ready(struct ts_listener *listener)
{
    struct ts_lookout *lookout = listener->lookout;
    bool is_waiting = listener->heard == 0 || listener->has_more;

    listener->is_ready = true;
    if (is_waiting && lookout->is_resting) {
        ts_op_cancel(&lookout->op);
        begin_round(lookout);
    }
}

/* --- all of them --- */

struct ts_lookouts *ts_lookouts_new(const struct ts_flow_env *env)
{
    struct ts_lookouts *lookouts = ts_alloc(sizeof(*lookouts));

    lookouts->env = env;
    lookouts->room = TS_LISTENERS;
    return lookouts;
}

void ts_lookouts_free(struct ts_lookouts *lookouts)
{
    free(lookouts);
}

void ts_lookouts_set_room(struct ts_lookouts *lookouts, size_t room)
{
    lookouts->room = room;
}

bool ts_lookouts_has_room(const struct ts_lookouts *lookouts, const char *org)
{
    const struct ts_lookout *lookout = find(lookouts, org);

    return lookouts->listener_count < lookouts->room &&
           (!lookout || lookout->listener_count < TS_LISTENERS_OF_AN_ORG);
}

void ts_lookouts_close(struct ts_lookouts *lookouts)
{
    lookouts->room = 0;
    while (lookouts->list)
        lookouts->list->listeners->ops->end(lookouts->list->listeners);
}
