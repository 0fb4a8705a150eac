#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A daemon dies in the middle of a full resync: another one takes it over, in a run of its own, and the
org still has exactly one next resync."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, free_port, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
TIMERS = """
    local timers = 0
    for _, text in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
        if string.find(text, '"resync"') then timers = timers + 1 end
    end
    return timers"""


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "40")
        settings = {"queue": {"claim_after_s": 1}, "sync": {"reread_after_s": []}}
        first = stage.start_daemon(**settings)
        stage.connect_org(first)
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        for email in people:
            first.admin("POST", ORG + "/members", {"email": email, "status": "active"})
        stage.rest()
        stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
        for email in people[1:4]:
            stage.control("PATCH", f"/users/{email}", {"department": "Taken over"})

        stage.control("PATCH", "/settings", {"latency_ms": 700})
        assert first.admin("POST", ORG + "/resync").status == 202
        running = wait_for(lambda: (r := first.admin("GET", ORG + "/resyncs").json["items"][0])
                           ["state"] == "running" and r, "a resync under way")
        first.kill()
        stage.control("PATCH", "/settings", {"latency_ms": 0})
        second = stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"]}, **settings)

        def taken_over():
            runs = second.admin("GET", ORG + "/resyncs").json["items"]
            return runs[0]["id"] != running["id"] and runs[0]["state"] == "done" and runs

        runs = wait_for(taken_over, "another run to end", 30)
        assert runs[0]["changed"] == 3, runs[0]
        assert next(r for r in runs if r["id"] == running["id"])["state"] == "lost", runs
        stage.rest()
        members = second.admin("GET", ORG + "/members?limit=500").json["items"]
        assert {m["team"] for m in members if m["email"] in people[1:4]} == {"Taken over"}
        assert all(m["status"] == "active" for m in members)
        assert stage.redis("EVAL", TIMERS, 1, "teamsync:jobs:delayed") == "1"
        assert second.stop() == 0


main()
