/* SPDX-License-Identifier: MIT */
/* From the setting `team_from` to projection, customFieldMask, viewType and the `fields` mask. */
#include "directory/google/fields.h"

#include "teamsync/http.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

#define ALWAYS     "id,etag,primaryEmail,aliases,nonEditableAliases,relations"
#define ADMIN_ONLY ",suspended,archived,deletionTime" /* not part of a public profile */

bool ts_google_custom_field(const char *team_from, char **ret_schema, const char **ret_field)
{
    static const char head[] = "custom:";
    const char *schema;
    const char *dot;

    if (!team_from || !ts_text_starts_with(team_from, head))
        return false;
    schema = team_from + strlen(head);
    dot = strchr(schema, '.');
    if (!dot || dot == schema || dot[1] == '\0')
        return false;
    *ret_schema = ts_memdup_text(schema, (size_t)(dot - schema));
    *ret_field = dot + 1;
    return true;
}

static const char *team_fields(const char *team_from, bool is_custom)
{
    if (is_custom)
        return ",customSchemas";
    if (ts_text_equal(team_from, "org_unit"))
        return ",orgUnitPath";
    if (ts_text_equal(team_from, "cost_center"))
        return ",organizations(primary,costCenter)";
    return ",organizations(primary,department)";
}

/* The mask of one user stands between `before` and `after`. */
static char *query_of(const char *team_from, bool is_admin, const char *before, const char *after)
{
    TS_AUTOFREE char *schema = NULL;
    const char *field = NULL;
    bool is_custom = ts_google_custom_field(team_from, &schema, &field);
    TS_AUTOFREE char *mask = ts_format("%s%s%s%s%s", before, ALWAYS, is_admin ? ADMIN_ONLY : "",
                                       team_fields(team_from, is_custom), after);
    TS_AUTOFREE char *escaped_mask = ts_url_escape(mask);
    TS_AUTOFREE char *escaped_schema = ts_url_escape(is_custom ? schema : "");

    return ts_format("%s%s%s&fields=%s",
                     is_custom ? "projection=custom&customFieldMask=" : "projection=basic",
                     escaped_schema, is_admin ? "" : "&viewType=domain_public", escaped_mask);
}

char *ts_google_user_query(const char *team_from, bool is_admin)
{
    return query_of(team_from, is_admin, "", "");
}

char *ts_google_list_query(const char *team_from, bool is_admin, const char *page_token)
{
    TS_AUTOFREE char *query = query_of(team_from, is_admin, "nextPageToken,users(", ")");
    TS_AUTOFREE char *token = page_token ? ts_url_escape(page_token) : NULL;

    return ts_format("customer=my_customer&maxResults=500&orderBy=email&%s%s%s", query,
                     token ? "&pageToken=" : "", token ? token : "");
}
