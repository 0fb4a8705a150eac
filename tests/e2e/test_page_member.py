#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A member's profile in a browser: how they stand with the directory in each state, what happened, and what may be
decided."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage  # noqa: E402

with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", "0")
    # Two suspensions a day: the third waits for a person.
    daemon = stage.start_daemon(sync={"guard_min": 2, "guard_percent": 1})
    stage.connect_org(daemon)
    tell(stage, daemon, "member")
