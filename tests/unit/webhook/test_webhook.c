/* SPDX-License-Identifier: MIT */
/* Google's notifications over the real HTTP server: every answer of the contract, what is queued,
 * and what the outside may throw at the route. */
#include "loopback.h"

#include "teamsync/digest.h"
#include "teamsync/text.h"
#include "teamsync/webhook.h"

static const char right_token[] = "correct-horse-battery-staple";

struct world {
    struct loopback loopback;
    struct ts_registry registry;
    struct ts_queue queue;
    struct ts_webhook *webhook;
    struct ts_error channel_error; /* of get_channel; TS_OK: channel "c1" of acme is known */
    struct ts_error queue_error;
    struct ts_error note_error;
    enum ts_enqueued how;
    bool queue_is_held; /* enqueue does not answer until released */
    void *held;
    struct ts_op held_op;
    unsigned looked_up;
    unsigned queued;
    unsigned noted;
    struct ts_job *job; /* the last one */
    char *looked_for;
};

struct call {
    struct world *world;
    void (*cb)(void);
    void *arg;
    bool is_known;
};

static struct call *call_of(struct world *world, void (*cb)(void), void *arg)
{
    struct call *call = ts_alloc(sizeof(*call));

    *call = (struct call){.world = world, .cb = cb, .arg = arg};
    return call;
}

/* --- the fake ports --- */

static void answer_channel(void *arg)
{
    struct call *call = arg;
    struct ts_error unknown = ts_error_make(TS_NOT_FOUND, "there is no such channel");
    struct ts_error err = call->world->channel_error;
    struct ts_channel channel = {.id = "c1", .org = "acme"};

    ts_sha256(right_token, strlen(right_token), channel.token_digest);
    if (err.cls == TS_OK && !call->is_known)
        err = unknown;
    ((ts_channel_cb *)call->cb)(&err, err.cls == TS_OK ? &channel : NULL, call->arg);
}

static struct ts_op *get_channel(struct ts_registry *port, const char *id, ts_channel_cb *cb,
                                 void *arg)
{
    struct world *world = TS_CONTAINER_OF(port, struct world, registry);
    struct call *call = call_of(world, (void (*)(void))cb, arg);

    world->looked_up++;
    free(world->looked_for);
    world->looked_for = ts_strdup(id);
    call->is_known = strcmp(id, "c1") == 0;
    return late_start(world->loopback.loop, answer_channel, call);
}

static void answer_note(void *arg)
{
    struct call *call = arg;

    ((ts_done_cb *)call->cb)(&call->world->note_error, call->arg);
}

static struct ts_op *note_push(struct ts_registry *port, const char *org, ts_done_cb *cb, void *arg)
{
    struct world *world = TS_CONTAINER_OF(port, struct world, registry);

    assert_string_equal(org, "acme");
    world->noted++;
    return late_start(world->loopback.loop, answer_note, call_of(world, (void (*)(void))cb, arg));
}

static void answer_enqueued(void *arg)
{
    struct call *call = arg;
    const struct ts_error *err = &call->world->queue_error;

    ((ts_enqueued_cb *)call->cb)(err, call->world->how, err->cls == TS_OK ? "7-0" : NULL,
                                 call->arg);
}

static void cancel_held(struct ts_op *op)
{
    struct world *world = TS_CONTAINER_OF(op, struct world, held_op);

    free(TS_STEAL(world->held));
}

static struct ts_op *enqueue(struct ts_queue *port, const struct ts_job *job, ts_enqueued_cb *cb,
                             void *arg)
{
    struct world *world = TS_CONTAINER_OF(port, struct world, queue);
    struct call *call = call_of(world, (void (*)(void))cb, arg);

    world->queued++;
    free(world->job);
    world->job = ts_job_dup(job);
    if (!world->queue_is_held)
        return late_start(world->loopback.loop, answer_enqueued, call);
    world->held = call;
    world->held_op.cancel = cancel_held;
    return &world->held_op;
}

static const struct ts_registry_ops registry_ops = {.get_channel = get_channel,
                                                    .note_push = note_push};
static const struct ts_queue_ops queue_ops = {.enqueue = enqueue};

static struct world *world_new(void)
{
    struct world *world = ts_alloc(sizeof(*world));

    ts_metrics_reset();
    loopback_open(&world->loopback);
    world->registry.ops = &registry_ops;
    world->queue.ops = &queue_ops;
    world->webhook = ts_webhook_new(&world->registry, &world->queue);
    ts_webhook_add_routes(world->webhook, world->loopback.server);
    return world;
}

static void world_free(struct world *world)
{
    ts_http_server_free(world->loopback.server);
    ts_webhook_free(world->webhook);
    ts_loop_free(world->loopback.loop);
    free(world->job);
    free(world->looked_for);
    free(world);
}

/* --- a notification --- */

struct sent {
    const char *channel; /* NULL: no such header */
    const char *token;
    const char *state;
    const char *body;
    size_t body_length; /* 0: that of the text */
};

static const struct sent good = {.channel = "c1",
                                 .token = right_token,
                                 .state = "update",
                                 .body = "{\"kind\":\"admin#directory#user\",\"id\":\"1078\"}"};

static void add_header(struct ts_buf *out, const char *name, const char *value)
{
    if (value)
        (void)ts_buf_addf(out, "%s: %s\r\n", name, value);
}

static void write_request(const struct sent *sent, struct ts_buf *out)
{
    const char *body = sent->body ? sent->body : "";
    size_t length = sent->body_length ? sent->body_length : strlen(body);

    ts_buf_init(out, 4 << 20);
    (void)ts_buf_add_text(out, "POST /webhooks/google-workspace HTTP/1.1\r\nHost: x\r\n"
                               "Connection: close\r\nX-Goog-Message-Number: 2\r\n");
    add_header(out, "X-Goog-Channel-ID", sent->channel);
    add_header(out, "X-Goog-Channel-Token", sent->token);
    add_header(out, "X-Goog-Resource-State", sent->state);
    (void)ts_buf_addf(out, "Content-Length: %zu\r\n\r\n", length);
    (void)ts_buf_add(out, body, length);
}

static struct answer *notify(struct world *world, const struct sent *sent)
{
    struct ts_buf request;
    struct answer *answer;

    write_request(sent, &request);
    answer = ask_bytes(&world->loopback, false, request.data, request.len);
    ts_buf_done(&request);
    return answer;
}

static bool is_counted(const char *result)
{
    TS_AUTOFREE char *line = ts_format("teamsync_notifications_total{result=\"%s\"} 1\n", result);

    return metrics_show(line);
}

/* --- tests --- */

static void test_a_notification_becomes_a_job_and_204(void **state)
{
    struct world *world = world_new();
    uint64_t before_us = ts_wall_us();
    TS_AUTOFREE struct answer *answer = notify(world, &good);

    (void)state;
    assert_int_equal(answer->status, 204);
    assert_string_equal(body_of(answer), "");
    assert_int_equal(world->queued, 1);
    assert_int_equal(world->job->type, TS_JOB_USER);
    assert_string_equal(world->job->org, "acme");
    assert_string_equal(world->job->user, "1078");
    assert_string_equal(world->job->cause, "push");
    assert_true(world->job->received_us >= before_us && world->job->received_us <= ts_wall_us());
    assert_true(TEST_WAIT(world->loopback.loop, world->noted == 1));
    assert_true(is_counted("queued"));
    world_free(world);
}

static void test_204_waits_until_the_job_is_in_redis(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ts_alloc(sizeof(*answer));
    struct ts_buf request;
    int line;

    (void)state;
    world->queue_is_held = true;
    write_request(&good, &request);
    line = client_send(&world->loopback, false, request.data, request.len);
    ts_buf_done(&request);
    assert_true(TEST_WAIT(world->loopback.loop, world->held != NULL));
    for (int i = 0; i < 20; i++)
        ts_loop_turn(world->loopback.loop, 1);
    assert_false(client_receive(line, answer));
    assert_int_equal(answer->length, 0);
    assert_int_equal(world->noted, 0);

    TS_AUTOFREE struct call *call = TS_STEAL(world->held);

    answer_enqueued(call);
    client_finish(&world->loopback, line, answer);
    assert_int_equal(answer->status, 204);
    world_free(world);
}

static void test_a_coalesced_notification_is_accepted_too(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    world->how = TS_COALESCED;
    answer = notify(world, &good);
    assert_int_equal(answer->status, 204);
    assert_true(is_counted("coalesced"));
    world_free(world);
}

static void test_the_sync_message_is_noted_and_queues_nothing(void **state)
{
    static const char *const words[] = {"sync", "SYNC", "Sync"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        struct world *world = world_new();
        struct sent sent = {.channel = "c1", .token = right_token, .state = words[i]};
        TS_AUTOFREE struct answer *answer = notify(world, &sent);

        assert_int_equal(answer->status, 204);
        assert_int_equal(world->queued, 0);
        assert_true(TEST_WAIT(world->loopback.loop, world->noted == 1));
        assert_true(is_counted("sync"));
        world_free(world);
    }
}

static void test_every_event_is_the_same_hint(void **state)
{
    static const char *const events[] = {"add",    "delete",    "makeAdmin", "undelete",
                                         "UPDATE", "surprise!", NULL};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(events); i++) {
        struct world *world = world_new();
        struct sent sent = good;
        TS_AUTOFREE struct answer *answer = NULL;

        sent.state = events[i];
        answer = notify(world, &sent);
        assert_int_equal(answer->status, 204);
        assert_string_equal(world->job->user, "1078");
        assert_string_equal(world->job->cause, "push");
        world_free(world);
    }
}

static void test_a_note_that_fails_changes_nothing_for_google(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    world->note_error = ts_error_make(TS_RETRY, "redis: no connection");
    answer = notify(world, &good);
    assert_int_equal(answer->status, 204);
    assert_true(TEST_WAIT(world->loopback.loop, world->noted == 1));
    world_free(world);
}

#define X10(text) text text text text text text text text text text
#define ID_64     X10("abcdef") "ABCD"

static void test_what_makes_no_sense_is_refused(void **state)
{
    static const struct refusal {
        const char *what;
        struct sent sent;
        int status;
        const char *result;
    } refusals[] = {
        {"no channel", {NULL, right_token, "update", "{\"id\":\"1\"}", 0}, 400, "malformed"},
        {"an empty channel", {"", right_token, "update", "{\"id\":\"1\"}", 0}, 400, "malformed"},
        {"a channel of 65", {ID_64 "x", right_token, "update", "{}", 0}, 400, "malformed"},
        {"a channel with a control", {"c\x01", right_token, "update", "{}", 0}, 400, "malformed"},
        {"a channel that is not UTF-8", {"c\xff", right_token, "", "{}", 0}, 400, "malformed"},
        {"an unknown channel", {"c2", right_token, "update", "{}", 0}, 404, "unknown_channel"},
        {"a channel of 64", {ID_64, right_token, "update", "{}", 0}, 404, "unknown_channel"},
        {"no token", {"c1", NULL, "update", "{\"id\":\"1\"}", 0}, 403, "wrong_token"},
        {"an empty token", {"c1", "", "update", "{\"id\":\"1\"}", 0}, 403, "wrong_token"},
        {"another token", {"c1", "guess", "update", "{\"id\":\"1\"}", 0}, 403, "wrong_token"},
        {"a wrong token's sync", {"c1", "guess", "sync", "", 0}, 403, "wrong_token"},
        {"no body", {"c1", right_token, "update", "", 0}, 400, "malformed"},
        {"half a body", {"c1", right_token, "update", "{\"id\":", 0}, 400, "malformed"},
        {"an array", {"c1", right_token, "update", "[\"1\"]", 0}, 400, "malformed"},
        {"a text", {"c1", right_token, "update", "\"1078\"", 0}, 400, "malformed"},
        {"null", {"c1", right_token, "update", "null", 0}, 400, "malformed"},
        {"no id", {"c1", right_token, "update", "{\"kind\":\"x\"}", 0}, 400, "malformed"},
        {"an id that is null", {"c1", right_token, "update", "{\"id\":null}", 0}, 400, "malformed"},
        {"an id in digits", {"c1", right_token, "update", "{\"id\":1078}", 0}, 400, "malformed"},
        {"an id in a list", {"c1", right_token, "update", "{\"id\":[\"1\"]}", 0}, 400, "malformed"},
        {"an empty id", {"c1", right_token, "update", "{\"id\":\"\"}", 0}, 400, "malformed"},
        {"an address", {"c1", right_token, "update", "{\"id\":\"a@b\"}", 0}, 400, "malformed"},
        {"a path", {"c1", right_token, "update", "{\"id\":\"../x\"}", 0}, 400, "malformed"},
        {"an id of 65", {"c1", right_token, "", "{\"id\":\"" ID_64 "x\"}", 0}, 400, "malformed"},
        {"an escaped NUL",
         {"c1", right_token, "update", "{\"id\":\"1\\u00002\"}", 0},
         400,
         "malformed"},
        {"a NUL byte", {"c1", right_token, "update", "{\"id\":\"1\0002\"}", 12}, 400, "malformed"},
        {"not UTF-8", {"c1", right_token, "", "{\"id\":\"\xff\xfe\"}", 0}, 400, "malformed"},
        {"two documents", {"c1", right_token, "", "{\"id\":\"1\"}{}", 0}, 400, "malformed"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(refusals); i++) {
        const struct refusal *refusal = &refusals[i];
        struct world *world = world_new();
        TS_AUTOFREE struct answer *answer = notify(world, &refusal->sent);

        if (answer->status != refusal->status || !is_counted(refusal->result))
            print_error("%s: %s\n", refusal->what, answer->text);
        assert_int_equal(answer->status, refusal->status);
        assert_true(answer_has(answer, "application/problem+json"));
        assert_true(is_counted(refusal->result));
        assert_int_equal(world->queued, 0);
        world_free(world);
    }
}

static void test_an_id_of_64_is_the_longest(void **state)
{
    struct world *world = world_new();
    struct sent sent = good;
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    sent.body = "{\"id\":\"" ID_64 "\"}";
    answer = notify(world, &sent);
    assert_int_equal(answer->status, 204);
    assert_string_equal(world->job->user, ID_64);
    world_free(world);
}

static void test_a_long_body_is_413_and_nobody_is_asked(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        struct world *world = world_new();
        TS_AUTOFREE char *body = ts_alloc((64 << 10) + 2);
        TS_AUTOFREE struct answer *answer = NULL;
        struct sent sent = good;

        memset(body, ' ', (64 << 10) + over);
        memcpy(body, "{\"id\":\"1\"}", 10);
        sent.body = body;
        answer = notify(world, &sent);
        assert_int_equal(answer->status, over ? 413 : 204);
        assert_int_equal(world->looked_up, over ? 0 : 1);
        assert_true(is_counted(over ? "too_large" : "queued"));
        world_free(world);
    }
}

static void test_redis_away_and_a_full_queue_are_503_with_a_time(void **state)
{
    (void)state;
    for (int at_queue = 0; at_queue < 2; at_queue++) {
        struct world *world = world_new();
        TS_AUTOFREE struct answer *answer = NULL;

        *(at_queue ? &world->queue_error : &world->channel_error) =
            ts_error_make(TS_RETRY, "redis: no connection");
        answer = notify(world, &good);
        assert_int_equal(answer->status, 503);
        assert_true(answer_has(answer, "Retry-After: 5\r\n"));
        assert_true(is_counted("unavailable"));
        assert_int_equal(world->noted, 0);
        world_free(world);
    }
}

/* Doubt about a channel (a broken record, say) lets nobody in. */
static void test_an_error_is_never_taken_for_an_answer(void **state)
{
    (void)state;
    for (enum ts_class cls = TS_RETRY; cls <= TS_INTERNAL; cls++) {
        struct world *world = world_new();
        TS_AUTOFREE struct answer *answer = NULL;

        world->channel_error = ts_error_make(cls, "trouble");
        answer = notify(world, &good);
        assert_int_equal(answer->status, 503);
        assert_int_equal(world->queued, 0);
        world_free(world);
    }
}

static void test_the_log_tells_of_a_refusal_but_never_the_token(void **state)
{
    struct world *world = world_new();
    struct captured captured = capture_log();
    struct sent sent = good;
    TS_AUTOFREE struct answer *answer = NULL;
    TS_AUTOFREE char *log = NULL;

    (void)state;
    sent.token = "almost-the-right-one";
    answer = notify(world, &sent);
    log = captured_log(&captured);
    assert_int_equal(answer->status, 403);
    assert_non_null(strstr(log, "result=wrong_token"));
    assert_non_null(strstr(log, "channel=c1"));
    assert_null(strstr(log, "almost-the-right-one"));
    assert_null(strstr(log, right_token));
    world_free(world);
}

static void test_stopping_answers_who_is_still_held(void **state)
{
    struct world *world = world_new();
    struct ts_buf request;
    int line;

    (void)state;
    world->queue_is_held = true;
    write_request(&good, &request);
    line = client_send(&world->loopback, false, request.data, request.len);
    ts_buf_done(&request);
    assert_true(TEST_WAIT(world->loopback.loop, world->held != NULL));
    world_free(world); /* the sanitizer finds what would be left behind */
    (void)close(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_notification_becomes_a_job_and_204),
        cmocka_unit_test(test_204_waits_until_the_job_is_in_redis),
        cmocka_unit_test(test_a_coalesced_notification_is_accepted_too),
        cmocka_unit_test(test_the_sync_message_is_noted_and_queues_nothing),
        cmocka_unit_test(test_every_event_is_the_same_hint),
        cmocka_unit_test(test_a_note_that_fails_changes_nothing_for_google),
        cmocka_unit_test(test_what_makes_no_sense_is_refused),
        cmocka_unit_test(test_an_id_of_64_is_the_longest),
        cmocka_unit_test(test_a_long_body_is_413_and_nobody_is_asked),
        cmocka_unit_test(test_redis_away_and_a_full_queue_are_503_with_a_time),
        cmocka_unit_test(test_an_error_is_never_taken_for_an_answer),
        cmocka_unit_test(test_the_log_tells_of_a_refusal_but_never_the_token),
        cmocka_unit_test(test_stopping_answers_who_is_still_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
