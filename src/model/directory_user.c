/* SPDX-License-Identifier: MIT */
/* Directory users: copies, and the addresses they answer to. */
#include "teamsync/directory_user.h"

#include "teamsync/buf.h"
#include "teamsync/plan.h"
#include "teamsync/text.h"

#include <string.h>

enum { ADDRESSES_MAX_BYTES = 16 << 10 };

static size_t bytes_of(const struct ts_directory_user *user)
{
    size_t bytes = sizeof(*user) + user->alias_count * sizeof(char *);

    for (size_t i = 0; i < user->alias_count; i++)
        bytes += ts_packed_bytes(user->aliases[i]);
    return bytes + ts_packed_bytes(user->id) + ts_packed_bytes(user->etag) +
           ts_packed_bytes(user->primary_email) + ts_packed_bytes(user->manager_email) +
           ts_packed_bytes(user->team) + ts_packed_bytes(user->name);
}

struct ts_directory_user *ts_directory_user_dup(const struct ts_directory_user *user)
{
    struct ts_directory_user *copy;
    const char **aliases;
    char *tail;

    if (!user)
        return NULL;
    copy = ts_alloc(bytes_of(user));
    aliases = (const char **)(copy + 1);
    tail = (char *)(aliases + user->alias_count);
    *copy = *user;
    copy->aliases = aliases;
    for (size_t i = 0; i < user->alias_count; i++)
        aliases[i] = ts_pack_text(&tail, user->aliases[i]);
    copy->id = ts_pack_text(&tail, user->id);
    copy->etag = ts_pack_text(&tail, user->etag);
    copy->primary_email = ts_pack_text(&tail, user->primary_email);
    copy->manager_email = ts_pack_text(&tail, user->manager_email);
    copy->team = ts_pack_text(&tail, user->team);
    copy->name = ts_pack_text(&tail, user->name);
    return copy;
}

/* Whether `word` stands in the blank-separated `list`. */
static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ') {
        if (strcspn(at, " ") == length && strncmp(at, word, length) == 0)
            return true;
    }
    return false;
}

static void add_address(struct ts_buf *list, const char *address)
{
    TS_AUTOFREE char *folded = ts_text_fold_email(address);

    if (*folded && !is_listed(list->data, folded))
        (void)ts_buf_addf(list, "%s%s", list->len ? " " : "", folded);
}

char *ts_directory_user_addresses(const struct ts_directory_user *user)
{
    struct ts_buf list;

    ts_buf_init(&list, ADDRESSES_MAX_BYTES);
    add_address(&list, user->primary_email);
    for (size_t i = 0; i < user->alias_count; i++)
        add_address(&list, user->aliases[i]);
    return list.data;
}
