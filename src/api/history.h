/* SPDX-License-Identifier: MIT */
/* What has changed in an org: which part of it is asked for, and how it is written down. */
#ifndef API_HISTORY_H
#define API_HISTORY_H

#include "api/exchange.h"

#include "teamsync/buf.h"
#include "teamsync/roster.h"

#include <stdbool.h>

/* ?member=&field=&since=&until=, borrowed from the request. False, and the request refused with
 * 400, when one of them makes no sense. */
bool ts_history_read_filters(struct ts_exchange *x, struct ts_history_query *ret_query);

/* CSV as in RFC 4180: a line that names the columns, then one for each entry. A spreadsheet would
 * take a text that begins with = + - @, a tab or a carriage return for a formula: such a text gets
 * an apostrophe in front. */
void ts_history_csv_begin(struct ts_buf *out);
void ts_history_csv_add(struct ts_buf *out, const struct ts_history_entry *entry);

/* An object a line (https://jsonlines.org). */
void ts_history_lines_add(struct ts_buf *out, const struct ts_history_entry *entry);

#endif
