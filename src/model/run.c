/* SPDX-License-Identifier: MIT */
/* The words for a run's state. */
#include "teamsync/run.h"

#include "model/words.h"

#include "teamsync/mem.h"

TS_DEFINE_WORDS(ts_run_state, ts_run_state, "running", "done", "held", "failed", "lost")
