/* SPDX-License-Identifier: MIT */
/* A bar. */
#include "cli/progress.h"

#include "cli/visible.h"

#include "teamsync/mem.h"

#include <inttypes.h>
#include <string.h>

enum { BAR_COLUMNS = 30 };

static char *bar(const struct ts_progress *progress)
{
    /* A directory may have grown since it was counted. */
    uint64_t done = progress->done < progress->total ? progress->done : progress->total;
    char filled[BAR_COLUMNS + 1] = "";

    memset(filled, '#', (size_t)(done * BAR_COLUMNS / progress->total));
    return ts_format("[%-*s] %3" PRIu64 " %%  %" PRIu64 " of %" PRIu64, BAR_COLUMNS, filled,
                     done * 100 / progress->total, progress->done, progress->total);
}

char *ts_progress_line(const struct ts_progress *progress, size_t columns)
{
    TS_AUTOFREE char *head =
        progress->total ? bar(progress) : ts_format("%" PRIu64, progress->done);
    char *line = ts_format("%s %s%s%s", head, progress->what, progress->beside ? ", " : "",
                           progress->beside ? progress->beside : "");

    line[ts_width_fits(line, columns)] = '\0';
    return line;
}

void ts_progress_draw(const struct ts_screen *screen, const struct ts_progress *progress)
{
    TS_AUTOFREE char *line = NULL;

    if (!screen->can_draw)
        return;
    line = ts_progress_line(progress, screen->width - 1);
    (void)fprintf(screen->file, "\r%s\033[K", line);
    (void)fflush(screen->file);
}

void ts_progress_wipe(const struct ts_screen *screen)
{
    if (screen->can_draw)
        (void)fputs("\r\033[K", screen->file);
}
