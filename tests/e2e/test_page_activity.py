#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An org's history is read in a browser: by day, filtered, as it happens, and taken away as a file."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage  # noqa: E402

ORG = "/api/v1/orgs/acme"


def remember_days_ago(stage, days, member, email, before, after):
    """As if it had happened then."""
    ms = int((time.time() - days * 86400) * 1000)
    stage.redis("XADD", stage.prefix + "history:acme", f"{ms}-0", "member", member, "field", "team", "before", before,
                "after", after, "cause", "push", "job", "1-0", "at_us", ms * 1000, "email", email)


with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", "30")
    daemon = stage.start_daemon(sync={"reread_after_s": [], "resync_interval_s": 3600})
    remember_days_ago(stage, 9, "m_gone", "gone@acme.example", "Sales", "Support")
    remember_days_ago(stage, 1, "m_gone", "gone@acme.example", "Support", "Engineering")
    stage.connect_org(daemon)
    people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
    for email in people:
        assert daemon.admin("POST", ORG + "/members", {"email": email, "status": "active"}).status == 201
    stage.rest()
    assert daemon.admin("POST", ORG + "/resync", {"mode": "apply"}).status == 202
    stage.rest()
    tell(stage, daemon, "activity", people=[email for email in people if not email.startswith("admin@")])
