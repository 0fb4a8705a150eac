#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Google away in every way there is, while people change and every job tries again at once, and
again: few requests go out, nobody is suspended, and afterwards everything is in step."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
LEAVER = "grace@acme.example"
API = ["users.get", "users.list", "users.watch", "channels.stop"]
MOVED = 12
# What is on its way when the breaker opens, what opens it, and the probes of some seconds.
REQUESTS_MAX = 16 + 5 + 9


def members(daemon):
    return {m["email"]: m for m in daemon.admin("GET", ORG + "/members?limit=500").json["items"]}


def strikes_left(stage):
    return sum(fault["left"] for fault in stage.control("GET", "/faults")["faults"])


def people_change(stage, number):
    """Twelve get another department, one leaves; each with its notification."""
    moved = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
    moved = [email for email in moved if email != LEAVER][:MOVED]
    for email in moved:
        stage.control("PATCH", f"/users/{email}", {"department": f"Team {number}"})
    stage.control("POST", f"/users/{LEAVER}/suspend")
    return moved


def is_in_step(daemon, moved, number):
    now = members(daemon)
    return now[LEAVER]["status"] == "suspended" and all(now[email]["team"] == f"Team {number}" for email in moved)


def outage(stage, daemon, number, what, seconds, places=API, **fault):
    before = len(places) * 100000
    for place in places:
        stage.control("POST", "/faults", {"on": place, "count": 100000, **fault})
    if "token" in places:
        stage.control("POST", "/expire-tokens")
    moved = people_change(stage, number)
    end = time.monotonic() + seconds
    tries = 0
    while time.monotonic() < end:
        stage.hurry()
        tries += 1
        assert all(m["status"] != "suspended" for m in members(daemon).values()), f"{what}: suspended without proof"
        time.sleep(0.05)
    requests = before - strikes_left(stage)
    assert 0 < requests <= REQUESTS_MAX, f"{what}: {requests} requests in {seconds} s"

    stage.control("DELETE", "/faults")
    wait_for(lambda: stage.hurry() or is_in_step(daemon, moved, number), f"{what}: in step again", 40, 0.05)
    stage.control("POST", f"/users/{LEAVER}/unsuspend")
    wait_for(lambda: stage.hurry() or members(daemon)[LEAVER]["status"] == "active", f"{what}: back", 20, 0.05)
    print(f"{what}: {requests} requests, while every job was tried {tries} times")


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "30")
        daemon = stage.start_daemon(sync={"reread_after_s": []})
        stage.connect_org(daemon)
        for person in stage.control("GET", "/users?limit=100")["users"]:
            daemon.admin("POST", ORG + "/members", {"email": person["primaryEmail"], "status": "active"})
        stage.rest()
        wait_for(lambda: all(m["sync"]["state"] == "synced" for m in members(daemon).values()), "everybody to be linked")

        outage(stage, daemon, 1, "503", 2, kind="status", status=503)
        outage(stage, daemon, 2, "429 with Retry-After", 2, kind="status", status=429, retry_after_s=2)
        outage(stage, daemon, 3, "resets", 2, kind="reset")
        outage(stage, daemon, 4, "garbage", 2, kind="bad_json")
        outage(stage, daemon, 5, "tokens: 503", 2, places=["token"], kind="status", status=503)
        outage(stage, daemon, 6, "hanging", 9, kind="hang")
        assert daemon.stop() == 0


main()
