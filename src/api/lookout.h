/* SPDX-License-Identifier: MIT */
/* What happens in an org, for whoever listens. However many do, one lookout looks what is new,
 * twice a second; where nobody listens, nobody looks. While that cannot be seen it goes on trying,
 * and then goes on where it was.
 *
 * A listener has a place of its own in the history, and hears what follows it when it is ready: so
 * nothing is kept for one that is slow, it only falls behind. How the org stands (its connection,
 * its hold, its last runs) it hears first, and again whenever that is another. */
#ifndef API_LOOKOUT_H
#define API_LOOKOUT_H

#include "teamsync/flow.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TS_LISTENERS_OF_AN_ORG = 200, TS_LISTENERS = 1000 };

struct ts_lookout;
struct ts_listener {
    struct ts_listener *prev, *next;
    const struct ts_listener_ops *ops;
    char *place;    /* an entry's id; NULL: the newest */
    uint64_t heard; /* how the org stood, up to that change of it; 0: nothing yet */
    unsigned round; /* in which it was looked for it */
    bool is_ready;  /* to hear more */
    bool has_more;
    struct ts_lookout *lookout;
};
struct ts_listener_ops {
    /* Some events. It is not ready, until it says so. */
    void (*tell)(struct ts_listener *listener, const char *text, size_t length);
    /* Nothing more will come: it has to leave now. */
    void (*end)(struct ts_listener *listener);
};

struct ts_lookouts;
struct ts_lookouts *ts_lookouts_new(const struct ts_flow_env *env);
void ts_lookouts_free(struct ts_lookouts *lookouts); /* when all have left; NULL is fine */
/* No more than so many listen at once. */
void ts_lookouts_set_room(struct ts_lookouts *lookouts, size_t room);
bool ts_lookouts_has_room(const struct ts_lookouts *lookouts, const char *org);
/* Ends them all; there is no room any more. */
void ts_lookouts_close(struct ts_lookouts *lookouts);

/* `place` NULL: hears what happens from now on. It is not ready yet. */
void ts_listener_join(struct ts_listener *listener, struct ts_lookouts *lookouts, const char *org,
                      const char *place);
void ts_listener_leave(struct ts_listener *listener);
void ts_listener_is_ready(struct ts_listener *listener);

#endif
