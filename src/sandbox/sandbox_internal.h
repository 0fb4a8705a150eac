/* SPDX-License-Identifier: MIT */
/* The sandbox's parts, known to each other. */
#ifndef SANDBOX_SANDBOX_INTERNAL_H
#define SANDBOX_SANDBOX_INTERNAL_H

#include "sandbox/people.h"
#include "sandbox/sandbox.h"

#include "teamsync/http.h"
#include "teamsync/http_server.h"
#include "teamsync/json.h"
#include "teamsync/time.h"

#include <stdbool.h>
#include <stdint.h>

/* What can be set through the control API; see control_help.c. */
#define SANDBOX_SETTINGS(X)                                                                        \
    X(latency_ms, 0)                                                                               \
    X(get_lag_ms, 0)                                                                               \
    X(list_lag_ms, 0)                                                                              \
    X(notifications_per_change, 1)                                                                 \
    X(notification_delay_ms, 0)                                                                    \
    X(notification_reorder_ms, 0)                                                                  \
    X(new_user_incomplete_ms, 0)                                                                   \
    X(max_ttl_s, 21600)                                                                            \
    X(default_ttl_s, 7200)                                                                         \
    X(quota_per_minute, 0)                                                                         \
    X(deleted_days, 20)                                                                            \
    X(expiration_as_number, 0)                                                                     \
    X(token_ttl_s, 3599)                                                                           \
    X(consent_automatic, 0)

struct sandbox_settings {
#define SETTING_MEMBER(name, value) uint64_t name;
    SANDBOX_SETTINGS(SETTING_MEMBER)
};

struct ts_sandbox {
    struct ts_loop *loop;
    struct ts_http_server *server;
    struct ts_http *http; /* for notifications */
    char *address;        /* where it listens, as a URL */
    char *url;            /* as others reach it */
    char *domain;
    struct people *people;
    struct sandbox_settings settings;

    struct sandbox_key *key;
    struct token *tokens;
    struct consent *consents;
    struct api_call *calls;
    struct channel *channels;
    struct delivery *deliveries;      /* under way */
    struct json_object *delivery_log; /* the last ones, as the control API shows them */
    struct fault *faults;
    unsigned next_fault;
    struct json_object *counters; /* {"users.get": {"200": 17}} */
    uint64_t quota_minute;
    uint64_t quota_used;
};

static inline uint64_t sandbox_now_ms(void)
{
    return ts_wall_us() / 1000;
}

/* --- key.c: the service account --- */
struct sandbox_key *sandbox_key_new(const char *token_uri);
struct sandbox_key *sandbox_key_read(const char *file); /* NULL when it holds no key */
void sandbox_key_free(struct sandbox_key *key);
const char *sandbox_key_file(const struct sandbox_key *key);
const char *sandbox_key_email(const struct sandbox_key *key);
/* Whether `signature` (base64url) is ours over `signed_part`. */
bool sandbox_key_verifies(const struct sandbox_key *key, const char *signed_part,
                          const char *signature);

/* --- call.c: what every call of Google's API has in common --- */
struct api_call {
    struct api_call *prev, *next;
    struct ts_sandbox *sandbox;
    struct ts_request *request;
    const char *method; /* "users.get", … */
    void (*handle)(struct api_call *call);
    struct ts_timer *latency;
    const struct fault *fault; /* the one that struck, or NULL */
    const char *caller;        /* the address whose rights the token has; set by authorise() */
};
void call_reply(struct api_call *call, int status, struct json_object *json); /* takes json */
void call_error(struct api_call *call, int status, const char *reason, const char *message);
/* Checks the token; refuses and returns false when it does not do. */
bool call_authorise(struct api_call *call);
/* users_api.c: whether the caller may see what the view asks for; refuses, and returns false. Also
 * for a channel: it tells of what may be read. */
bool call_may_look(struct api_call *call);
bool call_body(struct api_call *call,
               struct json_object **ret_json); /* parsed, owned by the caller */
void call_page(struct api_call *call, int status, const char *html);
void call_redirect(struct api_call *call, const char *url);
void calls_add_routes(struct ts_sandbox *sandbox);
void calls_free(struct ts_sandbox *sandbox);

/* --- the handlers of Google's API --- */
void token_handle(struct api_call *call);
void consent_page_handle(struct api_call *call);
void consent_answer_handle(struct api_call *call);
void users_get_handle(struct api_call *call);
void users_list_handle(struct api_call *call);
void users_watch_handle(struct api_call *call);
void channels_stop_handle(struct api_call *call);

/* token_api.c: who a token speaks for; NULL when it is unknown or has expired. */
const char *tokens_find(struct ts_sandbox *sandbox, const char *secret);
void tokens_expire(struct ts_sandbox *sandbox);
void tokens_free(struct ts_sandbox *sandbox);
/* A field of an application/x-www-form-urlencoded body, newly allocated; NULL when it is not there.
 */
char *form_field(const char *form, const char *name);

/* --- consent_api.c --- */
#define SANDBOX_CLIENT   "sandbox-client"
#define SANDBOX_ADMIN_ID "104700000000000000001"
struct consent_granted {
    const char *email;
    const char *refresh_token;
    const char *scope;
};
/* What the code in a form is good for, once; NULL, or why it is good for nothing. */
const char *consent_redeem(struct ts_sandbox *sandbox, const char *form,
                           struct consent_granted *ret);
/* Who consented; NULL: nobody. */
const char *consent_find(const struct ts_sandbox *sandbox, const char *refresh_token);
void consents_free(struct ts_sandbox *sandbox);

/* user_json.c: a user resource (§D.2). `projection` may be NULL. */
struct json_object *user_json(const struct ts_sandbox *sandbox, const struct person *person,
                              const struct person_state *state, bool is_public, bool with_custom);
/* Applies a control API body to a state; NULL, or what is wrong with it. */
const char *user_patch(struct people *people, struct json_object *body, struct person_state *state);

/* --- channels.c and deliver.c --- */
struct channel {
    struct channel *prev, *next;
    char *id;
    char *token; /* NULL: none */
    char *address;
    char *event; /* NULL: all */
    char *resource_id;
    char *resource_uri;
    uint64_t expiration_ms;
    uint64_t last_number;
};
void channels_free(struct ts_sandbox *sandbox);
struct json_object *channels_json(struct ts_sandbox *sandbox);
/* Tells every live channel that wants this event: how many were. */
size_t notify_change(struct ts_sandbox *sandbox, const struct person *person, const char *event);
/* One message to one channel; `user_id` NULL for the sync message. False: a fault dropped it. */
bool deliver(struct ts_sandbox *sandbox, struct channel *channel, const char *event,
             const char *user_id, const char *email);
void deliveries_free(struct ts_sandbox *sandbox);

/* --- faults.c --- */
struct fault {
    struct fault *prev, *next;
    unsigned id;
    char *on;
    char *kind;
    char *match; /* NULL: everything */
    int status;
    char *reason;  /* NULL: by status */
    char *message; /* NULL: a general one */
    uint64_t delay_ms;
    uint64_t retry_after_s;
    uint64_t left; /* how often it still strikes; UINT64_MAX: always */
    double probability;
};
/* The fault that strikes a call or a notification about `what`, counted; NULL for none. */
const struct fault *fault_strikes(struct ts_sandbox *sandbox, const char *on, const char *what);
bool fault_is(const struct fault *fault, const char *kind); /* NULL is no kind */
const char *fault_add(struct ts_sandbox *sandbox, struct json_object *body, unsigned *ret_id);
struct json_object *faults_json(const struct ts_sandbox *sandbox);
bool fault_remove(struct ts_sandbox *sandbox, const char *id); /* NULL: all */
void faults_free(struct ts_sandbox *sandbox);

/* --- control_api.c --- */
void control_add_routes(struct ts_sandbox *sandbox);
extern const char control_help[];
void control_reply(struct ts_request *request, int status, struct json_object *json); /* takes */
void control_reply_with(struct ts_request *request, const char *name, struct json_object *value);
/* The body, owned by the caller; NULL when the request was refused. */
struct json_object *control_body(struct ts_request *request);

/* --- control_people.c --- */
void control_hire(struct ts_request *request, void *arg);
void control_list(struct ts_request *request, void *arg);
void control_show(struct ts_request *request, void *arg);
void control_patch(struct ts_request *request, void *arg);
void control_act(struct ts_request *request, void *arg);

void sandbox_count(struct ts_sandbox *sandbox, const char *method, int status);

#endif
