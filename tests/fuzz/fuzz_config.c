/* SPDX-License-Identifier: MIT */
/* Any bytes as the configuration: an error in one line, or a configuration that is printed as YAML
 * of the same configuration. */
#include "app/config.h"
#include "fuzz/fuzz.h"

enum { TEXT_MAX_BYTES = 64 << 10 };

static char *print(const struct ts_config *config)
{
    struct ts_buf out;

    ts_buf_init(&out, TEXT_MAX_BYTES);
    ts_config_print(config, &out);
    MUST(!out.overflown);
    return out.data;
}

static void check_print(const struct ts_config *config, struct ts_buf *error)
{
    TS_AUTOFREE char *text = print(config);
    struct ts_config *again = ts_config_parse(text, strlen(text), error);
    TS_AUTOFREE char *wrong = again ? ts_config_check(again) : NULL;
    TS_AUTOFREE char *text_again = again ? print(again) : NULL;

    MUST(again && !wrong);
    MUST(strcmp(text, text_again) == 0);
    ts_config_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ts_buf error;
    struct ts_config *config;
    TS_AUTOFREE char *wrong = NULL;

    ts_buf_init(&error, TEXT_MAX_BYTES);
    config = ts_config_parse((const char *)data, size, &error);
    wrong = config ? ts_config_check(config) : NULL;
    if (!config)
        MUST(error.len > 0 && !strchr(error.data, '\n'));
    else if (wrong)
        MUST(*wrong && !strchr(wrong, '\n'));
    else
        check_print(config, &error);
    ts_config_free(config);
    ts_buf_done(&error);
    return 0;
}
