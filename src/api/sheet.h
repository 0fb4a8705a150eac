/* SPDX-License-Identifier: MIT */
/* A page for somebody who follows a link: what this is about, at most one button, and at most one
 * way on. It needs no script, asks nothing of other servers, and tells them nothing (its address
 * may hold a secret). */
#ifndef API_SHEET_H
#define API_SHEET_H

#include "api/exchange.h"

struct ts_sheet {
    const char *title;
    const char *text;   /* plain; each line is a paragraph */
    const char *button; /* what it says; NULL: none */
    const char *action; /* the path that it POSTs to */
    const char *link;   /* what it says; NULL: none */
    const char *target; /* the path that it leads to */
};
void ts_exchange_show(struct ts_exchange *x, int status, const struct ts_sheet *sheet);

#endif
