/* SPDX-License-Identifier: MIT */
/* One full resync: what it did, in figures. */
#ifndef TEAMSYNC_RUN_H
#define TEAMSYNC_RUN_H

#include <stdbool.h>
#include <stdint.h>

enum ts_run_state {
    TS_RUN_RUNNING,
    TS_RUN_DONE,
    TS_RUN_HELD,   /* it would have emptied a field of too many: nothing was written */
    TS_RUN_FAILED, /* nothing was concluded; `error` says why */
    TS_RUN_LOST,   /* its daemon died, or another run took the lease */
};
const char *ts_run_state_name(enum ts_run_state value);
bool ts_run_state_parse(const char *word, enum ts_run_state *ret);

/* X(name): the figures of a run. */
#define TS_RUN_FIGURES(X)                                                                          \
    X(pages)       /* of the listing */                                                            \
    X(users)       /* in it */                                                                     \
    X(reads)       /* of single users, as proof */                                                 \
    X(absent)      /* linked, but not in the listing */                                            \
    X(changed)     /* members that were written */                                                 \
    X(linked)      /* of these: matched for the first time */                                      \
    X(suspended)   /* of these */                                                                  \
    X(reinstated)  /* of these */                                                                  \
    X(held)        /* suspensions that wait for a person */                                        \
    X(invited)     /* newcomers who were no members */                                             \
    X(failed)      /* users that could not be read or written */                                   \
    X(corrections) /* changes that push should have delivered */

struct ts_run {
    const char *id; /* "run_…" */
    const char *org;
    const char *cause; /* of its job */
    const char *by;    /* who asked for it; NULL: nobody in particular */
    bool is_preview;
    enum ts_run_state state;
    const char *error; /* NULL: none */
    uint64_t started_us;
    uint64_t ended_us; /* 0: it runs */
    uint64_t next_us;  /* when the next one is due; 0: not known */
    uint64_t undone;   /* of its suspensions, lifted by a person */
#define TS_RUN_MEMBER(name) uint64_t name;
    TS_RUN_FIGURES(TS_RUN_MEMBER)
};

#endif
