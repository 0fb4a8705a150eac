/* SPDX-License-Identifier: MIT */
/* The digest of what matters about a directory user, under the settings of a connection. */
#include "flow/person.h"

#include "teamsync/buf.h"
#include "teamsync/digest.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { CONTENT_MAX = 1 << 20, KEPT_BYTES = 8 };

static void add(struct ts_buf *content, const char *text)
{
    (void)ts_buf_addf(content, "%s\n", text ? text : "");
}

char *ts_fingerprint(const struct ts_directory_user *user, const struct ts_connection *connection,
                     char ret[TS_FINGERPRINT_TEXT])
{
    TS_AUTOFREE char *addresses = user ? ts_directory_user_addresses(user) : NULL;
    TS_AUTOFREE char *manager = user ? ts_text_fold_email(user->manager_email) : NULL;
    unsigned char digest[TS_SHA256_BYTES];
    struct ts_buf content;

    ts_buf_init(&content, CONTENT_MAX);
    (void)ts_buf_addf(&content, "1 %d %d\n", connection->may_suspend, connection->clear_missing);
    if (user) {
        (void)ts_buf_addf(&content, "%d %d\n", user->is_suspended, user->is_archived);
        add(&content, connection->team_from);
        add(&content, user->team);
        add(&content, manager);
        add(&content, addresses);
    }
    ts_sha256(content.data, content.len, digest);
    ts_buf_done(&content);
    ts_hex(digest, KEPT_BYTES, ret);
    return ret;
}
