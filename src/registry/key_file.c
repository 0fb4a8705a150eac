/* SPDX-License-Identifier: MIT */
/* Reading the key file, and replacing it: under a lock on its folder, through a temporary file. */
#include "registry/key_file.h"

#include "teamsync/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    HEX_BYTES = 2 * TS_KEY_BYTES,
    LINE_BYTES = HEX_BYTES + 1,
    FILE_MAX_BYTES = TS_KEYS_MAX * LINE_BYTES
};

/* --- reading --- */

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

static bool parse_key(const char *text, unsigned char ret[TS_KEY_BYTES])
{
    for (size_t i = 0; i < TS_KEY_BYTES; i++) {
        int high = digit_of(text[2 * i]);
        int low = high < 0 ? -1 : digit_of(text[2 * i + 1]);

        if (low < 0)
            return false;
        ret[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

/* `text` ends with a NUL. Empty lines mean nothing. */
static int parse_keys(const char *text, struct ts_keys *ret)
{
    for (const char *line = text; *line; line += *line ? 1 : 0) {
        if (*line == '\n')
            continue;
        if (ret->count == TS_KEYS_MAX || !parse_key(line, ret->keys[ret->count]))
            return -EBADMSG;
        ret->count++;
        line += HEX_BYTES;
        if (*line && *line != '\n')
            return -EBADMSG;
    }
    return ret->count > 0 ? 0 : -EBADMSG;
}

static int read_keys(int file, struct ts_keys *ret)
{
    char text[FILE_MAX_BYTES + 2] = "";
    ssize_t length;
    int result = -EBADMSG;

    if (fstat(file, &ret->file) < 0)
        return -errno;
    if (ret->file.st_mode & 077)
        return -EPERM;
    length = read(file, text, sizeof(text) - 1);
    if (length < 0)
        result = -errno;
    else if (length <= FILE_MAX_BYTES)
        result = parse_keys(text, ret);
    explicit_bzero(text, sizeof(text));
    return result;
}

int ts_key_file_read(const char *path, struct ts_keys *ret)
{
    struct ts_keys keys = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int result;

    if (file < 0)
        return -errno;
    result = read_keys(file, &keys);
    (void)close(file);
    if (result == 0)
        *ret = keys;
    explicit_bzero(&keys, sizeof(keys));
    return result;
}

bool ts_key_file_has_changed(const char *path, const struct ts_keys *keys)
{
    const struct stat *then = &keys->file;
    struct stat now;

    return stat(path, &now) == 0 &&
           (now.st_dev != then->st_dev || now.st_ino != then->st_ino ||
            now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != then->st_mtim.tv_nsec);
}

/* --- replacing --- */

static void make_folders(const char *path)
{
    TS_AUTOFREE char *folder = ts_strdup(path);

    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0700); /* if it cannot be made, opening it will say so */
        *slash = '/';
    }
}

/* The folder of the file, locked until it is closed; or a negative errno. */
static int lock_folder(const char *path)
{
    TS_AUTOFREE char *name = ts_strdup(path);
    char *slash = strrchr(name, '/');
    int folder;

    if (slash)
        slash[slash == name ? 1 : 0] = '\0';
    folder = open(slash ? name : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -errno;
    while (flock(folder, LOCK_EX) < 0) {
        if (errno != EINTR) {
            int result = -errno;

            (void)close(folder);
            return result;
        }
    }
    return folder;
}

static int write_keys(int file, const struct ts_keys *keys)
{
    char text[FILE_MAX_BYTES + 1];
    ssize_t length = (ssize_t)keys->count * LINE_BYTES;
    int result = 0;

    for (size_t i = 0; i < keys->count; i++) {
        ts_hex(keys->keys[i], TS_KEY_BYTES, text + i * LINE_BYTES);
        text[i * LINE_BYTES + HEX_BYTES] = '\n';
    }
    errno = 0;
    if (write(file, text, (size_t)length) != length || fsync(file) < 0)
        result = errno ? -errno : -EIO;
    explicit_bzero(text, sizeof(text));
    return result;
}

/* The folder is locked: nobody else writes the temporary file, and what is there was left behind.
 */
static int replace(const char *path, int folder, const struct ts_keys *keys)
{
    TS_AUTOFREE char *fresh = ts_format("%s.new", path);
    int file;
    int result;

    (void)unlink(fresh);
    file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return -errno;
    result = write_keys(file, keys);
    (void)close(file);
    if (result == 0 && rename(fresh, path) < 0)
        result = -errno;
    if (result < 0)
        (void)unlink(fresh);
    else if (fsync(folder) < 0)
        result = -errno;
    return result;
}

/* What becomes of the keys in the file; a negative errno: nothing. */
typedef int key_change(struct ts_keys *keys, const unsigned char *first);

static int add_key(struct ts_keys *keys, const unsigned char *first)
{
    (void)first;
    if (keys->count == TS_KEYS_MAX)
        return -EMFILE;
    memmove(keys->keys[1], keys->keys[0], keys->count * TS_KEY_BYTES);
    ts_random_bytes(keys->keys[0], TS_KEY_BYTES);
    keys->count++;
    return 0;
}

static int make_key(struct ts_keys *keys, const unsigned char *first)
{
    return keys->count > 0 ? -EEXIST : add_key(keys, first);
}

static int keep_key(struct ts_keys *keys, const unsigned char *first)
{
    if (memcmp(keys->keys[0], first, TS_KEY_BYTES) != 0)
        return -EBUSY;
    keys->count = 1;
    return 0;
}

static int change_file(const char *path, key_change *change, const unsigned char *first,
                       struct ts_keys *ret)
{
    TS_AUTOFREE char *real = realpath(path, NULL); /* a link stays one */
    const char *file = real ? real : path;
    struct ts_keys keys = {0};
    int folder = lock_folder(file);
    int result;

    if (folder < 0)
        return folder;
    result = ts_key_file_read(file, &keys);
    if (result == 0 || (result == -ENOENT && change == make_key))
        result = change(&keys, first);
    if (result == 0)
        result = replace(file, folder, &keys);
    if (result == 0)
        result = ts_key_file_read(path, ret);
    (void)close(folder);
    explicit_bzero(&keys, sizeof(keys));
    return result;
}

int ts_key_file_read_or_make(const char *path, struct ts_keys *ret)
{
    int result = ts_key_file_read(path, ret);

    if (result != -ENOENT)
        return result;
    make_folders(path);
    result = change_file(path, make_key, NULL, ret);
    return result == -EEXIST ? ts_key_file_read(path, ret) : result; /* another one was faster */
}

int ts_key_file_add(const char *path, struct ts_keys *ret)
{
    return change_file(path, add_key, NULL, ret);
}

int ts_key_file_keep(const char *path, const unsigned char first[TS_KEY_BYTES], struct ts_keys *ret)
{
    return change_file(path, keep_key, first, ret);
}
