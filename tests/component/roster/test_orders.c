/* SPDX-License-Identifier: MIT */
/* The orders of an org's members: how they sort, how they are walked while members change, and that
 * they say what the members say, whatever has happened. */
#include "component/roster/roster_run.h"

#include <inttypes.h>

/* --- members with a name and a team --- */

static struct ts_member *put(const char *email, const char *name, const char *team)
{
    struct ts_member *member = create(&(struct ts_new_member){
        .org = "acme", .email = email, .name = name, .team = team, .is_active = true});

    assert_non_null(member);
    return member;
}

static void on_decided(const struct ts_error *err, const struct ts_member *member,
                       const char *const *warnings, size_t count, void *arg)
{
    (void)warnings;
    (void)count;
    on_member(err, member, arg);
}

static void on_done(const struct ts_error *err, void *arg)
{
    (void)arg;
    note(err);
}

static void edit(const char *id, const struct ts_member_edit *wanted)
{
    struct ts_decision decision = {.org = "acme", .member_id = id, .by = "ops"};

    await_answer(w.roster->ops->edit(w.roster, &decision, wanted, on_decided, NULL));
    assert_int_equal(w.err.cls, TS_OK);
}

static void suspend(const char *id, bool is_lifted)
{
    struct ts_decision decision = {.org = "acme", .member_id = id, .by = "ops"};

    await_answer((is_lifted ? w.roster->ops->unsuspend
                            : w.roster->ops->suspend)(w.roster, &decision, on_decided, NULL));
    assert_int_equal(w.err.cls, TS_OK);
}

static void drop(const char *id)
{
    struct ts_decision decision = {.org = "acme", .member_id = id, .by = "ops"};

    await_answer(w.roster->ops->remove(w.roster, &decision, on_done, NULL));
    assert_int_equal(w.err.cls, TS_OK);
}

/* --- teams and summary, as texts --- */

static void on_teams(const struct ts_error *err, const struct ts_team *teams, size_t count,
                     const char *next_cursor, void *arg)
{
    struct ts_buf list;

    (void)arg;
    note(err);
    ts_buf_init(&list, 1 << 16);
    for (size_t i = 0; i < count; i++)
        (void)ts_buf_addf(&list, "%s%s:%" PRIu64, i ? " " : "", teams[i].name, teams[i].members);
    say(list.data ? list.data : ts_strdup(""));
    keep_cursor(next_cursor);
}

static const char *teams(const char *cursor, size_t limit)
{
    TS_AUTOFREE char *from = ts_strdup(cursor);

    await_answer(w.roster->ops->teams(w.roster, "acme", from, limit, on_teams, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    return w.text;
}

static struct ts_summary summary;

static void on_summary(const struct ts_error *err, const struct ts_summary *found, void *arg)
{
    (void)arg;
    note(err);
    if (found)
        summary = *found;
}

/* "1 2 3; 1 2 3 4 5 6" */
static const char *figures(void)
{
    const uint64_t *a = summary.of_status;
    const uint64_t *b = summary.of_sync;

    await_answer(w.roster->ops->summary(w.roster, "acme", on_summary, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    say(ts_format("%" PRIu64 " %" PRIu64 " %" PRIu64 "; %" PRIu64 " %" PRIu64 " %" PRIu64
                  " %" PRIu64 " %" PRIu64 " %" PRIu64,
                  a[0], a[1], a[2], b[0], b[1], b[2], b[3], b[4], b[5]));
    return w.text;
}

#define LIST_SOME(some, ...)                                                                       \
    list_those(&(struct ts_members_query){.org = "acme", .limit = (some), __VA_ARGS__})
#define BY_NAME  .order = TS_MEMBERS_BY_NAME
#define BY_EMAIL .order = TS_MEMBERS_BY_EMAIL
#define BY_TEAM  .order = TS_MEMBERS_BY_TEAM
#define BACKWARD .is_backward = true

/* --- how they sort --- */

static void put_a_few(void)
{
    free(put("z@x.io", "Ädam", "sales"));
    free(put("y@x.io", "adam b", "Élan"));
    free(put("B@x.io", NULL, NULL));
    free(put("x@x.io", "Zoë", "Sales"));
    free(put("a@x.io", "ÇELIK", "Sales"));
}

static void test_names_sort_as_people_sort_them(void **state)
{
    (void)state;
    put_a_few();
    assert_string_equal(LIST_THOSE(BY_NAME), "z@x.io y@x.io B@x.io a@x.io x@x.io");
    assert_null(w.cursor);
    assert_string_equal(LIST_THOSE(BY_NAME, BACKWARD), "x@x.io a@x.io B@x.io y@x.io z@x.io");
    assert_string_equal(LIST_THOSE(BY_EMAIL), "a@x.io B@x.io x@x.io y@x.io z@x.io");
    assert_string_equal(LIST_THOSE(BY_EMAIL, BACKWARD), "z@x.io y@x.io x@x.io B@x.io a@x.io");
    assert_string_equal(LIST_THOSE(), "z@x.io y@x.io B@x.io x@x.io a@x.io");
    assert_string_equal(LIST_THOSE(BACKWARD), "a@x.io x@x.io B@x.io y@x.io z@x.io");
}

static void test_teams_stand_together_and_who_has_none_behind_them(void **state)
{
    (void)state;
    put_a_few();
    assert_string_equal(LIST_THOSE(BY_TEAM), "y@x.io a@x.io x@x.io z@x.io B@x.io");
    assert_string_equal(LIST_THOSE(BY_TEAM, BACKWARD), "B@x.io z@x.io x@x.io a@x.io y@x.io");
    assert_string_equal(LIST_THOSE(BY_TEAM, .team = "Sales"), "a@x.io x@x.io");
    assert_string_equal(LIST_THOSE(BY_NAME, .team = "Sales", BACKWARD), "x@x.io a@x.io");
    assert_string_equal(LIST_THOSE(BY_EMAIL, .team = "Sales"), "a@x.io x@x.io");
    assert_string_equal(LIST_THOSE(BY_NAME, .team = "Sal"), "");
    assert_string_equal(teams(NULL, 9), "Élan:1 Sales:2 sales:1");
    assert_null(w.cursor);
    assert_string_equal(teams(NULL, 3), "Élan:1 Sales:2 sales:1");
    assert_null(w.cursor);
    assert_string_equal(teams(NULL, 1), "Élan:1");
    assert_string_equal(teams(w.cursor, 1), "Sales:2");
    assert_string_equal(teams(w.cursor, 1), "sales:1");
    assert_null(w.cursor);
}

static void test_letters_are_alike_whatever_their_case_and_accents(void **state)
{
    static const struct {
        const char *name;
        const char *sought; /* as its beginning */
        bool is_found;
    } cases[] = {
        {"Müller", "muller", true},
        {"Muller", "MÜLL", true},
        {"Straße", "strasse", true},
        {"STRASSE", "straß", true},
        {"Łódź", "lodz", true},
        {"Œuvre Ægir", "oeuvre aeg", true},
        {"Đặng Thị Hường", "dang thi huong", true},
        {"Ștefan Țăran", "stefan taran", true},
        {"İbrahim Işık", "ibrahim isik", true},
        {"Zoe\xcc\x88 B", "zoë b", true}, /* the accent is a letter of its own */
        {"ΑΘΗΝΆ ΓΙΏΡΓΟΣ", "αθηνα γιωργος", true},
        {"Пётр ЖУКОВ", "ПЕТР жуков", true},
        {"ԱՐԱՄ", "արամ", true},
        {"李小龙", "李小", true},
        {"Йод", "иод", false}, /* no accent, another letter */
        {"Adam", "Adán", false},
        {"a.b", "a.B", true},
        {"axb", "a.b", false}, /* no pattern of theirs */
        {"100%", "[0-9]", false},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct ts_member *one = put("one@x.io", cases[i].name, NULL);

        print_message("%s, %s\n", cases[i].name, cases[i].sought);
        assert_string_equal(LIST_THOSE(.text = cases[i].sought),
                            cases[i].is_found ? "one@x.io" : "");
        assert_string_equal(LIST_THOSE(.text = cases[i].sought, BY_TEAM),
                            cases[i].is_found ? "one@x.io" : "");
        drop(one->id);
    }
}

static void test_a_place_is_never_long(void **state)
{
    char name[5001];
    char team[5001];

    (void)state;
    for (size_t i = 0; i < 5000; i += 2) {
        memcpy(name + i, "ä", 2);
        memcpy(team + i, "\xc3\x9f", 2);
    }
    name[5000] = team[5000] = '\0';
    team[0] = name[0] = '\n';
    team[1] = name[1] = 'x';
    free(put("a@x.io", name, team));
    free(put("b@x.io", name, team));
    TS_AUTOFREE char *first = ts_strdup(LIST_SOME(1, BY_TEAM));

    assert_true(ts_text_is_email(first));
    assert_true(strlen(w.cursor) < 1000);
    assert_string_equal(LIST_SOME(1, BY_TEAM, .cursor = w.cursor),
                        *first == 'a' ? "b@x.io" : "a@x.io");
    assert_null(w.cursor);
    (void)teams(NULL, 9);
    assert_true(strlen(w.text) < 210 && ts_text_starts_with(w.text, " xß"));
    assert_non_null(strstr(w.text, "ß:2"));
}

/* --- pages, while members change --- */

static void test_a_page_goes_on_where_the_last_one_ended_whoever_moves(void **state)
{
    static const enum ts_members_order orders[] = {TS_MEMBERS_BY_NAME, TS_MEMBERS_BY_EMAIL,
                                                   TS_MEMBERS_BY_TEAM};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(orders); i++) {
        free(test_redis_cli(server, "FLUSHALL"));
        free(test_redis_cli(server, "HSET teamsync:org:acme name Acme"));
        TS_AUTOFREE struct ts_member *a = put("a@x.io", "a", "a");
        TS_AUTOFREE struct ts_member *b = put("b@x.io", "b", "b");
        TS_AUTOFREE struct ts_member *c = put("c@x.io", "c", "c");
        TS_AUTOFREE struct ts_member *d = put("d@x.io", "d", "d");

        assert_string_equal(LIST_SOME(2, .order = orders[i]), "a@x.io b@x.io");
        drop(b->id); /* the one at whom the page ended */
        suspend(a->id, /* is_lifted= */ false);
        suspend(c->id, /* is_lifted= */ false);
        free(put("aa@x.io", "aa", "aa"));
        assert_string_equal(LIST_SOME(1, .order = orders[i], .cursor = w.cursor), "c@x.io");
        suspend(d->id, /* is_lifted= */ false);
        assert_string_equal(LIST_SOME(9, .order = orders[i], .cursor = w.cursor), "d@x.io");
        assert_null(w.cursor);
        assert_string_equal(LIST_SOME(2, .order = orders[i], BACKWARD), "d@x.io c@x.io");
        assert_string_equal(LIST_THOSE(.order = orders[i], BACKWARD, .cursor = w.cursor),
                            "aa@x.io a@x.io");
    }
}

static void test_who_is_rare_is_found_at_once(void **state)
{
    (void)state;
    free(test_redis_cli(
        server, "EVAL \"for i = 1, 12000 do local id = 'm_' .. i; "
                "redis.call('HSET', 'teamsync:member:acme:' .. id, 'id', id, 'email', "
                "'u' .. i .. '@x.io', 'status', i %% 4000 == 1 and 'suspended' or 'active', "
                "'team', i %% 5000 == 0 and 'Rare' or 'All', 'sync_state', 'synced'); "
                "redis.call('ZADD', 'teamsync:order:acme', i, id) end\" 0"));
    assert_string_equal(LIST_THOSE(BY_NAME, .status = "suspended"),
                        "u1@x.io u4001@x.io u8001@x.io");
    assert_null(w.cursor);
    assert_string_equal(LIST_THOSE(BY_EMAIL, .sync = "held"), "");
    assert_null(w.cursor);
    assert_string_equal(LIST_THOSE(BY_NAME, .team = "Rare"), "u10000@x.io u5000@x.io");
    assert_null(w.cursor);
    assert_string_equal(LIST_THOSE(BY_NAME, .text = "u9999@"), ""); /* behind the first ones: */
    assert_string_equal(LIST_THOSE(BY_NAME, .text = "u9999@", .cursor = w.cursor), "");
    assert_string_equal(LIST_THOSE(BY_NAME, .text = "u9999@", .cursor = w.cursor), "u9999@x.io");
}

/* --- orgs that are older than the orders, or were written by others --- */

static void test_an_org_without_orders_gets_them_when_it_is_asked(void **state)
{
    (void)state;
    free(test_redis_cli(
        server, "EVAL \"for i = 1, 2500 do local id = 'm_' .. i; "
                "redis.call('HSET', 'teamsync:member:acme:' .. id, 'id', id, 'email', "
                "'u' .. i .. '@x.io', 'status', 'active', 'sync_state', 'synced', 'team', 'T'); "
                "redis.call('ZADD', 'teamsync:order:acme', i, id) end\" 0"));
    edit("m_2000", &(struct ts_member_edit){.name = "Zuse", .team = ""}); /* is arranged at once */
    drop("m_1");
    assert_string_equal(figures(), "0 2499 0; 0 2499 0 0 0 0");
    free(test_redis_cli(server, "EVAL \"for _, key in ipairs(redis.call('KEYS', "
                                "'teamsync:order:acme:*')) do redis.call('DEL', key) end\" 0"));
    assert_string_equal(teams(NULL, 9), "T:2498");
    free(test_redis_cli(server, "EVAL \"for _, key in ipairs(redis.call('KEYS', "
                                "'teamsync:order:acme:*')) do redis.call('DEL', key) end\" 0"));
    assert_string_equal(LIST_SOME(2, BY_NAME, BACKWARD), "u2000@x.io u9@x.io");
    assert_string_equal(LIST_SOME(1, BY_TEAM, BACKWARD), "u2000@x.io");
}

static void test_orders_with_places_of_nobody_are_made_anew(void **state)
{
    TS_AUTOFREE struct ts_member *ada = put("ada@x.io", "Ada", "R&D");

    (void)state;
    free(put("bob@x.io", "Bob", "R&D"));
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s name Zoe team Law", ada->id));
    edit(ada->id, &(struct ts_member_edit){.name = "Cleo"}); /* she stands there twice now */
    assert_string_equal(LIST_THOSE(BY_NAME), "bob@x.io ada@x.io");
    assert_string_equal(teams(NULL, 9), "Law:1 R&D:1");
    assert_string_equal(figures(), "0 2 0; 2 0 0 0 0 0");
}

/* --- whatever happens --- */

enum { PEOPLE_MAX = 40, STEPS = 250 };

static const struct {
    const char *name;
    const char *folded;
} names[] = {{"Ada", "ada"},     {"Ädam", "adam"},      {"ada L", "ada l"}, {"Øyvind", "oyvind"},
             {"ÉCOLE", "ecole"}, {"Weiß", "weiss"},     {"ПЁТР", "петр"},   {"李", "李"},
             {"ada", "ada"},     {"R&D\xcc\x81", "r&d"}};
static const struct {
    const char *name;
    const char *folded;
} team_names[] = {
    {"Sales", "sales"}, {"SALES", "sales"}, {"Équipe", "equipe"}, {"", "\xff"}, {"Zoll", "zoll"}};

static uint64_t seed;

static size_t any(size_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % limit;
}

/* Everybody, as their hashes have them. */
static struct ts_member *people[PEOPLE_MAX + 1];
static size_t people_count;
static enum ts_members_order asked_order; /* as they are to be sorted */

static void on_people(const struct ts_error *err, const struct ts_member *members, size_t count,
                      const char *next_cursor, void *arg)
{
    (void)arg;
    (void)next_cursor;
    note(err);
    assert_int_equal(err->cls, TS_OK);
    for (size_t i = 0; i < people_count; i++)
        free(people[i]);
    assert_true(count <= PEOPLE_MAX);
    people_count = count;
    for (size_t i = 0; i < count; i++)
        people[i] = ts_member_dup(&members[i]);
}

static void look_at_everybody(void)
{
    struct ts_members_query query = {.org = "acme", .limit = 500};

    await_answer(w.roster->ops->list(w.roster, &query, on_people, NULL));
}

static const char *folded_name(const struct ts_member *member)
{
    for (size_t i = 0; member->name && i < TS_COUNT_OF(names); i++) {
        if (strcmp(member->name, names[i].name) == 0)
            return names[i].folded;
    }
    return member->email; /* all in lower case here */
}

static const char *folded_team(const struct ts_member *member)
{
    for (size_t i = 0; member->team && i < TS_COUNT_OF(team_names); i++) {
        if (strcmp(member->team, team_names[i].name) == 0)
            return team_names[i].folded;
    }
    return "\xff";
}

static int compare_people(const void *a, const void *b)
{
    const struct ts_member *one = *(struct ts_member *const *)a;
    const struct ts_member *other = *(struct ts_member *const *)b;
    int sign = 0;

    if (asked_order == TS_MEMBERS_BY_TEAM)
        sign = strcmp(folded_team(one), folded_team(other));
    if (asked_order == TS_MEMBERS_BY_TEAM && sign == 0)
        sign = strcmp(ts_text_or_empty(one->team), ts_text_or_empty(other->team));
    if (asked_order == TS_MEMBERS_BY_EMAIL)
        sign = strcmp(one->email, other->email);
    else if (sign == 0)
        sign = strcmp(folded_name(one), folded_name(other));
    return sign ? sign : strcmp(one->id, other->id);
}

static bool is_chosen(const struct ts_members_query *query, const struct ts_member *member)
{
    return (!query->status || strcmp(query->status, ts_member_status_name(member->status)) == 0) &&
           (!query->sync || strcmp(query->sync, ts_sync_state_name(member->sync_state)) == 0) &&
           (!query->team || ts_text_equal(query->team, member->team));
}

/* As the hashes say that the answer must be. */
static char *expected_list(const struct ts_members_query *query)
{
    struct ts_buf list;
    bool is_first = true;

    asked_order = query->order;
    qsort(people, people_count, sizeof(*people), compare_people);
    ts_buf_init(&list, 1 << 16);
    for (size_t i = 0; i < people_count; i++) {
        const struct ts_member *member = people[query->is_backward ? people_count - 1 - i : i];

        if (is_chosen(query, member)) {
            (void)ts_buf_addf(&list, "%s%s", is_first ? "" : " ", member->email);
            is_first = false;
        }
    }
    return list.data ? list.data : ts_strdup("");
}

/* All pages in one text. */
static char *whole_list(const struct ts_members_query *filters)
{
    struct ts_members_query query = *filters;
    char *whole = ts_strdup("");

    do {
        const char *page = list_those(&query);
        TS_AUTOFREE char *before = whole;

        assert_int_equal(w.err.cls, TS_OK);
        whole = ts_format("%s%s%s", before, *before && *page ? " " : "", page);
        query.cursor = w.cursor;
    } while (w.cursor);
    return whole;
}

static void assert_figures(void)
{
    struct ts_summary counted = {0};

    for (size_t i = 0; i < people_count; i++) {
        counted.of_status[people[i]->status]++;
        counted.of_sync[people[i]->sync_state]++;
    }
    (void)figures();
    assert_memory_equal(&summary, &counted, sizeof(counted));
    for (size_t i = 0; i < TS_MEMBER_STATUSES; i++) {
        TS_AUTOFREE char *kept = test_redis_cli(server, "HGET teamsync:counts:acme %s",
                                                ts_member_status_name((enum ts_member_status)i));

        assert_int_equal(strtoul(kept, NULL, 10), counted.of_status[i]);
    }
}

static void assert_teams(void)
{
    struct ts_buf list;
    TS_AUTOFREE char *expected = NULL;

    asked_order = TS_MEMBERS_BY_TEAM;
    qsort(people, people_count, sizeof(*people), compare_people);
    ts_buf_init(&list, 1 << 12);
    for (size_t i = 0, many = 0; i < people_count && people[i]->team; i++) {
        many++;
        if (i + 1 == people_count || !ts_text_equal(people[i]->team, people[i + 1]->team)) {
            (void)ts_buf_addf(&list, "%s%s:%zu", list.len ? " " : "", people[i]->team, many);
            many = 0;
        }
    }
    expected = list.data ? list.data : ts_strdup("");
    assert_string_equal(teams(NULL, 500), expected);
}

/* Each is as long as the list of members: nothing has to be mended when it is asked. */
static void assert_everybody_stands_once_in_each_order(void)
{
    ASSERT_REDIS("", "EVAL \"local many, wrong = redis.call('ZCARD', KEYS[1]), '' "
                     "for _, order in ipairs({'name', 'email', 'team'}) do local count = 0 "
                     "for _, key in ipairs(redis.call('KEYS', KEYS[1] .. ':' .. order .. ':*')) do "
                     "count = count + redis.call('ZCARD', key) end "
                     "if count ~= many then wrong = wrong .. order end end return wrong\" "
                     "1 teamsync:order:acme");
}

static void assert_the_orders_say_what_the_members_say(void)
{
    assert_everybody_stands_once_in_each_order();
    look_at_everybody();
    for (size_t order = TS_MEMBERS_BY_NAME; order <= TS_MEMBERS_BY_TEAM; order++) {
        struct ts_members_query query = {
            .org = "acme",
            .status = any(3)
                          ? NULL
                          : ts_member_status_name((enum ts_member_status)any(TS_MEMBER_STATUSES)),
            .sync = any(3) ? NULL : ts_sync_state_name((enum ts_sync_state)any(TS_SYNC_STATES)),
            .team = any(3) ? NULL : ts_text_or_null(team_names[any(TS_COUNT_OF(team_names))].name),
            .order = (enum ts_members_order)order,
            .is_backward = any(2),
            .limit = 1 + any(20),
        };
        TS_AUTOFREE char *expected = expected_list(&query);
        TS_AUTOFREE char *whole = whole_list(&query);

        assert_string_equal(whole, expected);
    }
    assert_figures();
    assert_teams();
}

/* --- what may happen --- */

static void somebody_comes(size_t number)
{
    TS_AUTOFREE char *email = ts_format("u%zu@x.io", number);
    const char *team = team_names[any(TS_COUNT_OF(team_names))].name;

    free(create(&(struct ts_new_member){.org = "acme",
                                        .email = email,
                                        .name = any(4) ? names[any(TS_COUNT_OF(names))].name : NULL,
                                        .team = ts_text_or_null(team),
                                        .is_active = any(3)}));
}

static void somebody_is_synced(const struct ts_member *member, bool is_gone)
{
    TS_AUTOFREE char *id =
        member->directory_id ? ts_strdup(member->directory_id) : ts_format("d_%s", member->id);
    AUTORUN run = {.is_gone = is_gone, .guard = {.min = 1, .percent = 10}};
    struct ts_directory_user user = user_of(id, member->email);

    if (is_gone && !member->directory_id)
        return;
    user.team = ts_text_or_null(team_names[any(TS_COUNT_OF(team_names))].name);
    user.manager_email = any(4) ? NULL : "late@x.io";
    user.is_suspended = any(4) ? TS_NO : TS_YES;
    start(&run, user);
    if (commit(&run) == TS_COMMIT_HELD) {
        run.rules.hold_suspensions = true;
        look(&run);
        assert_int_equal(commit(&run), TS_COMMITTED);
    }
}

static void on_hold(const struct ts_error *err, const struct ts_hold *hold, void *arg)
{
    (void)arg;
    note(err);
    say(ts_strdup(hold ? ts_text_or_empty(hold->digest) : ""));
}

static void on_count(const struct ts_error *err, uint64_t count, void *arg)
{
    (void)arg;
    (void)count;
    note(err);
}

static void the_hold_is_decided(void)
{
    struct ts_guard guard = {.min = 1, .percent = 10};

    await_answer(w.roster->ops->get_hold(w.roster, "acme", &guard, on_hold, NULL));
    TS_AUTOFREE char *digest = ts_strdup(w.text);

    await_answer(
        w.roster->ops->decide_hold(w.roster, "acme", digest, any(2), "ops", on_count, NULL));
}

static void on_unlinked(const struct ts_error *err, const char *next_cursor, void *arg)
{
    (void)arg;
    assert_null(next_cursor);
    note(err);
}

static void the_connection_leaves(void)
{
    free(test_redis_cli(server, "HSET teamsync:connection:acme state disconnected leaving 1"));
    await_answer(w.roster->ops->unlink(w.roster, "acme", NULL, on_unlinked, NULL));
    free(test_redis_cli(server, "DEL teamsync:connection:acme"));
}

static void on_invitation(const struct ts_error *err, const struct ts_invitation *invitation,
                          void *arg)
{
    (void)arg;
    (void)invitation;
    note(err);
}

static void an_invitation_is_accepted(const struct ts_member *member)
{
    await_answer(
        w.roster->ops->open_invitation(w.roster, "acme", member->id, "t", on_invitation, NULL));
    if (w.err.cls == TS_OK)
        await_answer(w.roster->ops->accept_invitation(w.roster, "t", on_invitation, NULL));
}

static void a_run_is_undone(const struct ts_member *member)
{
    if (member->suspended_us == 0)
        return;
    free(test_redis_cli(server, "HSET teamsync:run:acme:run_1 id run_1"));
    free(test_redis_cli(server, "ZADD teamsync:undo:acme:run_1 %" PRIu64 " %s",
                        member->suspended_us, member->id));
    await_answer(w.roster->ops->undo_run(w.roster, "acme", "run_1", "ops", on_count, NULL));
}

static void something_happens(size_t step)
{
    const struct ts_member *one = people_count ? people[any(people_count)] : NULL;
    size_t what = any(16);

    if (!one || (what < 3 && people_count < PEOPLE_MAX))
        somebody_comes(step);
    else if (what < 5)
        edit(one->id, &(struct ts_member_edit){.name = names[any(TS_COUNT_OF(names))].name});
    else if (what == 5)
        edit(one->id,
             &(struct ts_member_edit){.team = team_names[any(TS_COUNT_OF(team_names))].name});
    else if (what == 6)
        suspend(one->id, any(2));
    else if (what == 7)
        drop(one->id);
    else if (what < 11)
        somebody_is_synced(one, /* is_gone= */ false);
    else if (what == 11)
        somebody_is_synced(one, /* is_gone= */ true);
    else if (what == 12)
        the_hold_is_decided();
    else if (what == 13)
        an_invitation_is_accepted(one);
    else if (what == 14)
        a_run_is_undone(one);
    else if (any(5) == 0)
        the_connection_leaves();
}

static void test_the_orders_say_what_the_members_say_whatever_happens(void **state)
{
    (void)state;
    seed = ts_random_below(UINT32_MAX);
    print_message("seed %" PRIu64 "\n", seed);
    people_count = 0;
    for (size_t step = 0; step < STEPS; step++) {
        something_happens(step);
        assert_the_orders_say_what_the_members_say();
    }
    while (people_count > 0) {
        drop(people[0]->id);
        assert_the_orders_say_what_the_members_say();
    }
    ASSERT_REDIS("", "KEYS teamsync:order:*");
}

/* --- questions that get no answer --- */

static struct ts_op *ask_one(size_t which)
{
    const struct ts_roster_ops *ops = w.roster->ops;
    struct ts_members_query query = {.org = "acme", .order = TS_MEMBERS_BY_NAME, .limit = 9};

    switch (which) {
    case 0:
        return ops->list(w.roster, &query, on_members, NULL);
    case 1:
        return ops->teams(w.roster, "acme", NULL, 9, on_teams, NULL);
    case 2:
        return ops->summary(w.roster, "acme", on_summary, NULL);
    default:
        return NULL;
    }
}

static void test_what_is_cancelled_never_answers(void **state)
{
    struct ts_op *op;

    (void)state;
    free(test_redis_cli(server, "ZADD teamsync:order:acme 1 m_1")); /* nobody, never arranged */
    for (size_t which = 0; (op = ask_one(which)); which++) {
        ts_op_cancel(&op);
        for (int turns = 0; turns < 6; turns++) {
            w.answers = 0;
            op = ask_one(which);
            for (int turn = 0; turn < turns; turn++)
                ts_loop_turn(w.loop, 20);
            if (w.answers == 0)
                ts_op_cancel(&op);
            assert_string_equal(list("other", NULL, 1), ""); /* whatever was sent is answered */
            assert_true(w.answers <= 2);
        }
    }
}

static void test_a_redis_that_is_away_may_be_there_later(void **state)
{
    struct ts_op *op;

    (void)state;
    close_redis();
    test_redis_kill(server);
    open_redis(/* command_timeout_ms= */ 100);
    for (size_t which = 0; (op = ask_one(which)); which++) {
        await_answer(op);
        assert_int_equal(w.err.cls, TS_RETRY);
    }
    test_redis_restart(server);
}

static int forget_everybody(void **state)
{
    for (size_t i = 0; i < people_count; i++)
        free(people[i]);
    people_count = 0;
    return stop_server(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names_sort_as_people_sort_them),
        TEST(test_teams_stand_together_and_who_has_none_behind_them),
        TEST(test_letters_are_alike_whatever_their_case_and_accents),
        TEST(test_a_place_is_never_long),
        TEST(test_a_page_goes_on_where_the_last_one_ended_whoever_moves),
        TEST(test_who_is_rare_is_found_at_once),
        TEST(test_an_org_without_orders_gets_them_when_it_is_asked),
        TEST(test_orders_with_places_of_nobody_are_made_anew),
        TEST(test_the_orders_say_what_the_members_say_whatever_happens),
        TEST(test_what_is_cancelled_never_answers),
        TEST(test_a_redis_that_is_away_may_be_there_later),
    };

    return cmocka_run_group_tests(tests, start_server, forget_everybody);
}
