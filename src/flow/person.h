/* SPDX-License-Identifier: MIT */
/* One person brought in line with the directory, as a part of a job's work: read, view, plan,
 * commit. A user job does it for the user it names; a full resync for each that differs from what
 * is stored.
 */
#ifndef FLOW_PERSON_H
#define FLOW_PERSON_H

#include "teamsync/connection.h"
#include "teamsync/flow.h"
#include "teamsync/job.h"
#include "teamsync/plan.h"

#include <stdbool.h>

/* What a plan was made from, and the plan, before it is followed. All borrowed. */
struct ts_person_look {
    const struct ts_directory_user *user; /* NULL: the directory does not know the id */
    const struct ts_view *view;
    const struct ts_plan *plan;
};
typedef void ts_person_look_cb(const struct ts_person_look *look, void *arg);

/* What is known and wanted. All borrowed, and outliving the operation. */
struct ts_person_task {
    const struct ts_connection *connection;
    const struct ts_job *job;
    const char *key;               /* an immutable id, or an address */
    const struct ts_lease *lease;  /* of the run that this is a part of: the job goes on; NULL: the
                                    * commit ends the job */
    const struct ts_later *reread; /* follows a commit that changed nothing; NULL: nothing does */
    bool was_absent;               /* the directory did not know the user some seconds ago */
    bool confirms_absence;         /* looks a second time by itself when it does not know them */
    bool is_dry;                   /* plans, and writes nothing */

    const struct ts_directory_user *listed; /* what a listing says; NULL: to be read by id. What is
                                             * doubtful about it is read by id all the same. */
    uint64_t listed_us;                     /* Redis TIME before that listing was asked for */
    bool trusts_new_links;                  /* the listing is proof enough to link somebody */

    const char *member_id;      /* nobody else is to be concerned; NULL: whoever it is */
    ts_person_look_cb *on_look; /* sees each plan; a later one takes its place. NULL: nobody does */
    void *on_look_arg;
};

enum ts_person_end {
    TS_PERSON_COMMITTED,  /* or, when dry, planned */
    TS_PERSON_NOBODY,     /* no member is concerned */
    TS_PERSON_ABSENT,     /* not known to the directory: to be looked at once more */
    TS_PERSON_INCOMPLETE, /* the directory left something out */
    TS_PERSON_STALE,      /* a newer read was committed before; the job is gone, if it was to end */
    TS_PERSON_OVERTAKEN,  /* the member was changed again and again meanwhile */
    TS_PERSON_LOST,       /* the job, or the lease, is another's */
    TS_PERSON_FAILED,     /* see `err` */
};

struct ts_person_result {
    enum ts_person_end end;
    struct ts_error err;   /* with FAILED */
    bool is_unread;        /* with FAILED: it is the directory that gave no answer */
    unsigned reads;        /* of single users */
    bool was_absent;       /* as in the task; an answer that the user exists ends it */
    const char *member_id; /* whom it concerned; NULL: nobody, or it was not found out */
    unsigned changed;      /* bits of enum ts_changed: what was, or would be, written */
    bool suspends;
    bool reinstates;
    bool is_held;               /* a suspension waits */
    bool is_invited;            /* with NOBODY: they are a member now */
    const struct ts_plan *plan; /* when dry and COMMITTED; borrowed */
};
typedef void ts_person_cb(const struct ts_person_result *result, void *arg);

struct ts_op *ts_person_start(const struct ts_flow_env *env, const struct ts_person_task *task,
                              ts_person_cb *cb, void *arg);

/* Adds how it ended to the figures of a run. */
void ts_person_count(const struct ts_person_result *result, struct ts_run *run);

/* What of a directory user the rules depend on, in 16 hexadecimal digits: while it is the same,
 * there is nothing to do. NULL: a deleted user. */
enum { TS_FINGERPRINT_TEXT = 17 };
char *ts_fingerprint(const struct ts_directory_user *user, const struct ts_connection *connection,
                     char ret[TS_FINGERPRINT_TEXT]);

#endif
