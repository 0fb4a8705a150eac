#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two daemons on one Redis: a burst of changes is applied once each, and a wave of departures stops
at the guard, which both keep together. Who was held is not suspended, and says why."""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "39")
        quick = {"sync": {"reread_after_s": []}}
        daemon = stage.start_daemon(**quick)
        public_url = f"http://{daemon.address}"
        stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"], "public_url": public_url}, **quick)
        stage.connect_org(daemon)
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        for email in people:
            assert daemon.admin("POST", ORG + "/members", {"email": email, "status": "active"}).status == 201
        stage.rest()

        def members():
            return {m["email"]: m for m in daemon.admin("GET", ORG + "/members?limit=100").json["items"]}

        for round_number in range(5):
            for email in people:
                stage.control("PATCH", f"/users/{email}", {"department": f"Round {round_number}"})
        wait_for(lambda: all(m["team"] == "Round 4" for m in members().values()), "everybody in round 4")
        stage.rest()
        for member in members().values():
            items = daemon.admin("GET", f"{ORG}/members/{member['id']}/history?limit=100").json["items"]
            teams = [e["after"] for e in items if e["field"] == "team"]
            assert len(teams) == len(set(teams)), teams  # no round twice
        jobs = [d.admin("GET", "/metrics").text.count('teamsync_jobs_total{type="user"') for d in stage.daemons]
        assert all(jobs), "both daemons worked"

        # 40 linked members: 5 may go within a day, whoever notices.
        leavers = [e for e in people if not e.startswith("admin@")][:12]
        for email in leavers:
            stage.control("POST", f"/users/{email}/suspend")
        stage.rest()
        wait_for(lambda: sum(members()[e]["status"] == "suspended" or members()[e]["sync"]["state"] == "held"
                             for e in leavers) == len(leavers), "everybody decided")
        after = members()
        suspended = [e for e in after if after[e]["status"] == "suspended"]
        held = [e for e in after if after[e]["sync"]["state"] == "held"]
        assert len(suspended) == 5 and len(held) == 7, (suspended, held)
        assert all("waits" in after[e]["sync"]["detail"] for e in held)
        assert set(suspended) | set(held) == set(leavers)

        # It was a mistake over there: everybody is back, nobody is held.
        for email in leavers:
            stage.control("POST", f"/users/{email}/unsuspend")
        wait_for(lambda: all(m["status"] == "active" and m["sync"]["state"] == "synced"
                             for m in members().values()), "everybody back")
        for one in stage.daemons:
            assert one.stop() == 0


main()
