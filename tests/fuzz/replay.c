/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over its corpus, and over every corpus file with a byte changed or cut off:
 * what the default tests run. The fuzz preset builds the same targets with libFuzzer instead. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX_BYTES = 1 << 16 };

/* In a block of its own size, so that the sanitizer sees every byte read behind it. */
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_with_changes(uint8_t *bytes, size_t size)
{
    static const uint8_t changes[] = {0x00, '"', '{', 0xff, '9', '\\'};

    run(bytes, size);
    for (size_t at = 0; at < size; at++) {
        uint8_t before = bytes[at];

        run(bytes, at);
        for (size_t i = 0; i < sizeof(changes); i++) {
            bytes[at] = changes[i];
            run(bytes, size);
        }
        bytes[at] = before;
    }
}

static int run_file(const char *folder, const char *name)
{
    static uint8_t bytes[FILE_MAX_BYTES];
    char path[4096];
    FILE *file;
    size_t size;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rbe");
    if (!file)
        return 0;
    size = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    run_with_changes(bytes, size);
    return 1;
}

int main(int argc, char **argv)
{
    DIR *corpus = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    int count = 0;

    while (corpus && (entry = readdir(corpus))) {
        if (entry->d_name[0] != '.')
            count += run_file(argv[1], entry->d_name);
    }
    if (corpus)
        (void)closedir(corpus);
    (void)printf("%d corpus files\n", count);
    return count > 0 ? 0 : 1;
}
