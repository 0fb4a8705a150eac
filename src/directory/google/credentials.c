/* SPDX-License-Identifier: MIT */
/* Credentials from the JSON an admin gave us: complete and usable, or a sentence that says what is
 * missing. */
#include "directory/google/credentials.h"

#include "directory/google/jwt.h"

#include "teamsync/google.h"
#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { JSON_MAX_BYTES = 64 << 10, TEXT_MAX_BYTES = 16 << 10 };

/* NULL when the text is absent, empty, or longer than anything Google issues. */
static char *take_text(struct json_object *object, const char *key)
{
    const char *text = ts_json_text(object, key);

    return ts_text_is_empty(text) || strlen(text) > TEXT_MAX_BYTES ? NULL : ts_strdup(text);
}

static const char *read_service_account(struct json_object *json, struct ts_google_credentials *own)
{
    struct json_object *key = ts_json_object(json, "key");

    if (!key)
        return "\"key\" (the service account's key file, as an object) is missing";
    if (!ts_text_equal(ts_json_text(key, "type"), "service_account"))
        return "\"key\" is not the key file of a service account (its \"type\" differs)";
    own->client_email = take_text(key, "client_email");
    own->key_id = take_text(key, "private_key_id");
    own->private_key = take_text(key, "private_key");
    own->client_id = take_text(key, "client_id");
    own->project = take_text(key, "project_id");
    if (!ts_text_is_email(own->client_email))
        return "\"key.client_email\" is missing or not an address";
    if (!own->private_key)
        return "\"key.private_key\" is missing";
    return ts_google_jwt_check_key(own->private_key);
}

static const char *read_consent(struct json_object *json, struct ts_google_credentials *own)
{
    own->client_id = take_text(json, "client_id");
    own->client_secret = take_text(json, "client_secret");
    own->refresh_token = take_text(json, "refresh_token");
    if (!own->client_id)
        return "\"client_id\" is missing";
    if (!own->client_secret)
        return "\"client_secret\" is missing";
    return own->refresh_token ? NULL : "\"refresh_token\" is missing";
}

static const char *read_credentials(struct json_object *json, struct ts_google_credentials *own)
{
    const char *type = ts_json_text(json, "type");

    own->is_service_account = ts_text_equal(type, "service_account");
    if (!own->is_service_account && !ts_text_equal(type, "authorized_user"))
        return "\"type\" must be \"service_account\" or \"authorized_user\"";
    own->subject = take_text(json, "subject");
    if (!own->subject && !own->is_service_account)
        own->subject = take_text(json, "email");
    if (!ts_text_is_email(own->subject)) /* Google's users API has no word for "me" */
        return "\"subject\" (the address of the directory's admin) is missing, or no address";
    return own->is_service_account ? read_service_account(json, own) : read_consent(json, own);
}

const char *ts_google_credentials_parse(const char *json,
                                        struct ts_google_credentials **ret_credentials)
{
    size_t length = json ? strlen(json) : 0;
    TS_AUTOJSON_SECRET struct json_object *root =
        length <= JSON_MAX_BYTES ? ts_json_parse(json ? json : "", length, NULL) : NULL;
    struct ts_google_credentials *own;
    const char *problem;

    if (!json_object_is_type(root, json_type_object))
        return "the credentials are not a JSON object";
    own = ts_alloc(sizeof(*own));
    problem = read_credentials(root, own);
    if (problem)
        ts_google_credentials_free(own);
    else
        *ret_credentials = own;
    return problem;
}

void ts_google_credentials_free(struct ts_google_credentials *credentials)
{
    if (!credentials)
        return;
    free(credentials->subject);
    free(credentials->client_email);
    free(credentials->key_id);
    free(credentials->project);
    ts_free_secret(credentials->private_key);
    free(credentials->client_id);
    ts_free_secret(credentials->client_secret);
    ts_free_secret(credentials->refresh_token);
    free(credentials);
}

const char *ts_google_check_credentials(const char *json)
{
    struct ts_google_credentials *credentials = NULL;
    const char *problem = ts_google_credentials_parse(json, &credentials);

    ts_google_credentials_free(credentials);
    return problem;
}
