/* SPDX-License-Identifier: MIT */
/* The channels that the registry knew when we looked, kept while they are brought in line. */
#ifndef FLOW_KNOWN_CHANNELS_H
#define FLOW_KNOWN_CHANNELS_H

#include "teamsync/registry.h"

struct ts_known_channel {
    char *id;
    char *resource_id; /* NULL: its watch was never answered */
    char *event;       /* NULL: all */
    uint64_t expiration_us;
    bool is_kept;
    bool is_closed;
};

struct ts_known_channels {
    struct ts_known_channel *channels;
    size_t count;
};

struct ts_known_channels ts_known_channels_keep(const struct ts_channel *channels, size_t count);
void ts_known_channels_done(struct ts_known_channels *known);
/* The open one for this event that lives longest, if it does so beyond `until_us`; NULL: none. */
struct ts_known_channel *ts_known_channels_find(struct ts_known_channels *known, const char *event,
                                                uint64_t until_us);
/* The first that is not kept, and not closed yet; NULL: none. */
struct ts_known_channel *ts_known_channels_next(struct ts_known_channels *known);

#endif
