# SPDX-License-Identifier: MIT
"""A full resync of a directory in which every user is a member: the first one (everybody is linked), one
in which nothing has changed, one in which 1 % have. Absolute times are this machine's."""
import argparse
import datetime
import sys

from big_team import first_resync, gather, to_sandbox
from stage import Stage, memory_mib, wait_for

ORG = "/api/v1/orgs/acme"


def processor_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def forget_peak(pid):
    open(f"/proc/{pid}/clear_refs", "w").write("5")


def requests(stage):
    counts = stage.control("GET", "/requests")
    return {method: sum(by_status.values()) for method, by_status in counts.items() if by_status}


def seconds(figures):
    began, ended = (datetime.datetime.fromisoformat(figures[key].replace("Z", "+00:00"))
                    for key in ("started_at", "ended_at"))
    return (ended - began).total_seconds()


def run(stage, daemon, redis_pid, what):
    stage.control("POST", "/reset-counters")
    known = {r["id"] for r in daemon.admin("GET", ORG + "/resyncs").json["items"]}
    forget_peak(daemon.pid)
    used, redis_used = processor_seconds(daemon.pid), processor_seconds(redis_pid)
    before = memory_mib(daemon.pid, "VmRSS")
    daemon.admin("POST", ORG + "/resync")

    def ended():
        runs = daemon.admin("GET", ORG + "/resyncs").json["items"]
        return [r for r in runs if r["id"] not in known and r["state"] != "running"]

    figures = wait_for(ended, "the resync", 3600, 0.1)[0]
    counts = requests(stage)
    print(f"{figures['users']:>8} users, {what:<9} {figures['changed']:>7} changed: {seconds(figures):8.2f} s, daemon "
          f"{processor_seconds(daemon.pid) - used:7.2f} s processor, {before:6.1f} → {memory_mib(daemon.pid, 'VmHWM'):6.1f} MiB "
          f"at most; Redis {processor_seconds(redis_pid) - redis_used:7.2f} s; requests {counts}", flush=True)
    assert figures["state"] == "done", figures


def measure(people):
    with Stage() as stage:
        stage.start_redis(append_only=people <= 100000)
        redis_pid = stage.processes[-1].pid
        daemon, addresses = gather(stage, people)
        first = first_resync(daemon)
        print(f"{first['users']:>8} users, first: {first['changed']} changed in {seconds(first):.2f} s, "
              f"{memory_mib(daemon.pid, 'VmHWM'):.1f} MiB at most", flush=True)
        stage.rest(600)
        run(stage, daemon, redis_pid, "unchanged")
        sandbox = to_sandbox(stage)
        for number, address in enumerate(addresses[::100]):
            sandbox.request("PATCH", "/control/users/" + address, {"department": f"Team {number % 7}", "notify": False})
        run(stage, daemon, redis_pid, "1 %")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, action="append")
    for people in options.parse_args().people or [1000, 10000]:
        measure(people)


sys.exit(main())
