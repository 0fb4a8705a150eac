/* SPDX-License-Identifier: MIT */
/* Sealed texts, the file with their keys, and how a new key takes over from the old ones. */
#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/seal.h"
#include "teamsync/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYS_MAX = 16, LINE_BYTES = 65 };

static char folder[64];
static char file[128];

/* --- the file --- */

static void write_file(const char *text, mode_t mode)
{
    int out = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    assert_true(out >= 0);
    assert_int_equal(fchmod(out, mode), 0);
    assert_int_equal(write(out, text, strlen(text)), strlen(text));
    (void)close(out);
}

static char *read_file(void)
{
    char *text = ts_alloc(4096);
    int in = open(file, O_RDONLY | O_CLOEXEC);

    assert_true(in >= 0);
    assert_true(read(in, text, 4095) >= 0);
    (void)close(in);
    return text;
}

static size_t keys_in_file(void)
{
    TS_AUTOFREE char *text = read_file();

    return strlen(text) / LINE_BYTES;
}

static struct ts_seal *open_seal(void)
{
    struct ts_seal *seal = NULL;

    assert_int_equal(ts_seal_open(file, &seal), 0);
    return seal;
}

static int open_result(const char *text, mode_t mode)
{
    struct ts_seal *seal = NULL;
    int result;

    write_file(text, mode);
    result = ts_seal_open(file, &seal);
    ts_seal_free(seal);
    return result;
}

static void assert_opens(const struct ts_seal *seal, const char *sealed)
{
    char *text = ts_unseal_text(seal, "acme", sealed);

    assert_non_null(text);
    assert_string_equal(text, "a secret");
    ts_free_secret(text);
}

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* --- tests --- */

static void test_the_first_start_makes_a_key_for_nobody_else(void **state)
{
    struct ts_seal *seal = open_seal();
    struct stat about;

    (void)state;
    assert_int_equal(stat(file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(keys_in_file(), 1);
    ts_seal_free(seal);
}

static void test_a_text_opens_unchanged_in_its_place_and_nowhere_else(void **state)
{
    struct ts_seal *seal = open_seal();
    TS_AUTOFREE char *sealed = ts_seal_text(seal, "acme", "a secret");
    TS_AUTOFREE char *again = ts_seal_text(seal, "acme", "a secret");

    (void)state;
    assert_true(ts_text_starts_with(sealed, "v1."));
    assert_string_not_equal(sealed, again);
    assert_opens(seal, sealed);
    assert_null(ts_unseal_text(seal, "other", sealed));
    assert_null(ts_unseal_text(seal, "acme", "v1."));
    assert_null(ts_unseal_text(seal, "acme", "a secret"));
    sealed[10] = sealed[10] == 'A' ? 'B' : 'A';
    assert_null(ts_unseal_text(seal, "acme", sealed));
    ts_seal_free(seal);
}

static void test_what_a_file_may_hold(void **state)
{
    TS_AUTOFREE char *many = ts_alloc((KEYS_MAX + 1) * LINE_BYTES + 1);

    (void)state;
    assert_int_equal(open_result(KEY_A "\n", 0600), 0);
    assert_int_equal(open_result(KEY_A, 0600), 0);
    assert_int_equal(open_result(KEY_A "\n" KEY_B "\n", 0600), 0);
    assert_int_equal(open_result(KEY_A "\n\n" KEY_B, 0400), 0);
    assert_int_equal(open_result("", 0600), -EBADMSG);
    assert_int_equal(open_result("\n", 0600), -EBADMSG);
    assert_int_equal(open_result("0" KEY_A "\n", 0600), -EBADMSG);
    assert_int_equal(open_result(KEY_A "\n" KEY_B + 1, 0600), -EBADMSG);
    assert_int_equal(open_result(KEY_A " " KEY_B "\n", 0600), -EBADMSG);
    assert_int_equal(open_result(KEY_A "\nno key\n", 0600), -EBADMSG);
    assert_int_equal(open_result(KEY_A "\n", 0640), -EPERM);
    assert_int_equal(open_result(KEY_A "\n", 0604), -EPERM);
    for (size_t i = 0; i < KEYS_MAX; i++)
        memcpy(many + i * LINE_BYTES, KEY_A "\n", LINE_BYTES);
    assert_int_equal(open_result(many, 0600), 0);
    memcpy(many + (size_t)KEYS_MAX * LINE_BYTES, KEY_A "\n", LINE_BYTES);
    assert_int_equal(open_result(many, 0600), -EBADMSG);
}

static void test_all_keys_open_and_the_first_seals(void **state)
{
    struct ts_seal *old;
    struct ts_seal *both;
    struct ts_seal *fresh;
    TS_AUTOFREE char *under_old = NULL;
    TS_AUTOFREE char *under_new = NULL;

    (void)state;
    write_file(KEY_A "\n", 0600);
    old = open_seal();
    under_old = ts_seal_text(old, "acme", "a secret");
    ts_seal_free(old);
    write_file(KEY_B "\n" KEY_A "\n", 0600);
    both = open_seal();
    assert_opens(both, under_old);
    under_new = ts_seal_text(both, "acme", "a secret");
    ts_seal_free(both);
    write_file(KEY_B "\n", 0600);
    fresh = open_seal();
    assert_opens(fresh, under_new);
    assert_null(ts_unseal_text(fresh, "acme", under_old));
    ts_seal_free(fresh);
}

static void test_a_rotation_from_key_to_key(void **state)
{
    struct ts_seal *seal = open_seal();
    TS_AUTOFREE char *before = ts_seal_text(seal, "acme", "a secret");
    TS_AUTOFREE char *renewed = NULL;
    char mark[TS_SEAL_MARK_TEXT];
    char *nothing = NULL;
    struct stat about;

    (void)state;
    assert_int_equal(ts_seal_renew(seal, "acme", before, &nothing), 0);
    assert_int_equal(ts_seal_add_key(seal, mark), 0);
    assert_int_equal(keys_in_file(), 2);
    assert_int_equal(stat(file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_opens(seal, before);
    assert_int_equal(ts_seal_renew(seal, "acme", before, &renewed), 1);
    assert_int_equal(ts_seal_renew(seal, "acme", renewed, &nothing), 0);
    assert_int_equal(ts_seal_renew(seal, "other", before, &nothing), -EBADMSG);
    assert_null(nothing);
    assert_int_equal(ts_seal_keep_key(seal, mark), 0);
    assert_int_equal(keys_in_file(), 1);
    assert_opens(seal, renewed);
    assert_null(ts_unseal_text(seal, "acme", before));
    ts_seal_free(seal);
}

/* Two daemons on one file, both of which have read it before. */
static void test_who_shares_the_file_needs_no_restart(void **state)
{
    struct ts_seal *one = open_seal();
    struct ts_seal *two = open_seal();
    TS_AUTOFREE char *sealed = NULL;
    TS_AUTOFREE char *by_two = NULL;
    char mark[TS_SEAL_MARK_TEXT];
    char *nothing = NULL;

    (void)state;
    assert_int_equal(ts_seal_add_key(one, mark), 0);
    sealed = ts_seal_text(one, "acme", "a secret");
    assert_opens(two, sealed);
    assert_int_equal(ts_seal_keep_key(one, mark), 0);
    assert_int_equal(ts_seal_add_key(one, mark), 0);
    by_two = ts_seal_text(two, "acme", "a secret"); /* under the newest already */
    assert_int_equal(ts_seal_renew(one, "acme", by_two, &nothing), 0);
    ts_seal_free(one);
    ts_seal_free(two);
}

static void test_a_file_that_is_gone_or_spoilt_changes_nothing(void **state)
{
    struct ts_seal *seal = open_seal();
    TS_AUTOFREE char *sealed = ts_seal_text(seal, "acme", "a secret");
    char mark[TS_SEAL_MARK_TEXT];

    (void)state;
    write_file(KEY_A "\nhalf a k", 0600);
    assert_null(ts_unseal_text(seal, "other", sealed));
    assert_opens(seal, sealed);
    assert_int_equal(ts_seal_add_key(seal, mark), -EBADMSG);
    assert_int_equal(unlink(file), 0);
    assert_null(ts_unseal_text(seal, "other", sealed));
    assert_opens(seal, sealed);
    assert_int_equal(ts_seal_add_key(seal, mark), -ENOENT); /* it would forget the others */
    ts_seal_free(seal);
}

static void test_of_two_rotations_the_first_drops_no_key_of_the_second(void **state)
{
    struct ts_seal *one = open_seal();
    struct ts_seal *two = open_seal();
    char first[TS_SEAL_MARK_TEXT];
    char second[TS_SEAL_MARK_TEXT];
    TS_AUTOFREE char *marks = NULL;
    TS_AUTOFREE char *newest_first = NULL;

    (void)state;
    assert_int_equal(ts_seal_add_key(one, first), 0);
    assert_int_equal(ts_seal_add_key(two, second), 0); /* keeps the key that `one` has added */
    assert_int_equal(keys_in_file(), 3);
    marks = ts_seal_marks(two);
    newest_first = ts_format("%s %s ", second, first);
    assert_true(ts_text_starts_with(marks, newest_first));
    assert_int_equal(ts_seal_keep_key(one, first), -EBUSY);
    free(ts_seal_text(one, "acme", "a secret")); /* now it has read the file again */
    assert_int_equal(ts_seal_keep_key(one, first), -EBUSY);
    assert_int_equal(keys_in_file(), 3);
    assert_int_equal(ts_seal_keep_key(two, second), 0);
    assert_int_equal(keys_in_file(), 1);
    ts_seal_free(one);
    ts_seal_free(two);
}

static void test_a_full_file_takes_no_more_keys(void **state)
{
    struct ts_seal *seal = open_seal();
    char mark[TS_SEAL_MARK_TEXT];

    (void)state;
    for (size_t i = 1; i < KEYS_MAX; i++)
        assert_int_equal(ts_seal_add_key(seal, mark), 0);
    assert_int_equal(ts_seal_add_key(seal, mark), -EMFILE);
    assert_int_equal(keys_in_file(), KEYS_MAX);
    ts_seal_free(seal);
}

static void test_what_a_crash_left_behind_is_in_nobodys_way(void **state)
{
    TS_AUTOFREE char *left = ts_format("%s.new", file);
    struct ts_seal *seal = open_seal();
    char mark[TS_SEAL_MARK_TEXT];
    int out = open(left, O_WRONLY | O_CREAT | O_CLOEXEC, 0400);

    (void)state;
    assert_true(out >= 0);
    (void)close(out);
    assert_int_equal(ts_seal_add_key(seal, mark), 0);
    assert_int_equal(keys_in_file(), 2);
    assert_int_equal(access(left, F_OK), -1);
    ts_seal_free(seal);
}

/* The file is mounted from elsewhere: its link stays one. */
static void test_a_link_stays_a_link(void **state)
{
    TS_AUTOFREE char *real = ts_format("%s/real", folder);
    struct ts_seal *seal;
    char mark[TS_SEAL_MARK_TEXT];
    struct stat about;

    (void)state;
    write_file(KEY_A "\n", 0600);
    assert_int_equal(rename(file, real), 0);
    assert_int_equal(symlink("real", file), 0);
    seal = open_seal();
    assert_int_equal(ts_seal_add_key(seal, mark), 0);
    assert_int_equal(lstat(file, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(keys_in_file(), 2);
    ts_seal_free(seal);
    assert_int_equal(unlink(real), 0);
}

/* Daemons that start together on a new host: whoever makes it, all have the same key. */
static void test_many_who_start_together_make_one_key(void **state)
{
    enum { DAEMONS = 8 };
    pid_t pids[DAEMONS];
    int marks[2];
    char told[DAEMONS * TS_SEAL_MARK_TEXT] = "";
    size_t length = 0;

    (void)state;
    assert_int_equal(pipe(marks), 0);
    for (size_t i = 0; i < DAEMONS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            struct ts_seal *seal = NULL;
            char *mark = ts_seal_open(file, &seal) == 0 ? ts_seal_marks(seal) : ts_strdup("none");

            _exit(write(marks[1], mark, strlen(mark)) == TS_SEAL_MARK_TEXT - 1 ? 0 : 1);
        }
    }
    for (size_t i = 0; i < DAEMONS; i++) {
        int status = 1;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    (void)close(marks[1]);
    length = (size_t)read(marks[0], told, sizeof(told) - 1);
    (void)close(marks[0]);
    assert_int_equal(length, DAEMONS * (TS_SEAL_MARK_TEXT - 1));
    for (size_t i = 1; i < DAEMONS; i++)
        assert_memory_equal(told, told + i * (TS_SEAL_MARK_TEXT - 1), TS_SEAL_MARK_TEXT - 1);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/teamsync-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof(file), "%s/secret.key", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(file);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left there */
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_start_makes_a_key_for_nobody_else),
        TEST(test_a_text_opens_unchanged_in_its_place_and_nowhere_else),
        TEST(test_what_a_file_may_hold),
        TEST(test_all_keys_open_and_the_first_seals),
        TEST(test_a_rotation_from_key_to_key),
        TEST(test_who_shares_the_file_needs_no_restart),
        TEST(test_a_file_that_is_gone_or_spoilt_changes_nothing),
        TEST(test_of_two_rotations_the_first_drops_no_key_of_the_second),
        TEST(test_a_full_file_takes_no_more_keys),
        TEST(test_what_a_crash_left_behind_is_in_nobodys_way),
        TEST(test_a_link_stays_a_link),
        TEST(test_many_who_start_together_make_one_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
