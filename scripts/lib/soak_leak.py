# SPDX-License-Identifier: MIT
"""Does the daemon keep memory that it should give back? A release build under a load that never changes:
notifications with changes, resyncs, reads of the API, metrics. Its resident memory is looked at each
second; in the last fifth of the time it may not be much above what it was in the second."""
import itertools
import statistics
import sys
import threading
import time

from stage import Failure, Stage, memory_mib

ORG = "/api/v1/orgs/acme"
PEOPLE = 200
EVERY_S = {"change": 0.025, "read": 0.1, "metrics": 1, "resync": 10}
TOLERATED_MIB, TOLERATED_SHARE = 2, 0.05


class Load:
    """Each kind of request at its own pace, in a thread of its own."""

    def __init__(self, stage, daemon, people):
        self.stage, self.daemon = stage, daemon
        self.people = itertools.cycle(people)
        self.members = itertools.cycle(
            member["id"] for member in daemon.admin("GET", ORG + "/members?limit=500").json["items"])
        self.counts = dict.fromkeys(EVERY_S, 0)
        self.is_over = threading.Event()
        self.failure = None
        self.threads = [threading.Thread(target=self.press, args=(kind,), daemon=True) for kind in EVERY_S]

    def press(self, kind):
        due = time.monotonic()
        try:
            while not self.is_over.wait(max(0, due - time.monotonic())):
                getattr(self, kind)()
                self.counts[kind] += 1
                due += EVERY_S[kind]
        except (OSError, Failure) as failure:
            self.failure = f"{kind}: {failure}"

    def change(self):
        self.stage.control("PATCH", f"/users/{next(self.people)}", {"department": f"Team {self.counts['change']}"})

    def read(self):
        """A person's page: the team, a member, their history, what is connected."""
        member = next(self.members)
        for path in ("/members?limit=50", f"/members/{member}", f"/members/{member}/history", "/connection"):
            self.must(self.daemon.admin("GET", ORG + path), 200)

    def metrics(self):
        self.must(self.daemon.request("GET", "/metrics"), 200)

    def resync(self):
        self.must(self.daemon.admin("POST", ORG + "/resync"), 202)

    @staticmethod
    def must(reply, status):
        if reply.status != status:
            raise Failure(str(reply))


def sample(load, pid, seconds):
    samples = []
    began = time.monotonic()
    for second in range(seconds):
        time.sleep(max(0, began + second + 1 - time.monotonic()))
        if load.failure:
            raise Failure(load.failure)
        samples.append(memory_mib(pid))
    return samples


def judge(samples):
    """The median of each fifth; whether the last one is too far above the second."""
    fifth = len(samples) // 5
    medians = [statistics.median(samples[i * fifth:(i + 1) * fifth]) for i in range(5)]
    settled = samples[fifth:]
    slope = statistics.linear_regression(range(len(settled)), settled).slope * 1024 * 3600
    print("resident, median of each fifth: " + ", ".join(f"{median:.2f}" for median in medians) + " MiB; "
          f"at most {max(samples):.2f} MiB; {slope:+.0f} KiB/hour after the first fifth")
    grown, tolerated = medians[4] - medians[1], max(TOLERATED_MIB, TOLERATED_SHARE * medians[1])
    print(f"grown by {grown:.2f} MiB from the second fifth to the last; {tolerated:.2f} MiB are tolerated")
    return grown <= tolerated


def main():
    seconds = int(sys.argv[1])
    if seconds < 10:
        sys.exit("at least ten seconds are needed, for there are fifths of them")
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", PEOPLE)
        daemon = stage.start_daemon(sync={"reread_after_s": [1]}, log={"level": "warning"})
        stage.connect_org(daemon)
        people = [user["primaryEmail"] for user in stage.control("GET", "/users?limit=1000")["users"]]
        for email in people:
            Load.must(daemon.admin("POST", ORG + "/members", {"email": email, "status": "active"}), 201)
        stage.rest()
        load = Load(stage, daemon, people)
        for thread in load.threads:
            thread.start()
        samples = sample(load, daemon.pid, seconds)
        load.is_over.set()
        for thread in load.threads:
            thread.join()
        print(f"{seconds} s: " + ", ".join(f"{count} × {kind}" for kind, count in load.counts.items()))
        is_steady = judge(samples)
        stage.rest()
        Load.must(daemon.admin("GET", "/readyz"), 200)
        status = daemon.stop()
    sys.exit(0 if is_steady and status == 0 else 1)


main()
