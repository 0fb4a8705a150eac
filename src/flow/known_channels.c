/* SPDX-License-Identifier: MIT */
/* Copies of channels. */
#include "flow/known_channels.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

struct ts_known_channels ts_known_channels_keep(const struct ts_channel *channels, size_t count)
{
    struct ts_known_channels known = {.channels = ts_alloc(count * sizeof(known.channels[0])),
                                      .count = count};

    for (size_t i = 0; i < count; i++)
        known.channels[i] = (struct ts_known_channel){
            .id = ts_strdup(channels[i].id),
            .resource_id = ts_strdup(channels[i].resource_id),
            .event = ts_strdup(channels[i].event),
            .expiration_us = channels[i].expiration_us,
        };
    return known;
}

void ts_known_channels_done(struct ts_known_channels *known)
{
    for (size_t i = 0; i < known->count; i++) {
        free(known->channels[i].id);
        free(known->channels[i].resource_id);
        free(known->channels[i].event);
    }
    free(known->channels);
}

struct ts_known_channel *ts_known_channels_find(struct ts_known_channels *known, const char *event,
                                                uint64_t until_us)
{
    struct ts_known_channel *found = NULL;

    for (size_t i = 0; i < known->count; i++) {
        struct ts_known_channel *channel = &known->channels[i];

        if (channel->resource_id && channel->expiration_us > until_us &&
            ts_text_equal(channel->event, event)) {
            found = channel;
            until_us = channel->expiration_us;
        }
    }
    return found;
}

struct ts_known_channel *ts_known_channels_next(struct ts_known_channels *known)
{
    for (size_t i = 0; i < known->count; i++) {
        if (!known->channels[i].is_kept && !known->channels[i].is_closed)
            return &known->channels[i];
    }
    return NULL;
}
