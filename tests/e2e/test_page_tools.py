#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the web page is made with – showing a tree, and saying things in two languages – in a browser."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage  # noqa: E402

with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", "12")
    daemon = stage.start_daemon()
    stage.connect_org(daemon)
    tell(stage, daemon, "tools")
