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


def count_of_reads(stage):
    return stage.control("GET", "/requests").get("users.get", {}).get("200", 0)


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
        stage.control("PATCH", "/settings", {"latency_ms": 5})
        expected = {email: [] for email in people}
        died = dict.fromkeys(("before the read ended", "between read and commit", "after the commit"), 0)

        for kill in range(KILLS):
            email = dice.choice(people)
            team = f"Team {kill}"
            key = member_key(stage, email)
            expected[email].append(team)
            reads = count_of_reads(stage)
            stage.control("PATCH", f"/users/{email}", {"department": team})
            # Notifications lost to a dead daemon are repeated by the sandbox, but maybe late; the
            # public queue is the other way in.
            stage.redis_at_once("XADD", "teamsync:jobs", "*", "type", "user", "org", "acme", "user", email)
            if kill % 3 == 0:
                time.sleep(dice.uniform(0, 0.02))  # anywhere
            elif kill % 3 == 1:
                wait_for(lambda: count_of_reads(stage) > reads, "the read", pause=0)
            else:
                wait_for(lambda: stage.redis_at_once("HGET", key, "team") == team, "the commit", pause=0)
                time.sleep(dice.uniform(0, 0.002))  # between the commit and the next job
            daemon.kill()
            if stage.redis_at_once("HGET", key, "team") == team:
                died["after the commit"] += 1
            elif count_of_reads(stage) > reads:
                died["between read and commit"] += 1
            else:
                died["before the read ended"] += 1
            daemon = start(stage)
            # The next change waits until this one is in, so that the expected history is known.
            wait_for(lambda: stage.redis_at_once("HGET", key, "team") == team,
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
        print(", ".join(f"{count} {where}" for where, count in died.items()))
        assert KILLS < 30 or all(died.values()), "a moment was never hit"
        print(f"{KILLS} kills, {sum(map(len, expected.values()))} changes, each once in the history")


def member_key(stage, email):
    return "teamsync:member:acme:" + stage.redis("HGET", "teamsync:email:acme", email.lower())


main()
