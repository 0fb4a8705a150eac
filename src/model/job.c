/* SPDX-License-Identifier: MIT */
/* Jobs: reading what anybody may have written into the stream, and when to try again. */
#include "teamsync/job.h"

#include "model/words.h"

#include "teamsync/connection.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum {
    FIELDS_MAX = 64,
    VALUE_MAX_BYTES = 200,
    USER_MAX_BYTES = 320,
    ATTEMPTS_MAX = 100000,
};

static const char *const type_words[] = {"user", "resync", "channels", "mail"};

const char *ts_job_type_name(enum ts_job_type type)
{
    return type_words[type];
}

#define JOB_TEXTS(X) X(id) X(org) X(user) X(member) X(cause) X(by) X(first_error)

struct ts_job *ts_job_dup(const struct ts_job *job)
{
    size_t bytes = sizeof(*job);
    struct ts_job *copy;
    char *tail;

    if (!job)
        return NULL;
#define ADD_BYTES(text) bytes += ts_packed_bytes(job->text);
    JOB_TEXTS(ADD_BYTES)
    copy = ts_alloc(bytes);
    tail = (char *)(copy + 1);
    *copy = *job;
#define PACK(text) copy->text = ts_pack_text(&tail, job->text);
    JOB_TEXTS(PACK)
    return copy;
}

bool ts_job_id_is_valid(const char *id)
{
    const char *dash = strchr(id, '-');
    TS_AUTOFREE char *first = dash ? ts_memdup_text(id, (size_t)(dash - id)) : NULL;
    uint64_t number;

    return first && ts_text_to_u64(first, &number) && ts_text_to_u64(dash + 1, &number);
}

/* --- reading a stream entry --- */

/* The fields a job has, in the order of `enum field`. */
static const char *const field_names[] = {
    "type",    "org",    "user",   "member",   "cause",       "by",         "mode",
    "attempt", "reread", "absent", "first_us", "received_us", "first_error"};
enum field {
    TYPE,
    ORG,
    USER,
    MEMBER,
    CAUSE,
    BY,
    MODE,
    ATTEMPT,
    REREAD,
    ABSENT,
    FIRST_US,
    RECEIVED_US,
    FIRST_ERROR,
    COUNT
};

static const char *check_value(const struct ts_job_field *field, enum field which)
{
    size_t limit = which == USER ? USER_MAX_BYTES : VALUE_MAX_BYTES;

    if (field->value_length > limit)
        return which == USER ? "field user is too long" : "a field is too long";
    if (strlen(field->value) != field->value_length || !ts_text_is_printable(field->value))
        return "a field is not printable text";
    return NULL;
}

/* The first value of every known field; others are ignored. */
static const char *collect(const struct ts_job_field *fields, size_t count,
                           const char *values[COUNT])
{
    for (size_t i = 0; i < count; i++) {
        size_t which;
        const char *reason;

        if (!ts_word_find(field_names, COUNT, fields[i].name, &which) || values[which])
            continue;
        reason = check_value(&fields[i], (enum field)which);
        if (reason)
            return reason;
        if (fields[i].value_length > 0)
            values[which] = fields[i].value;
    }
    return NULL;
}

static const char *read_numbers(const char *const values[COUNT], struct ts_job *job)
{
    uint64_t attempt = 0;
    uint64_t reread = 0;

    if ((values[ATTEMPT] && !ts_text_to_u64(values[ATTEMPT], &attempt)) || attempt > ATTEMPTS_MAX ||
        (values[REREAD] && !ts_text_to_u64(values[REREAD], &reread)) || reread > ATTEMPTS_MAX ||
        (values[FIRST_US] && !ts_text_to_u64(values[FIRST_US], &job->first_us)) ||
        (values[RECEIVED_US] && !ts_text_to_u64(values[RECEIVED_US], &job->received_us)))
        return "a number is not a number";
    job->attempt = (unsigned)attempt;
    job->reread = (unsigned)reread;
    return NULL;
}

static const char *check_user(const char *user)
{
    if (!user)
        return "field user is missing";
    return ts_text_is_id(user) || ts_text_is_email(user)
               ? NULL
               : "field user is neither an e-mail address nor a directory id";
}

static const char *check_member(const char *member)
{
    if (!member)
        return "field member is missing";
    return ts_text_is_id(member) ? NULL : "field member is not a member id";
}

/* Whom the job is about. */
static const char *check_subject(enum ts_job_type type, const char *const values[COUNT])
{
    if (type == TS_JOB_USER)
        return check_user(values[USER]);
    return type == TS_JOB_MAIL ? check_member(values[MEMBER]) : NULL;
}

static const char *read_mode(const char *mode, struct ts_job *job)
{
    job->is_preview = job->type == TS_JOB_RESYNC && mode && strcmp(mode, "preview") == 0;
    return !mode || strcmp(mode, "preview") == 0 || strcmp(mode, "apply") == 0 ? NULL
                                                                               : "unknown mode";
}

const char *ts_job_parse(const struct ts_job_field *fields, size_t count, struct ts_job *ret_job)
{
    const char *values[COUNT] = {0};
    struct ts_job job = {0};
    size_t type;
    const char *reason = count > FIELDS_MAX ? "too many fields" : collect(fields, count, values);

    if (reason)
        return reason;
    if (!values[TYPE])
        return "field type is missing";
    if (!ts_word_find(type_words, TS_COUNT_OF(type_words), values[TYPE], &type))
        return "unknown type";
    if (!values[ORG])
        return "field org is missing";
    if (!ts_org_id_is_valid(values[ORG]))
        return "field org is not an org id";
    job.type = (enum ts_job_type)type;
    reason = check_subject(job.type, values);
    if (!reason)
        reason = read_mode(values[MODE], &job);
    if (!reason)
        reason = read_numbers(values, &job);
    if (reason)
        return reason;
    job.org = values[ORG];
    job.user = job.type == TS_JOB_USER ? values[USER] : NULL;
    job.member = job.type == TS_JOB_MAIL ? values[MEMBER] : NULL;
    job.cause = values[CAUSE] ? values[CAUSE] : "manual";
    job.by = values[BY];
    job.seen_absent = ts_text_equal(values[ABSENT], "1");
    job.first_error = values[FIRST_ERROR];
    *ret_job = job;
    return NULL;
}

/* --- when to try again --- */

uint64_t ts_retry_delay_ms(unsigned attempt, uint64_t asked_ms, unsigned jitter)
{
    static const uint64_t minute = 60000;
    static const uint64_t longest = 6 * 3600000ull;
    uint64_t delay;

    if (attempt < 5)
        delay = 1000ull << attempt;
    else if (attempt < 5 + 9)
        delay = minute << (attempt - 5);
    else
        delay = longest;
    delay = delay > longest ? longest : delay;
    delay = delay < asked_ms ? asked_ms : delay;
    return delay + delay / 4 * jitter / 1000;
}
