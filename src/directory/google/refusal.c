/* SPDX-License-Identifier: MIT */
/* The table of refusals, and the sentences made of it. In a mend, {client}, {scope}, {subject} and
 * {project} stand for what the connection has there. */
#include "directory/google/refusal.h"

#include "directory/google/credentials.h"
#include "directory/google/env.h"

#include "teamsync/buf.h"
#include "teamsync/directory.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <stdbool.h>
#include <string.h>

enum { MEND_MAX_BYTES = 2048, VALUE_MAX_BYTES = 254 };

static const struct refusal {
    const char *code;
    enum ts_class cls; /* what the caller may do about it */
    const char *what;
    const char *mend;
} refusals[TS_GOOGLE_REFUSAL_COUNT] = {
    [TS_GOOGLE_DELEGATION_MISSING] =
        {"delegation_missing", TS_AUTH,
         "domain-wide delegation of the scope admin.directory.user.readonly is missing",
         "In the Admin console, under Security > Access and data control > API controls > Manage "
         "domain-wide delegation, add the client id {client} with the scope {scope}. Google may "
         "take some minutes, at most a day, until it counts."},
    [TS_GOOGLE_NO_IMPERSONATION] =
        {"no_impersonation", TS_AUTH, "the credentials do not act for an admin of the directory",
         "Give as \"subject\" the address of an admin of the Workspace, and allow the client id "
         "{client} to act for them: Admin console, Security > Access and data control > API "
         "controls > Manage domain-wide delegation, with the scope {scope}."},
    [TS_GOOGLE_API_DISABLED] =
        {"api_disabled", TS_AUTH,
         "the Admin SDK API is not enabled in the Google Cloud project of the credentials",
         "In the Google Cloud console, under APIs & Services > Library > Admin SDK API, press "
         "Enable in the project {project}. Google may take some minutes until it counts."},
    [TS_GOOGLE_API_ACCESS_OFF] =
        {"api_access_off", TS_AUTH, "API access is switched off for this Workspace",
         "In the Admin console, under Security > Access and data control > API controls, allow "
         "apps to reach Google services, and trust the client id {client}."},
    [TS_GOOGLE_SCOPE_MISSING] =
        {"scope_missing", TS_AUTH, "the scope admin.directory.user.readonly was not granted",
         "A service account: in the Admin console, under Security > Access and data control > API "
         "controls > Manage domain-wide delegation, give the client id {client} the scope {scope}. "
         "A consent: connect again, and leave every box of Google's page ticked."},
    [TS_GOOGLE_SUBJECT_NOT_FOUND] =
        {"subject_not_found", TS_AUTH, "the subject is not an account of this Workspace",
         "Look {subject} up in the Admin console, under Directory > Users: the account has to "
         "exist under this address, and be neither suspended nor deleted. Else give another "
         "admin's address as \"subject\"."},
    [TS_GOOGLE_SUBJECT_DELETED] =
        {"subject_deleted", TS_AUTH, "the subject's account is deleted",
         "Restore {subject} in the Admin console, under Directory > Users > Recently deleted, or "
         "connect with another admin's account."},
    [TS_GOOGLE_SUBJECT_NOT_ADMIN] =
        {TS_DIRECTORY_NOT_ADMIN, TS_AUTH, "the subject is not an admin of the directory",
         "In the Admin console, under Directory > Users > {subject} > Admin roles and privileges, "
         "give the account a role that may read users; or connect with another admin's account."},
    [TS_GOOGLE_NOT_PERMITTED] =
        {"not_permitted", TS_AUTH,
         "the connection's account may not read this: it is no admin of this directory",
         "See in the Admin console, under Directory > Users, that {subject} is active, and has an "
         "admin role that may read users. Who is no admin can read the directory only where "
         "Directory settings > Sharing settings allow it."},
    [TS_GOOGLE_DOMAIN_NOT_FOUND] =
        {"domain_not_found", TS_AUTH, "domain not found: the subject is in no Workspace",
         "Give as \"subject\" the address of an admin in the Workspace that is to be connected; "
         "{subject} is in none."},
    [TS_GOOGLE_OTHER_DIRECTORY] =
        {TS_DIRECTORY_OTHER, TS_AUTH, "the account is in another directory",
         "Connect anew: the members are then matched with the directory of {subject} by their "
         "addresses. If that is not what is wanted, connect with an admin of the directory that "
         "was connected before."},
    [TS_GOOGLE_NO_WORKSPACE] =
        {"no_workspace", TS_AUTH, "the account that consented is in no Google Workspace",
         "Connect again, and choose at Google's page an admin's account of the Workspace instead "
         "of a personal one."},
    [TS_GOOGLE_KEY_INVALID] =
        {"key_invalid", TS_AUTH,
         "the service account's key was deleted or replaced; make a new one",
         "In the Google Cloud console, under IAM & Admin > Service accounts, in the project "
         "{project}, make a new JSON key for the account with the client id {client}, and connect "
         "with that."},
    [TS_GOOGLE_KEY_GONE] =
        {"service_account_gone", TS_AUTH, "the service account or its key is gone",
         "See in the Google Cloud console, under IAM & Admin > Service accounts, in the project "
         "{project}, whether the account with the client id {client} is there and enabled; make a "
         "new JSON key for it, and connect with that."},
    [TS_GOOGLE_ACCOUNT_DELETED] =
        {"account_deleted", TS_AUTH, "the account was deleted",
         "Connect with an account that exists: the service account with the client id {client}, or "
         "{subject}, is gone."},
    [TS_GOOGLE_CLOCK_SKEW] = {"clock_skew", TS_AUTH, "this machine's clock is wrong",
                              "Set the clock of the machine that teamsync runs on, and let NTP "
                              "keep it right (timedatectl set-ntp true)."},
    [TS_GOOGLE_CONSENT_EXPIRED] =
        {"consent_expired", TS_AUTH, "the consent was revoked or has expired; connect again",
         "Connect again as {subject}. If it expires every seven days, the consent screen is in "
         "testing: publish it in the Google Cloud console, under APIs & Services > OAuth consent "
         "screen."},
    [TS_GOOGLE_CODE_REFUSED] = {"code_refused", TS_AUTH, "the code of the consent was refused",
                                "A code is good once, and for some minutes: begin again with "
                                "connecting."},
    [TS_GOOGLE_NO_REFRESH_TOKEN] =
        {"no_refresh_token", TS_AUTH, "the consent does not last: Google gave no refresh token",
         "Remove teamsync at https://myaccount.google.com/connections, and connect again."},
    [TS_GOOGLE_REDIRECT_MISMATCH] =
        {"redirect_uri_mismatch", TS_AUTH, "the client does not know this service's address",
         "In the Google Cloud console, under APIs & Services > Credentials, add <server.public_url>"
         "/oauth/google/callback to the authorised redirect URIs of the client {client}."},
    [TS_GOOGLE_GRANT_REFUSED] =
        {"grant_refused", TS_AUTH, "the grant was refused; check the subject and the key",
         "See that {subject} is an active account of the Workspace, and that the key, or the "
         "consent, is the newest one; then connect again."},
    [TS_GOOGLE_CLIENT_BLOCKED] =
        {"client_blocked", TS_AUTH, "an admin, or a policy, of the Workspace forbids this client",
         "In the Admin console, under Security > Access and data control > API controls > Manage "
         "app access, trust the client id {client}."},
    [TS_GOOGLE_CLIENT_INTERNAL] =
        {"client_internal", TS_AUTH, "the client is only for its own organisation",
         "In the Google Cloud console, under APIs & Services > OAuth consent screen, set the user "
         "type to External, or use a client that belongs to this Workspace."},
    [TS_GOOGLE_CLIENT_UNKNOWN] =
        {"client_unknown", TS_AUTH, "the client is unknown or disabled, or its secret is wrong",
         "Compare the client id {client} and its secret with the Google Cloud console, under APIs "
         "& Services > Credentials; a service account has to be enabled under IAM & Admin > "
         "Service accounts."},
    [TS_GOOGLE_TOKEN_REFUSED] =
        {"token_refused", TS_AUTH, "the access token was refused",
         "See that {subject} is an active account of the Workspace; then connect again."},
    [TS_GOOGLE_CREDENTIALS_INCOMPLETE] =
        {"credentials_incomplete", TS_AUTH, "the credentials cannot be used",
         "Send the service account's whole key file as \"key\", with an admin's address as "
         "\"subject\"; or, of a consent, \"client_id\", \"client_secret\", \"refresh_token\" and "
         "\"subject\"."},
    [TS_GOOGLE_REFUSED] =
        {"refused", TS_AUTH, "refused",
         "Google named a reason that is not known here. See that the Admin SDK API is enabled in "
         "the project {project}, that the client id {client} has the scope {scope}, and that "
         "{subject} is an active admin."},
    [TS_GOOGLE_THROTTLED] = {"throttled", TS_RETRY, "too many requests",
                             "Try again in a minute. If it stays so, look at the quotas of the "
                             "Admin SDK API in the Google Cloud console, in the project "
                             "{project}."},
    [TS_GOOGLE_UNAVAILABLE] =
        {"unavailable", TS_RETRY, "the service is unavailable",
         "Try again in a minute. If it stays so, see that this machine reaches Google's servers "
         "over HTTPS (DNS, firewall, proxy), and look at "
         "https://www.google.com/appsstatus/dashboard."},
};

static struct ts_error named(struct ts_error err, enum ts_google_refusal refusal)
{
    err.code = refusals[refusal].code;
    return err;
}

struct ts_error ts_google_refusal_error(enum ts_google_refusal refusal, const char *where,
                                        const char *word)
{
    const struct refusal *row = &refusals[refusal];

    return named(ts_error_make(row->cls, "google: %s %s%s%s%s", where, row->what, word ? " (" : "",
                               word ? word : "", word ? ")" : ""),
                 refusal);
}

struct ts_error ts_google_incomplete(const char *problem)
{
    return named(ts_error_make(TS_AUTH, "google: %s", problem), TS_GOOGLE_CREDENTIALS_INCOMPLETE);
}

void ts_google_name_error(struct ts_error *err)
{
    bool is_refused = err->cls == TS_AUTH || err->cls == TS_REJECTED;

    if (!err->code && (is_refused || err->cls == TS_RETRY))
        *err = named(*err, is_refused ? TS_GOOGLE_REFUSED : TS_GOOGLE_UNAVAILABLE);
}

/* --- mends --- */

/* Others wrote it. */
static bool is_sound(const char *value)
{
    return value && strlen(value) <= VALUE_MAX_BYTES && ts_text_is_printable(value);
}

static const char *value_of(const char *name, size_t length,
                            const struct ts_google_credentials *own, const char *client_id)
{
    const char *client = own && own->client_id ? own->client_id : client_id;
    const struct {
        const char *name;
        const char *value;
        const char *fallback;
    } values[] = {
        {"client", client, "\"client_id\" of the key file"},
        {"scope", TS_GOOGLE_SCOPE, ""},
        {"subject", own ? own->subject : NULL, "the connection's account"},
        {"project", own ? own->project : NULL, "of the credentials"},
    };

    for (size_t i = 0; i < TS_COUNT_OF(values); i++) {
        if (strlen(values[i].name) == length && strncmp(values[i].name, name, length) == 0)
            return is_sound(values[i].value) ? values[i].value : values[i].fallback;
    }
    return "";
}

static char *fill(const char *mend, const struct ts_google_credentials *own, const char *client_id)
{
    struct ts_buf text;

    ts_buf_init(&text, MEND_MAX_BYTES);
    for (const char *at = mend; *at;) {
        size_t plain = strcspn(at, "{");
        size_t name = at[plain] ? strcspn(at + plain + 1, "}") : 0;

        (void)ts_buf_add(&text, at, plain);
        if (name > 0)
            (void)ts_buf_addf(&text, "%s", value_of(at + plain + 1, name, own, client_id));
        at += plain + (name > 0 ? name + 2 : 0);
    }
    return text.data;
}

char *ts_google_mend_text(const char *code, const struct ts_google_credentials *credentials,
                          const char *client_id)
{
    for (size_t i = 0; code && i < TS_GOOGLE_REFUSAL_COUNT; i++) {
        if (strcmp(refusals[i].code, code) == 0)
            return fill(refusals[i].mend, credentials, client_id);
    }
    return NULL;
}
