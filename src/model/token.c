/* SPDX-License-Identifier: MIT */
/* The words of permissions. */
#include "teamsync/token.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"

#include <string.h>

enum { TEXT_MAX_BYTES = 100 };

/* By bit. */
static const char *const words[] = {"members:read", "members:manage", "integrations:manage",
                                    "operate"};

static unsigned parse_word(const char *word, size_t length)
{
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        if (strlen(words[i]) == length && strncmp(words[i], word, length) == 0)
            return 1u << i;
    }
    return 0;
}

unsigned ts_permission_parse(const char *word)
{
    return parse_word(word, strlen(word));
}

const char *ts_permission_name(unsigned permission)
{
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        if (permission == 1u << i)
            return words[i];
    }
    return NULL;
}

unsigned ts_permissions_parse(const char *text)
{
    unsigned permissions = 0;

    for (const char *at = text ? text : ""; *at; at += strcspn(at, " ,"), at += strspn(at, " ,"))
        permissions |= parse_word(at, strcspn(at, " ,"));
    return permissions;
}

char *ts_permissions_text(unsigned permissions)
{
    struct ts_buf text;

    ts_buf_init(&text, TEXT_MAX_BYTES);
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        if (permissions & (1u << i))
            (void)ts_buf_addf(&text, "%s%s", text.len ? " " : "", words[i]);
    }
    return text.data;
}
