#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A daemon under real sentinels, while its master is changed over, killed, and stopped like a machine
that hangs: every job that was accepted is done on the next master, within a bounded time."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from redises import Replicated, cli, cli_lines  # noqa: E402
from stage import Stage, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
BOUND_S = 45  # the sentinels' second and their election, then what include/teamsync/redis.h says


class Story:
    def __init__(self, stage):
        self.stage = stage
        self.redises = Replicated(stage)
        self.follow_master()
        stage.redis_url = self.redises.url
        stage.start_sandbox("--people", "20")
        self.daemon = stage.start_daemon(sync={"reread_after_s": []}, queue={"claim_after_s": 1})
        stage.connect_org(self.daemon)
        self.people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        for email in self.people:
            assert self.daemon.admin("POST", ORG + "/members", {"email": email, "status": "active"}).status == 201
        stage.rest()
        stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
        stage.control("PATCH", "/settings", {"latency_ms": 50})

    def follow_master(self):
        self.master = self.redises.master()
        self.stage.redis_words = ["-p", self.master.port]

    def accept_jobs(self, team):
        """Everybody changes, and has a job that the replica knows too when this returns."""
        for email in self.people:
            self.stage.control("PATCH", f"/users/{email}", {"department": team})
        jobs = [f"XADD teamsync:jobs * type user org acme user {email}" for email in self.people]
        replies = cli_lines(self.master.port, *jobs, "WAIT 1 5000")
        assert len(replies) == len(jobs) + 1 and replies[-1] == "1", replies

    def teams(self):
        reply = self.daemon.admin("GET", ORG + "/members?limit=100")
        return reply.status == 200 and {m["team"] for m in reply.json["items"]}

    def goes_over(self, how, end_master):
        """The master ends in the midst of the jobs; the next one sees them all done."""
        self.accept_jobs(how)
        old = self.master
        began = time.monotonic()
        end_master(old)
        wait_for(lambda: self.redises.master() not in (None, old), "the sentinels to agree on the other", BOUND_S)
        elected = time.monotonic()
        self.follow_master()
        wait_for(lambda: self.teams() == {how}, "everybody's change", BOUND_S)
        print(f"{how}: {elected - began:.1f} s for the sentinels, {time.monotonic() - elected:.1f} s to the last change",
              flush=True)
        self.stage.rest()
        assert self.stage.redis("XLEN", "teamsync:jobs:dead") == "0"
        assert "role:master" in cli(self.master.port, "INFO", "replication")
        return old

    def is_in_order_again(self):
        """What is written now comes from a daemon that talks to the new master."""
        self.redises.settle()
        wait_for(lambda: self.daemon.admin("GET", "/readyz").status == 200, "the daemon to be ready", BOUND_S)

    def tell(self):
        self.goes_over("Changed over", lambda old: cli(self.redises.sentinels[0], "SENTINEL", "failover", "main"))
        self.is_in_order_again()
        self.goes_over("Killed", lambda old: old.kill()).start()
        self.is_in_order_again()
        self.goes_over("Stopped", lambda old: old.signal(signal.SIGSTOP)).signal(signal.SIGCONT)
        self.is_in_order_again()
        self.accept_jobs("In order")
        wait_for(lambda: self.teams() == {"In order"}, "a last change")
        self.stage.rest()
        assert self.daemon.stop() == 0


def main():
    with Stage() as stage:
        Story(stage).tell()


main()
