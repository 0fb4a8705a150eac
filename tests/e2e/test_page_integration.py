#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Team → Settings → HR integration in a browser: connecting by key and by consent, with what Google refuses; the
preview, the notice and the button that enables auto-sync; resyncs as they run; the end of it."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage, free_port  # noqa: E402


def colleagues(stage):
    """Of the directory, but for the admin."""
    people = stage.control("GET", "/users?limit=100")["users"]
    return [person["primaryEmail"] for person in people if not person["primaryEmail"].startswith("admin@")]


def must(reply):
    assert reply.status < 300, reply
    return reply.json


def hire(daemon, people):
    """They are members; of two the team was set by hand, otherwise than the directory has it."""
    for email in people:
        must(daemon.admin("POST", "/api/v1/orgs/acme/members", {"email": email, "status": "active"}))
    items = must(daemon.admin("GET", "/api/v1/orgs/acme/members?limit=500"))["items"]
    for member in items[:2]:
        must(daemon.admin("PATCH", f"/api/v1/orgs/acme/members/{member['id']}", {"team": "Set by hand"}))
    return [member["email"] for member in items[:2]]


with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", "40")
    daemon = stage.start_daemon(google={"auth_url": stage.sandbox_url + "/o/oauth2/v2/auth", "client_id": "sandbox-client",
                                        "client_secret": "sandbox-secret"})
    other = f"127.0.0.1:{free_port()}"
    stage.start_daemon(server={"listen": [other]}, queue={"concurrency": 1})  # which knows no OAuth client
    must(daemon.admin("POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"}))
    people = colleagues(stage)
    edited = hire(daemon, people[:30])
    tell(stage, daemon, "integration", key=json.loads(stage.key_file.read_text()), people=people, edited=edited,
         without_consent=f"http://{other}")
