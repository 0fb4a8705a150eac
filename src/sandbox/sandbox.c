/* SPDX-License-Identifier: MIT */
/* The sandbox's life. */
#include "sandbox/sandbox.h"

#include "sandbox/sandbox_internal.h"

#include "teamsync/http_client.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/ui.h"

#include <stdio.h>

extern struct ts_asset ts_page_sandbox[];
extern const size_t ts_page_sandbox_count;

static void hire_admin(struct ts_sandbox *sandbox, const char *email)
{
    struct person_state admin = {
        .email = people_text(sandbox->people, email),
        .given_name = people_text(sandbox->people, "Avery"),
        .family_name = people_text(sandbox->people, "Admin"),
        .department = people_text(sandbox->people, "Operations"),
        .is_admin = true,
    };

    (void)people_hire(sandbox->people, &admin, sandbox_now_ms());
}

static void fill(struct ts_sandbox *sandbox, const struct ts_sandbox_options *options)
{
    TS_AUTOFREE char *admin =
        options->admin ? ts_strdup(options->admin) : ts_format("admin@%s", sandbox->domain);

    sandbox->people = people_new();
    hire_admin(sandbox, admin);
    people_generate(sandbox->people, sandbox->domain, options->people, sandbox_now_ms());
}

/* What it does not have itself – the tools, the ground of its looks – is that of teamsync's page.
 */
static void add_page(struct ts_http_server *server)
{
    ts_ui_add_routes(server, ts_page_sandbox, ts_page_sandbox_count);
    ts_ui_add_routes(server, ts_page_ui, ts_page_ui_count);
}

static bool open_server(struct ts_sandbox *sandbox, const struct ts_sandbox_options *options)
{
    const struct ts_http_server_options server_options = {0};
    const char *listen = options->listen ? options->listen : "127.0.0.1:0";
    uint16_t port = 0;

    sandbox->server = ts_http_server_new(sandbox->loop, &server_options);
    if (ts_http_server_listen_tcp(sandbox->server, listen, &port) < 0)
        return false;
    sandbox->address = ts_format("http://127.0.0.1:%u", port);
    sandbox->url = ts_strdup(options->url ? options->url : sandbox->address);
    calls_add_routes(sandbox);
    control_add_routes(sandbox);
    add_page(sandbox->server);
    return true;
}

static bool open_key(struct ts_sandbox *sandbox, const char *file)
{
    TS_AUTOFREE char *token_uri = ts_format("%s/token", sandbox->url);

    sandbox->key = file ? sandbox_key_read(file) : sandbox_key_new(token_uri);
    return sandbox->key != NULL;
}

struct ts_sandbox *ts_sandbox_new(struct ts_loop *loop, const struct ts_sandbox_options *options,
                                  const char **ret_reason)
{
    const struct ts_http_client_options http_options = {.user_agent = ""};
    struct ts_sandbox *sandbox = ts_alloc(sizeof(*sandbox));
    const char *reason = NULL;

    sandbox->loop = loop;
#define DEFAULT_SETTING(name, value) sandbox->settings.name = (value);
    SANDBOX_SETTINGS(DEFAULT_SETTING)
    sandbox->domain = ts_strdup(options->domain ? options->domain : "acme.example");
    sandbox->counters = ts_json_new_object();
    sandbox->delivery_log = ts_json_new_array();
    fill(sandbox, options);
    sandbox->http = ts_http_client_new(loop, &http_options);
    if (!open_server(sandbox, options))
        reason = "cannot listen";
    else if (!open_key(sandbox, options->key))
        reason = "the key file holds no key";
    if (reason) {
        ts_sandbox_free(sandbox);
        *ret_reason = reason;
        return NULL;
    }
    return sandbox;
}

void ts_sandbox_free(struct ts_sandbox *sandbox)
{
    if (!sandbox)
        return;
    ts_http_server_free(sandbox->server);
    calls_free(sandbox);
    deliveries_free(sandbox);
    ts_http_client_free(sandbox->http);
    channels_free(sandbox);
    faults_free(sandbox);
    tokens_free(sandbox);
    consents_free(sandbox);
    if (sandbox->key)
        sandbox_key_free(sandbox->key);
    people_free(sandbox->people);
    json_object_put(sandbox->counters);
    json_object_put(sandbox->delivery_log);
    free(sandbox->address);
    free(sandbox->url);
    free(sandbox->domain);
    free(sandbox);
}

const char *ts_sandbox_address(const struct ts_sandbox *sandbox)
{
    return sandbox->address;
}

const char *ts_sandbox_service_account_key(const struct ts_sandbox *sandbox)
{
    return sandbox_key_file(sandbox->key);
}
