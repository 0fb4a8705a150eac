/* SPDX-License-Identifier: MIT */
/* What went wrong, across an operation: the class says what the caller may do about it. */
#ifndef TEAMSYNC_ERROR_H
#define TEAMSYNC_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum ts_class {
    TS_OK,        /* it worked */
    TS_NOT_FOUND, /* the thing asked for does not exist; the other side said so clearly */
    TS_RETRY,     /* may work later: timeouts, lost connections, quotas, 5xx */
    TS_AUTH,      /* our credentials or rights were refused; a person has to mend the connection */
    TS_REJECTED,  /* the request makes no sense to the other side; repeating it cannot help */
    TS_INTERNAL,  /* a defect on our side, or a reply nobody can understand */
};

/* A value, passed by pointer to callbacks and borrowed there. `text` is one line of English for
 * logs and operators; it never contains a secret or a body. `retry_after_ms` is what the other
 * side asked for, 0 when it asked for nothing. `is_untried`, with TS_RETRY: the other side was not
 * even asked, for that is not worth it just now, or it is not our turn. `code` is a constant word
 * for the cause, where there is one that a person can mend (directory.h); else NULL. */
struct ts_error {
    enum ts_class cls;
    uint32_t retry_after_ms;
    bool is_untried;
    const char *code;
    char text[160];
};

extern const struct ts_error ts_no_error;

struct ts_error ts_error_make(enum ts_class cls, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The class in lower case, as logs and metrics print it: "ok", "not_found", "retry", … */
const char *ts_class_name(enum ts_class cls);

#endif
