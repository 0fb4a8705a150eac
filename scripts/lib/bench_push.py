# SPDX-License-Identifier: MIT
"""Push → effect against the sandbox: one change at a time (latency), then a burst (throughput), with
the share of processor time and the memory of daemon and Redis. Absolute times are this machine's."""
import argparse
import re
import sys
import time

from stage import Stage, memory_mib, wait_for

ORG = "/api/v1/orgs/acme"


def effect(daemon):
    text = daemon.admin("GET", "/metrics").text
    found = dict(re.findall(r"^teamsync_push_to_effect_seconds_(sum|count) (\S+)$", text, re.M))
    return int(found.get("count", 0)), float(found.get("sum", 0))


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def one_by_one(stage, daemon, people, changes):
    took = []
    for number in range(changes):
        email = people[number % len(people)]
        count, seconds = effect(daemon)
        stage.control("PATCH", f"/users/{email}", {"department": f"Team {number}"})
        new_count, new_seconds = wait_for(
            lambda: (e := effect(daemon))[0] > count and e, "the effect", pause=0.002)
        took.append((new_seconds - seconds) / (new_count - count) * 1000)
    took.sort()
    print(f"one by one: {changes} changes, push → effect p50 {percentile(took, .5):.2f} ms, "
          f"p99 {percentile(took, .99):.2f} ms, worst {took[-1]:.2f} ms")


def burst(stage, daemon, people, rounds):
    count, _ = effect(daemon)
    began, used = time.monotonic(), processor_seconds(daemon.pid)
    for number in range(rounds):
        for email in people:
            stage.control("PATCH", f"/users/{email}", {"department": f"Burst {number}"})
    last = f"Burst {rounds - 1}"
    wait_for(lambda: all(m["team"] == last for m in
                         daemon.admin("GET", ORG + "/members?limit=500").json["items"]
                         if m["email"] in people), "the burst to be in", 120)
    wall = time.monotonic() - began
    done = effect(daemon)[0] - count
    used = processor_seconds(daemon.pid) - used
    print(f"burst: {rounds * len(people)} changes in {wall:.2f} s became {done} effects, the daemon used "
          f"{used:.2f} s of processor time; {memory_mib(daemon.pid):.1f} MiB resident")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--changes", type=int, default=500)
    changes = options.parse_args().changes
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "100")
        daemon = stage.start_daemon(sync={"reread_after_s": []}, log={"level": "warning"})
        stage.connect_org(daemon)
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=200")["users"]]
        for email in people:
            daemon.admin("POST", ORG + "/members", {"email": email})
        stage.rest()
        one_by_one(stage, daemon, people, changes)
        burst(stage, daemon, people, max(1, changes // len(people)))


sys.exit(main())
