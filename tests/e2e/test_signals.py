#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SIGHUP: another log level and other limits, and nobody is cut off. SIGTERM: not ready any more, but still
there for whoever comes; what runs may end, within a bound; what is left, another daemon does."""
import http.client
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, free_port, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
ADA, GRACE = "ada@acme.example", "grace@acme.example"
DRAIN_S = 10
QUIET = {"sync": {"reread_after_s": []}, "queue": {"claim_after_s": 2}}


def team_of(daemon, email):
    items = daemon.admin("GET", ORG + "/members?limit=500").json["items"]
    return next(member["team"] for member in items if member["email"] == email)


def queue_user(stage, email):
    stage.redis_at_once("XADD", "teamsync:jobs", "*", "type", "user", "org", "acme", "user", email)


class Kept:
    """A connection that is kept open over many requests."""

    def __init__(self, daemon):
        host, port = daemon.address.rsplit(":", 1)
        self.line = http.client.HTTPConnection(host, int(port), timeout=15)
        self.line.connect()
        self.name = self.line.sock.getsockname()

    def get(self, path):
        self.line.request("GET", path)
        reply = self.line.getresponse()
        text = reply.read().decode()
        assert self.line.sock and self.line.sock.getsockname() == self.name, "it had to connect anew"
        return reply.status, text


def reload_changes_limits_and_cuts_nobody_off(stage):
    daemon = stage.daemons[0]
    kept = Kept(daemon)
    assert kept.get("/readyz")[0] == 200
    settings = {"sync": {"reread_after_s": []}, "log": {"level": "debug"},
                "queue": {"claim_after_s": 2, "max_waiting": 1, "concurrency": 1},
                "google": {"requests_per_minute": 60}}
    config = stage.folder / "teamsync-0.yaml"
    before = config.read_text()
    config.write_text(stage.config_text(0, settings))
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for(lambda: "msg=reloaded" in daemon.log.read_text(), "the reload")
    assert "take effect after a restart" not in daemon.log.read_text(), daemon.log.read_text()[-1000:]
    stage.control("POST", "/faults", {"on": "users.get", "kind": "hang"})
    queue_user(stage, ADA)
    wait_for(lambda: kept.get("/readyz") == (503, '{"ready":false,"reasons":["the queue is full"]}\n'), "the new limit")
    wait_for(lambda: "level=debug" in daemon.log.read_text(), "the new level")
    config.write_text("queue: {concurrency: none}\n")
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for(lambda: "level=error" in daemon.log.read_text(), "the complaint")
    assert kept.get("/readyz")[0] == 503, "a file that is wrong changes nothing"
    config.write_text(before)
    os.kill(daemon.pid, signal.SIGHUP)
    wait_for(lambda: kept.get("/readyz")[0] == 200, "the old limit again")
    stage.control("DELETE", "/faults")
    print("a reload changes limits and log level; the connection was kept")


def stopping_is_bounded_and_leaves_nothing_undone(stage):
    """One job hangs at the directory; another notification comes while it stops."""
    first = stage.daemons[0]
    second = stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"]}, **QUIET)
    grace = stage.control("GET", f"/users/{GRACE}")["id"]
    channel = stage.control("GET", "/channels")["channels"][0]
    headers = {"X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel["token"],
               "X-Goog-Resource-State": "update", "X-Goog-Message-Number": "7"}
    stage.control("PATCH", f"/users/{ADA}", {"department": "Last", "notify": False})
    stage.control("PATCH", f"/users/{GRACE}", {"department": "Late", "notify": False})
    stage.control("POST", "/faults", {"on": "users.get", "kind": "hang", "match": ADA.split("@")[0], "count": 1})
    stage.control("POST", "/faults", {"on": "users.get", "kind": "hang",
                                      "match": stage.control("GET", f"/users/{ADA}")["id"], "count": 1})
    os.kill(second.pid, signal.SIGSTOP)  # so that the first one takes it
    queue_user(stage, ADA)
    wait_for(lambda: stage.redis("XPENDING", "teamsync:jobs", "workers").split("\n")[0] == "1", "the job to be taken")
    os.kill(second.pid, signal.SIGCONT)

    began = time.monotonic()
    os.kill(first.pid, signal.SIGTERM)
    ready = wait_for(lambda: (r := first.request("GET", "/readyz")).status == 503 and r, "not to be ready any more")
    assert ready.json["reasons"] == ["it is about to stop"], ready
    assert first.request("POST", "/webhooks/google-workspace", {"id": grace}, headers).status == 204
    wait_for(lambda: team_of(second, GRACE) == "Late", "the other daemon to do what came late", 10)
    assert first.process.wait(DRAIN_S + 10) == 0
    took = time.monotonic() - began
    wait_for(lambda: team_of(second, ADA) == "Last", "the other daemon to take over what hung", 30)
    stage.rest()
    assert stage.redis("XLEN", "teamsync:jobs:dead") == "0"
    assert second.stop() == 0
    print(f"stopped in {took:.1f} s while a job hung; nothing was left undone")


def an_idle_daemon_stops_at_once_and_hands_back_what_it_had_taken(stage):
    """Jobs flow in all the while; none has to wait until it is taken over from the one that left."""
    patient = {"sync": {"reread_after_s": []}, "queue": {"claim_after_s": 3600}}
    first = stage.start_daemon(**patient)
    second = stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"]}, **patient)
    for round_number in range(5):
        for number in range(10):
            queue_user(stage, [ADA, GRACE][number % 2])
        os.kill(first.pid, signal.SIGTERM)
        for number in range(10):
            queue_user(stage, [GRACE, ADA][number % 2])
        assert first.process.wait(DRAIN_S + 10) == 0
        stage.rest(30)
        first = stage.start_daemon(number=stage.daemons.index(first), **patient)
    assert first.stop() == 0 and second.stop() == 0
    print("five daemons left under load, and no job was stuck with any of them")


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "5")
        daemon = stage.start_daemon(**QUIET)
        stage.connect_org(daemon)
        for email in (ADA, GRACE):
            assert daemon.admin("POST", ORG + "/members", {"email": email, "status": "active"}).status == 201
        stage.rest()
        reload_changes_limits_and_cuts_nobody_off(stage)
        stage.rest(90)
        stopping_is_bounded_and_leaves_nothing_undone(stage)
        an_idle_daemon_stops_at_once_and_hands_back_what_it_had_taken(stage)


main()
