#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two daemons, their Redis and the directory are killed, stopped, cut off from each other, run out of
memory and are replaced, under a steady load of notifications. Whatever was accepted must be in the roster
in the end, and in the history exactly once.

SEED=n deals the same faults again; CHAOS_SECONDS=n (60) is how long it storms, RATE=n (40) how many
changes there are a second."""
import asyncio
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from chaos_faults import Storm  # noqa: E402
from chaos_load import Load, Org  # noqa: E402
from chaos_truth import Truth  # noqa: E402
from redis_line import RedisLine  # noqa: E402
from relay import Relay  # noqa: E402
from stage import Stage, free_port, memory_mib, wait_for  # noqa: E402

SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
SECONDS = int(os.environ.get("CHAOS_SECONDS", 60))
RATE = int(os.environ.get("RATE", 40))
# Twenty users of an org may wait before a resync takes their place (DESIGN: the backlog), and here no
# resync shall help.
ORGS, PEOPLE = 12, 20
SETTLED_S = 180  # a bound: the last retries may be a minute off


def start_loop():
    """The load and the links live in a thread of their own; processes are children of this one."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def set_up(stage, storm, load):
    storm.appendfsync = "always"
    storm.start_redis()
    storm.start_sandbox()
    ids = {user["primaryEmail"]: user["id"] for user in stage.control("GET", "/users?limit=1000")["users"]}
    daemons = [storm.start_daemon(0), storm.start_daemon(1)]
    for org in load.orgs:
        stage.connect_org(daemons[0], org=org.name, name=org.name)
        for person in org.people:
            reply = daemons[0].admin("POST", f"/api/v1/orgs/{org.name}/members",
                                     {"email": person.email, "status": "active"})
            assert reply.status == 201, reply
            person.id, person.member_id = ids[person.email], reply.json["id"]
            load.by_member[person.member_id] = person
    wait_for(lambda: len(stage.control("GET", "/channels")["channels"]) == ORGS, "a channel for each org")
    with RedisLine(stage.redis_socket) as line:
        for channel in stage.control("GET", "/channels")["channels"]:
            name = line.ask("HGET", "teamsync:channel:" + channel["id"], "org")
            next(org for org in load.orgs if org.name == name).channel = channel
        stage.rest()
        for org in load.orgs:
            org.last_entry = line.ask("XREVRANGE", f"teamsync:history:{org.name}", "+", "-", "COUNT", 1)[0][0]


def runs_of(stage, org):
    runs = stage.daemons[0].admin("GET", f"/api/v1/orgs/{org.name}/resyncs").json["items"]
    assert all(run["state"] == "done" for run in runs), runs
    return {run["id"] for run in runs}


def is_release(stage):
    return b"__asan_init" not in (stage.bin / "teamsyncd").read_bytes()


def resident(stage):
    return [f"{memory_mib(daemon.pid):.1f} MiB" for daemon in stage.daemons]


def main():
    print(f"SEED={SEED} CHAOS_SECONDS={SECONDS} RATE={RATE}", flush=True)
    dice = random.Random(SEED)
    loop = start_loop()
    with Stage() as stage:
        links = [Relay(loop, str(stage.folder / f"redis-{number}.sock"), stage.redis_socket) for number in (0, 1)]
        sandbox_port = free_port()
        sandbox_link = Relay(loop, free_port(), sandbox_port)
        load = Load([Org(f"org{number}", PEOPLE) for number in range(ORGS)], random.Random(SEED + 1), RATE,
                    [free_port(), free_port()], sandbox_port, stage.redis_socket)
        storm = Storm(stage, load, dice, links, sandbox_link, sandbox_port)
        set_up(stage, storm, load)
        first_entries = {org.name: org.last_entry for org in load.orgs}
        first_runs = {org.name: runs_of(stage, org) for org in load.orgs}
        resident_at_start = resident(stage)

        began = time.monotonic()
        asyncio.run_coroutine_threadsafe(load.begin(), loop)
        storm.rage(SECONDS)
        took = time.monotonic() - began
        load.wait_until_settled(SETTLED_S)
        stage.rest()
        resident_at_end = resident(stage)

        truth = Truth(stage, load)
        wrong = truth.check(first_entries, first_runs)
        for number in (0, 1):
            storm.end(number)
        counts = load.counts
        print(f"{took:.0f} s: {counts['sent']} notifications sent ({counts['twice']} for the second time), "
              f"{counts['accepted']} accepted, {counts['refused']} refused with 503, "
              f"{counts['unreachable']} without an answer; {counts['starved']} times everybody was busy")
        print(f"{sum(len(person.changes) for person in load.people)} changes, {len(load.applied)} applied, "
              f"{truth.lost} lost, {truth.doubled} doubled; {len(stage.processes)} processes")
        storm.report()
        if is_release(stage):
            print(f"  resident at the start {resident_at_start}, at the end {resident_at_end}")
        assert not wrong, "\n".join(wrong)


main()
