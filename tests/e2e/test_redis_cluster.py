#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real cluster of three nodes, and a URL that names one without teamsync's slot: the whole story
works there, and every script. Then the slot moves on to the third node while jobs flow, and to and
fro by a replica's fail-over: each change is made, and nothing is lost."""
import os
import re
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from redises import Cluster, cli, cli_lines, errors, scripts_not_seen  # noqa: E402
from stage import Stage, wait_for  # noqa: E402
from whole_story import ORG, WholeStory  # noqa: E402

PREFIX = "{teamsync}:"


def the_whole_story(stage, cluster):
    story = WholeStory(stage)
    story.tell()
    told = errors(*cluster.ports)
    assert told.keys() <= {"MOVED", "NOSCRIPT", "BUSYGROUP", "NOGROUP"}, told
    assert not scripts_not_seen(*cluster.ports), scripts_not_seen(*cluster.ports)
    return story.people


def migrate(cluster, slot, source, target):
    """By hand, and quickly: while a slot is in two places, scripts are refused."""
    cli(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.ids[source])

    def is_moved():
        keys = " ".join(cli(source, "CLUSTER", "GETKEYSINSLOT", slot, 10000).split())
        replies = cli_lines(source, f"CLUSTER SETSLOT {slot} MIGRATING {cluster.ids[target]}",
                            f'MIGRATE 127.0.0.1 {target} "" 0 5000 KEYS {keys}',
                            f"CLUSTER SETSLOT {slot} NODE {cluster.ids[target]}")
        return replies == ["OK"] * 3  # not when a key came up in between

    wait_for(is_moved, "the slot's keys to move")
    for port in cluster.ports:
        cli(port, "CLUSTER", "SETSLOT", slot, "NODE", cluster.ids[target])
    wait_for(lambda: cluster.owner(slot) == target, "everybody to know the new owner", 30, 0.1)


class Flow:
    """Changes, each with a job, one after the other until it is told to stop."""
    def __init__(self, stage, daemon, people):
        self.stage, self.daemon, self.people = stage, daemon, people
        self.expected, self.accepted = {}, 0
        self.is_on, self.trouble = True, None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while self.is_on:
                email = self.people[self.accepted % len(self.people)]
                team = f"Team {self.accepted}"
                self.stage.control("PATCH", f"/users/{email}", {"department": team})
                self.expected[email] = team
                # The slot's two nodes may both refuse for a moment: then it is not accepted yet.
                job = ["XADD", PREFIX + "jobs", "*", "type", "user", "org", "acme", "user", email]
                wait_for(lambda: re.fullmatch(r"\d+-\d+", self.stage.redis(*job)), "a job to be accepted")
                self.accepted += 1
        except BaseException as trouble:  # told by end()
            self.trouble = trouble

    def goes_on(self):
        """Thirty changes more."""
        goal = self.accepted + 30
        wait_for(lambda: self.accepted >= goal or self.trouble, "jobs to flow", 60)

    def end(self):
        self.is_on = False
        self.thread.join()
        if self.trouble:
            raise self.trouble

        def teams():
            items = self.daemon.admin("GET", ORG + "/members?limit=500").json["items"]
            return {m["email"]: m["team"] for m in items}

        wait_for(lambda: (now := teams()) and all(now[e] == t for e, t in self.expected.items()), "every change", 60)
        self.stage.rest()
        dead = self.stage.redis("XRANGE", PREFIX + "jobs:dead", "-", "+")
        assert self.stage.redis("XLEN", PREFIX + "jobs:dead") == "0", dead
        return self.accepted


def the_slot_moves_while_jobs_flow(stage, cluster, slot, people):
    daemon = stage.start_daemon(queue={"claim_after_s": 1}, sync={"reread_after_s": []})
    stage.connect(daemon)
    stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
    stage.rest()
    flow = Flow(stage, daemon, people)
    try:
        flow.goes_on()
        source = cluster.owner(slot)
        target = next(port for port in cluster.ports if f":{port}" not in stage.redis_url and port != source)
        migrate(cluster, slot, source, target)
        flow.goes_on()
        replica = cluster.add_replica(target)
        assert cli(replica, "CLUSTER", "FAILOVER") == "OK"
        wait_for(lambda: cluster.owner(slot) == replica, "everybody to know the replica as the owner", 30, 0.1)
        flow.goes_on()
    finally:
        accepted = flow.end()
    print(f"{accepted} changes on three owners of the slot; errors met:", errors(*cluster.ports), flush=True)
    assert daemon.stop() == 0


def main():
    with Stage() as stage:
        cluster = Cluster(stage)
        slot = int(cli(cluster.ports[0], "CLUSTER", "KEYSLOT", PREFIX))
        stranger = next(port for port in cluster.ports if port != cluster.owner(slot))
        stage.prefix = PREFIX
        stage.redis_url, stage.redis_words = f"redis://127.0.0.1:{stranger}", ["-c", "-p", stranger]
        people = the_whole_story(stage, cluster)
        the_slot_moves_while_jobs_flow(stage, cluster, slot, people[30:38])


main()
