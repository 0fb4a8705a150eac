/* SPDX-License-Identifier: MIT */
/* Memory that runs out in the middle of a flow, at every single allocation: the process ends by
 * itself there and then, with a word, and never goes on with half of something. Each try is a child
 * of its own. */
#include "worlds.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NEVER = -1, ALLOCATIONS_MAX = 2000 };

static long until_failure = NEVER; /* so many allocations still go well */

/* The linker puts these before the real ones (--wrap). */
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
char *__real_strdup(const char *text);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
char *__wrap_strdup(const char *text);

static bool fails(void)
{
    return until_failure >= 0 && until_failure-- == 0;
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return fails() ? NULL : __real_realloc(old, bytes);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

/* 0 when the flow came to its end without meeting the failure. */
static int try_in_a_child(size_t world, long well)
{
    struct story *story;

    (void)freopen("/dev/null", "w", stderr);
    story = worlds[world].make();
    until_failure = well;
    story_begin(story, worlds[world].start);
    fake_run(story->ports);
    return until_failure == NEVER ? 1 : 0;
}

/* True when the child ran into the failure, and ended as it should. */
static bool ends_when_memory_does(size_t world, long well)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        _exit(try_in_a_child(world, well));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return false;
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    return true;
}

static void test_whatever_allocation_fails_the_process_ends_there(void **state)
{
    (void)state;
    for (size_t world = 0; world < TS_COUNT_OF(worlds); world++) {
        long well = 0;

        while (ends_when_memory_does(world, well))
            assert_true(++well < ALLOCATIONS_MAX);
        assert_true(well > 5); /* so many allocations the whole flow takes */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_allocation_fails_the_process_ends_there),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
