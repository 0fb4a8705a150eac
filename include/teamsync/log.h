/* SPDX-License-Identifier: MIT */
/* One line per event on standard error, as logfmt or JSON:
 *
 *   ts_log(TS_LOG_INFO, "member synced", "org", org, "member", id, NULL);
 *   -> time=2026-11-23T18:22:30.123Z level=info msg="member synced" job=17-0 org=acme member=m_1
 *
 * Fields are pairs of texts; a pair whose value is NULL is left out; values are escaped, so that
 * what comes from outside cannot forge a line. Levels: error = somebody must act; warning = it is
 * handled, the text ends in ", retrying" or the like; info = one line per outcome or change of
 * state; debug = steps. base, model, io and the adapters log nothing above debug: they report
 * errors, and the flow, the webhook, the api or the app says them once. Never log secrets. */
#ifndef TEAMSYNC_LOG_H
#define TEAMSYNC_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum ts_log_level { TS_LOG_ERROR, TS_LOG_WARNING, TS_LOG_INFO, TS_LOG_DEBUG };
enum ts_log_format { TS_LOG_LOGFMT, TS_LOG_JSON };

void ts_log_setup(enum ts_log_level level, enum ts_log_format format);
bool ts_log_is_on(enum ts_log_level level);
void ts_log(enum ts_log_level level, const char *message, ...) __attribute__((sentinel));

/* The correlation id (a job's id) that every line carries until it is set to NULL. Copied. */
void ts_log_set_job(const char *job_id);

/* For lines that others can cause as often as they like: at most ten a second of one kind. True:
 * say it, and in `*ret_left_out` how many were not said since. All zeros to begin with. */
struct ts_log_room {
    uint64_t since_ms;
    unsigned said;
    unsigned left_out;
};
bool ts_log_has_room(struct ts_log_room *room, uint64_t now_ms, unsigned *ret_left_out);

#endif
