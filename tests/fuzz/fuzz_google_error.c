/* SPDX-License-Identifier: MIT */
/* Any status and body as an answer of Google: a verdict, and only Google's own words say "gone". */
#include "directory/google/google_error.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 204, 302, 400, 401, 403, 404, 408, 412, 429, 500, 503};
    TS_AUTOFREE char *body = ts_memdup_text((const char *)data, size);

    for (size_t i = 0; i < TS_COUNT_OF(statuses); i++) {
        struct ts_http_response response = {
            .status = statuses[i], .content_type = "", .body = body, .body_length = size};
        struct ts_google_verdict verdict = ts_google_judge(&response);

        (void)ts_google_judge_token(&response);
        MUST(!verdict.is_deleted || (statuses[i] == 412 && strstr(body, "conditionNotMet")));
        MUST(verdict.err.cls != TS_NOT_FOUND || statuses[i] == 404);
    }
    return 0;
}
