/* SPDX-License-Identifier: MIT */
/* An account in the directory, as far as the rules need it. */
#ifndef TEAMSYNC_DIRECTORY_USER_H
#define TEAMSYNC_DIRECTORY_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A directory may leave a flag out for a while (GOOGLE.md §D.7): absent is neither yes nor no. */
enum ts_tri { TS_UNKNOWN, TS_NO, TS_YES };

struct ts_directory_user {
    const char *id; /* immutable, never reused */
    const char *etag;
    const char *primary_email;  /* as written there; NULL when `is_deleted` */
    const char *const *aliases; /* `alias_count` further addresses of the same account */
    size_t alias_count;
    enum ts_tri is_suspended;
    enum ts_tri is_archived;
    enum ts_tri is_admin; /* only read when a connection is verified */
    bool is_deleted;      /* the directory said "deleted", in words; all else but `id` is empty */
    const char *manager_email; /* NULL: names no manager */
    const char *team;          /* NULL: names no team */
    const char *name;          /* in full; read for invitations only (rule 2.14), else NULL */
    uint64_t created_us;       /* likewise; 0: not known */
};

/* One block; release with free(). NULL stays NULL. */
struct ts_directory_user *ts_directory_user_dup(const struct ts_directory_user *user);

#endif
