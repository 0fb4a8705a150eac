#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills the daemon with SIGKILL a hundred times while changes flow in: between the directory read and
the commit, between the commit and the next job, and wherever else chance has it. Then every change
must stand in the history exactly once, and nobody may have been suspended."""
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

KILLS = int(os.environ.get("KILLS", "100"))
PEOPLE = 12
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))


def history_of(daemon, member_id):
    return daemon.admin("GET", f"/api/v1/orgs/acme/members/{member_id}/history?limit=500").json["items"]


def start(stage):
    # The consumer's name changes with each life, so what the dead one held is taken over.
    return stage.start_daemon(queue={"claim_after_s": 1}, log={"level": "debug"},
                              sync={"reread_after_s": []})


def main():
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", str(PEOPLE))
        daemon = start(stage)
        stage.connect_org(daemon)
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        for email in people:
            assert daemon.admin("POST", "/api/v1/orgs/acme/members", {"email": email}).status == 201
        stage.rest()
        # A slow directory widens the gap between read and commit.
        stage.control("PATCH", "/settings", {"latency_ms": 8})
        expected = {email: [] for email in people}

        for kill in range(KILLS):
            email = dice.choice(people)
            team = f"Team {kill}"
            expected[email].append(team)
            stage.control("PATCH", f"/users/{email}", {"department": team})
            # Notifications lost to a dead daemon are retried by the sandbox; the public queue is
            # the other way in.
            stage.redis("XADD", "teamsync:jobs", "*", "type", "user", "org", "acme", "user", email)
            time.sleep(dice.uniform(0, 0.03))  # not waiting for luck: this is the moment of the kill
            daemon.kill()
            daemon = start(stage)
            # The next change waits until this one is in, so that the expected history is known.
            wait_for(lambda: stage.redis("HGET", member_key(stage, email), "team") == team,
                     f"{email} in {team} after kill {kill}", 60)
        stage.rest(120)

        members = daemon.admin("GET", "/api/v1/orgs/acme/members?limit=500").json["items"]
        wrong = 0
        for member in members:
            assert member["status"] != "suspended", member
            entries = [e["after"] for e in reversed(history_of(daemon, member["id"]))
                       if e["field"] == "team"]
            if entries[-len(expected[member["email"]]):] != expected[member["email"]] \
                    and expected[member["email"]]:
                print(member["email"], "expected", expected[member["email"]], "found", entries)
                wrong += 1
            if len(entries) > len(expected[member["email"]]) + 1:
                print(member["email"], "has entries too many:", entries)
                wrong += 1
        assert wrong == 0
        assert stage.redis("XLEN", "teamsync:jobs:dead") == "0"
        print(f"{KILLS} kills, {sum(map(len, expected.values()))} changes, each once in the history")


def member_key(stage, email):
    return "teamsync:member:acme:" + stage.redis("HGET", "teamsync:email:acme", email.lower())


main()
