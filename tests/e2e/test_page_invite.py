#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""People of the directory are found and invited in a browser: with auto-sync off, where no mail is sent, and where it
is; more than fit into one request; and who cannot be."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage, free_port  # noqa: E402

with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", "260")
    settings = {"sync": {"reread_after_s": [], "resync_interval_s": 3600}}
    daemon = stage.start_daemon(**settings)
    stage.connect_org(daemon)
    tell(stage, daemon, "invite")
    daemon.stop()
    nobody_listens = f"smtp://127.0.0.1:{free_port()}"  # mails wait in the queue
    daemon = stage.start_daemon(number=0, mail={"url": nobody_listens, "from": "team@acme.example"}, **settings)
    tell(stage, daemon, "invite_by_mail")
