#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever Redis does, the receiver says at once that it cannot keep a notification, and says no more than
that: 503 with Retry-After. What was accepted before takes effect as soon as Redis works again, once; and
what was refused is accepted then."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, free_port, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
ADA = "ada@acme.example"
PATIENCE_S = 4  # of whoever posts a notification: more than the two seconds a silent Redis is given


class Google:
    """Posts notifications as Google does, but once each, and looks at the answer."""

    def __init__(self, stage, daemon):
        self.stage, self.daemon = stage, daemon
        self.channel = stage.control("GET", "/channels")["channels"][0]
        self.user = stage.control("GET", f"/users/{ADA}")["id"]
        self.number = 0

    def notify(self):
        self.number += 1
        headers = {"X-Goog-Channel-ID": self.channel["id"], "X-Goog-Channel-Token": self.channel["token"],
                   "X-Goog-Resource-State": "update", "X-Goog-Message-Number": str(self.number)}
        return self.daemon.request("POST", "/webhooks/google-workspace", {"id": self.user}, headers, PATIENCE_S)

    def is_refused(self):
        reply = self.notify()
        assert reply.status in (204, 503), reply
        if reply.status == 503:
            assert int(reply.headers["Retry-After"]) > 0, reply.headers
            assert reply.json["status"] == 503 and reply.json["detail"], reply
        return reply.status == 503


class Trouble:
    def __init__(self, stage, daemon):
        self.stage, self.daemon, self.google = stage, daemon, Google(stage, daemon)
        self.teams = ["Start"]

    def history(self):
        path = f"{ORG}/members/{self.member}/history?limit=500"
        return [e["after"] for e in reversed(self.daemon.admin("GET", path).json["items"]) if e["field"] == "team"]

    def change(self, team):
        self.teams.append(team)
        self.stage.control("PATCH", f"/users/{ADA}", {"department": team, "notify": False})

    def effect(self, team):
        """It is in the roster; each change stands in the history once."""
        def is_there():
            reply = self.daemon.admin("GET", f"{ORG}/members/{self.member}")
            return reply.status == 200 and reply.json["team"] == team

        wait_for(is_there, f"the effect of {team}", 30)
        assert self.history() == self.teams, (self.history(), self.teams)

    def over(self, what, begin, end, is_silent=False):
        """A change is accepted right before, and one refused meanwhile."""
        self.change(f"before: {what}")
        assert self.google.notify().status == 204
        self.effect(f"before: {what}")
        begin()
        self.change(f"after: {what}")
        if is_silent:
            assert self.google.is_refused()  # after so long as a command may take
        else:
            wait_for(self.google.is_refused, f"{what}: refused", 5)
        began = time.monotonic()
        for _ in range(20):
            assert self.google.is_refused(), f"{what}: accepted what cannot be kept"
        took = time.monotonic() - began
        assert self.daemon.request("GET", "/healthz").status == 200
        if what not in ("out of memory", "read-only"):  # reading still works then
            assert self.daemon.request("GET", "/readyz").status == 503
        end()
        wait_for(lambda: not self.google.is_refused(), f"{what}: accepted again", 30)
        self.effect(f"after: {what}")
        self.stage.rest()
        print(f"{what}: each of 20 refused within {took / 20 * 1000:.0f} ms")


def main():
    with Stage() as stage:
        state = {"redis": stage.start_redis()}
        stage.start_sandbox("--people", "10")
        daemon = stage.start_daemon(sync={"reread_after_s": []})
        stage.connect_org(daemon)
        stage.control("PATCH", f"/users/{ADA}", {"department": "Start", "notify": False})
        member = daemon.admin("POST", ORG + "/members", {"email": ADA, "status": "active"}).json["id"]
        stage.rest()
        trouble = Trouble(stage, daemon)
        trouble.member = member
        trouble.effect("Start")

        def kill():
            state["redis"].kill()
            state["redis"].wait()

        def start():
            state["redis"] = stage.start_redis()

        def pause(number):
            return lambda: state["redis"].send_signal(number)

        def restart_slowly():
            """It reads its log in, so slowly that it can be asked meanwhile."""
            kill()
            state["redis"] = stage.spawn(
                ["redis-server", "--port", "0", "--unixsocket", stage.redis_socket, "--dir", stage.folder,
                 "--save", "", "--appendonly", "yes", "--logfile", "redis.log", "--key-load-delay", "3000",
                 "--loading-process-events-interval-bytes", "1024"], stdout=subprocess.DEVNULL)
            wait_for(lambda: "LOADING" in stage.redis("GET", "x"), "Redis to load")

        def command(*words):
            return lambda: stage.redis(*words)

        trouble.over("killed", kill, start)
        trouble.over("silent", pause(signal.SIGSTOP), pause(signal.SIGCONT), is_silent=True)
        trouble.over("read-only", command("REPLICAOF", "127.0.0.1", free_port()), command("REPLICAOF", "NO", "ONE"))
        trouble.over("out of memory", command("CONFIG", "SET", "maxmemory", "1"),
                     command("CONFIG", "SET", "maxmemory", "0"))
        stage.redis("SCRIPT", "FLUSH")
        trouble.change("without scripts")
        assert trouble.google.notify().status == 204
        trouble.effect("without scripts")
        for number in range(2000):
            stage.redis_at_once("SET", f"filler:{number}", "x" * 100)
        trouble.over("loading", restart_slowly, lambda: wait_for(lambda: "LOADING" not in stage.redis("GET", "x"),
                                                             "Redis to have loaded", 60))
        assert stage.redis("XLEN", "teamsync:jobs:dead") == "0"
        assert daemon.stop() == 0


main()
