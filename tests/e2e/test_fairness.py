#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One org whose directory hangs, with more jobs than the daemon has places, and fifty healthy ones: each
of the fifty is served while the one still hangs."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

HEALTHY = 50
STUCK = 19  # one more would be a backlog, and turn into a resync
PLACES = 8
LEAD = "ada@acme.example"


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "30")
        daemon = stage.start_daemon(queue={"concurrency": PLACES}, sync={"reread_after_s": []},
                                    log={"level": "debug"})
        orgs = [f"org-{number}" for number in range(HEALTHY)]
        for org in ["stuck", *orgs]:
            stage.connect_org(daemon, org=org, name=org)
            assert daemon.admin("POST", f"/api/v1/orgs/{org}/members", {"email": LEAD}).status == 201
        stage.rest()

        slow = [person["id"] for person in stage.control("GET", "/users?limit=100")["users"]
                if person["primaryEmail"] not in (LEAD, "admin@acme.example")][:STUCK]
        for person in slow:
            stage.control("POST", "/faults", {"on": "users.get", "kind": "hang", "match": person})
        stage.control("PATCH", f"/users/{LEAD}", {"department": "Fair", "notify": False})
        for person in slow:
            stage.redis_at_once("XADD", "teamsync:jobs", "*", "type", "user", "org", "stuck", "user", person)
        for org in orgs:
            stage.redis_at_once("XADD", "teamsync:jobs", "*", "type", "user", "org", org, "user", LEAD)

        def teams():
            return [daemon.admin("GET", f"/api/v1/orgs/{org}/members").json["items"][0]["team"] for org in orgs]

        wait_for(lambda: set(teams()) == {"Fair"}, "every healthy org to be served", 15, 0.1)
        jobs = [text.split() for text in stage.redis("XRANGE", "teamsync:jobs", "-", "+").split("\n")]
        running = sum("stuck" in words for words in jobs)
        delayed = int(stage.redis("ZCARD", "teamsync:jobs:delayed"))
        assert 0 < running < PLACES, f"{running} jobs of the stuck org run or wait"
        assert running + delayed >= STUCK, "the stuck jobs are not there any more: nothing was shown"
        deferred = [line for line in daemon.log.read_text().splitlines() if "job deferred" in line]
        assert deferred and all("org=stuck" in line for line in deferred), deferred[:3]
        print(f"{HEALTHY} orgs served while {STUCK} jobs of one hang; {running} of {PLACES} places are its own, "
              f"{len(deferred)} times a job of it was put back")
        stage.control("DELETE", "/faults")
        daemon.kill()  # its calls would hang for a while yet


main()
