#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The stream of events as a page that shows the team has it: how long a change takes to be seen, what it tells of
runs, holds and the connection, that nothing is lost or doubled over a reconnect, and what many listeners cost."""
import hashlib
import json
import os
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from event_stream import EventStream  # noqa: E402
from stage import Stage, memory_mib, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
LISTENERS = 200
LISTENERS_MIB = 24
CHANGES = 50


class Team:
    def __init__(self, stage, daemon):
        self.stage, self.daemon = stage, daemon
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        self.people = [email for email in people if not email.startswith("admin@")][:30]
        for email in self.people:
            self.api("POST", "/members", {"email": email, "status": "active"})
        stage.rest()
        wait_for(lambda: all(m["sync"]["directory_user_id"] for m in self.api("GET", "/members?limit=500")["items"]),
                 "everybody linked")

    def api(self, method, path, body=None):
        reply = self.daemon.admin(method, ORG + path, body)
        assert reply.status < 300, (method, path, reply)
        return reply.json

    def listen(self, last_id=None, **where):
        return EventStream(self.daemon, ORG + "/events", last_id=last_id, **where)

    def move(self, email, department):
        self.stage.control("PATCH", f"/users/{email}", {"department": department})

    def history(self):
        """Oldest first."""
        items, cursor = [], ""
        while cursor is not None:
            page = self.api("GET", f"/history?limit=500&cursor={cursor}")
            items, cursor = items + page["items"], page["next_cursor"]
        return items[::-1]


def a_change_is_seen_within_two_seconds(team):
    with team.listen() as stream:
        stream.wait(lambda e: e.name == "connection", "how the org stands")
        taken = []
        for n in range(CHANGES):
            time.sleep(n * 0.01)  # at any time between two looks
            began = time.monotonic()
            team.move(team.people[n % 10], f"Department {n}")
            event = stream.wait(lambda e: e.name == "member" and e.data["after"] == f"Department {n}", "the change", 20)
            taken.append(time.monotonic() - began)
            assert event.id == event.data["id"] and event.data["field"] == "team", event
        print(f"from the change in the directory to the event: median {statistics.median(taken) * 1000:.0f} ms, "
              f"longest {max(taken) * 1000:.0f} ms of {CHANGES}")
        assert team.history()[-1] == event.data, "as the history has it"


def it_begins_with_how_things_stand(team):
    newest = team.history()[-1]["id"]
    with team.listen() as stream:
        first = stream.next()
        assert (first.name, first.data, first.id) == ("connection", {"state": "active"}, newest), first
        assert stream.next().data == {"open": False, "digest": None, "suspensions": 0}
        assert stream.retry == 2000 and "\r\nContent-Type: text/event-stream\r\n" in stream.head, stream.head
        team.api("PUT", "/connection/auto-sync", {"enabled": False})
        stream.wait(lambda e: e.name == "connection" and e.data == {"state": "connected"}, "it to be off")
        team.api("PUT", "/connection/auto-sync", {"enabled": True})
        who = stream.wait(lambda e: e.name == "member" and e.data["field"] == "connection", "who did that")
        assert who.data["member"] is None and "admin socket" in who.data["cause"], who
        stream.wait(lambda e: e.name == "connection" and e.data == {"state": "active"}, "it to be on")
    team.stage.rest()


def a_run_is_told(team):
    team.stage.control("PATCH", "/settings", {"latency_ms": 400})
    with team.listen() as stream:
        team.api("POST", "/resync", {"mode": "apply"})
        running = stream.wait(lambda e: e.name == "run" and e.data["state"] == "running", "the run to begin")
        ended = stream.wait(lambda e: e.name == "run" and e.data["id"] == running.data["id"]
                            and e.data["state"] == "done", "the run to end", 60)
        assert ended.data == team.api("GET", "/resyncs")["items"][0], ended
    team.stage.control("PATCH", "/settings", {"latency_ms": 0})


def a_hold_is_told(team):
    team.stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
    leavers = team.people[10:18]
    for email in leavers:
        team.stage.control("POST", f"/users/{email}/suspend")
    with team.listen() as stream:
        team.api("POST", "/resync", {"mode": "apply"})
        held = stream.wait(lambda e: e.name == "hold" and e.data["open"], "the hold", 60)
        wait_for(lambda: team.api("GET", "/resyncs")["items"][0]["state"] == "done", "the run to end", 60)
        hold = team.api("GET", "/hold")
        while held.data["digest"] != hold["digest"]:
            held = stream.wait(lambda e: e.name == "hold", "the whole hold")
        assert held.data["suspensions"] == len(hold["items"]) > 0, held
        team.api("POST", "/hold/reject", {"digest": hold["digest"]})
        stream.wait(lambda e: e.name == "hold" and not e.data["open"], "the hold to end")
    team.stage.control("DELETE", "/faults")
    team.stage.rest()


class Follower(threading.Thread):
    """A client as EventSource is one: it comes back with the last id that it has heard."""

    def __init__(self, team, last_id):
        super().__init__(daemon=True)
        self.team, self.last_id, self.ids, self.resets, self.visits, self.is_over = team, last_id, [], 0, 0, False
        self.start()

    def run(self):
        while not self.is_over:
            try:
                with self.team.listen(self.last_id) as stream:
                    self.visits += 1
                    self.hear(stream)
            except (OSError, EOFError, AssertionError):
                time.sleep(0.05)

    def hear(self, stream):
        while not self.is_over:
            event = stream.next(0.2)
            if event:
                self.resets += event.name == "reset"
                self.ids += [event.id] if event.name == "member" else []
                self.last_id = event.id or self.last_id


def nothing_is_lost_over_a_kill_and_a_redis_that_restarts(team, redis, settings):
    begun = len(team.history())
    follower = Follower(team, team.history()[-1]["id"])
    wait_for(lambda: follower.visits, "it to listen")
    for n in range(6):
        for i, email in enumerate(team.people[:10]):
            team.move(email, f"Round {n}.{i}")
        if n == 1:
            wait_for(lambda: follower.ids, "the first events")
        if n in (1, 3):
            team.daemon.kill()
            visits = follower.visits
            team.daemon = team.stage.start_daemon(number=0, **settings)
            wait_for(lambda: follower.visits > visits, "it to come back")
        if n in (2, 4):
            redis.kill()
            redis.wait()
            time.sleep(0.5)
            redis = team.stage.start_redis("--appendfsync", "always")
            wait_for(lambda: team.daemon.admin("GET", "/readyz").status == 200, "the daemon to be ready")
    team.api("POST", "/resync", {"mode": "apply"})
    wait_for(lambda: {m["team"] for m in team.api("GET", "/members?limit=500")["items"] if m["email"] in team.people[:10]}
             == {f"Round 5.{i}" for i in range(10)}, "the last round", 60)
    team.stage.rest()
    wanted = [entry["id"] for entry in team.history()[begun:]]
    wait_for(lambda: len(follower.ids) >= len(wanted), "all of them", 30)
    follower.is_over = True
    follower.join()
    assert follower.ids == wanted and not follower.resets, (len(follower.ids), len(wanted), follower.resets)
    print(f"two kills of the daemon, two of Redis: {len(wanted)} changes, each heard once, over {follower.visits} streams")
    return redis


def streams_stay_open_while_redis_is_away(team, redis):
    with team.listen() as stream:
        stream.wait(lambda e: e.name == "connection", "how the org stands")
        redis.kill()
        redis.wait()
        time.sleep(2)
        redis = team.stage.start_redis("--appendfsync", "always")
        team.move(team.people[0], "Back")
        stream.wait(lambda e: e.name == "member" and e.data["after"] == "Back", "the change on the same stream", 60)
    return redis


def who_was_away_for_too_long_loads_anew(team):
    key = team.stage.prefix + "history:acme"
    first = team.history()[0]["id"]
    add = "for i = 1, 1001 do redis.call('XADD', KEYS[1], '*', 'member', '', 'field', 'hold', 'cause', i, 'at_us', 1) end"
    before = team.history()[-1]["id"]
    team.stage.redis("EVAL", add, 1, key)
    newest = team.history()
    for last_id in (first, before, "1-1", "18446744073709551615-18446744073709551615"):
        with team.listen(last_id) as stream:
            event = stream.next()
            assert (event.name, event.id) == ("reset", newest[-1]["id"]), (last_id, event)
            assert stream.next().name == "connection"
    wanted = [entry["id"] for entry in newest if entry["cause"] == "1"][0]
    with team.listen(wanted) as stream:  # a thousand behind
        began, heard = time.monotonic(), []
        while len(heard) < 1000:
            event = stream.next()
            heard += [event.id] if event.name == "member" else []
        assert heard == [entry["id"] for entry in newest][-1000:]
        print(f"a thousand entries behind: caught up in {(time.monotonic() - began) * 1000:.0f} ms")
    with team.listen(query=newest[-2]["id"]) as stream:
        assert stream.next().id == newest[-1]["id"]
    assert team.daemon.admin("GET", ORG + "/events?last_event_id=7").status == 400


def looks_in(stage, seconds):
    """How often somebody looks what is new."""
    log = stage.folder / "monitor.log"
    with open(log, "w") as file:
        monitor = stage.spawn(["redis-cli", *stage.redis_words, "MONITOR"], stdout=file)
    wait_for(lambda: "OK" in log.read_text(), "Redis to tell what it is asked")
    time.sleep(seconds)
    monitor.terminate()
    monitor.wait()
    return sum('"EVALSHA"' in line.upper() and "history:acme" in line and "runs:acme" in line
               for line in log.read_text().splitlines())


def many_listen_at_once(team):
    assert looks_in(team.stage, 2) == 0
    idle = memory_mib(team.daemon.pid)
    streams = [team.listen() for _ in range(LISTENERS)]
    for stream in streams:
        stream.wait(lambda e: e.name == "connection", "how the org stands")
    refused = team.daemon.admin("GET", ORG + "/events")
    assert refused.status == 503 and refused.headers["Retry-After"], refused
    rate = looks_in(team.stage, 4) / 4
    began = time.monotonic()
    team.move(team.people[0], "To all")
    for stream in streams:
        stream.wait(lambda e: e.name == "member" and e.data["after"] == "To all", "the change")
    growth = memory_mib(team.daemon.pid) - idle
    print(f"{LISTENERS} listeners: a change reaches all in {(time.monotonic() - began) * 1000:.0f} ms, "
          f"{growth:.1f} MiB more, {rate:.1f} looks a second")
    assert growth < LISTENERS_MIB and 1 <= rate <= 3, (growth, rate)
    for stream in streams:
        stream.close()
    wait_for(lambda: team.daemon.admin("HEAD", ORG + "/events").status == 200, "them to be gone")
    wait_for(lambda: looks_in(team.stage, 1) == 0, "nobody to look where nobody listens")


def who_does_not_read_costs_nothing(team):
    """It falls behind, until it has to load anew."""
    idle = memory_mib(team.daemon.pid)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = team.daemon.address.rsplit(":", 1)
    line.connect((host, int(port)))
    line.sendall(f"GET {ORG}/events HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKENS['acme']}\r\n\r\n".encode())
    assert line.recv(12) == b"HTTP/1.1 200"
    add = "for i = 1, 100 do redis.call('XADD', KEYS[1], '*', 'member', '', 'field', 'hold', 'after', ARGV[1], 'at_us', 1) end"
    for n in range(30):
        team.stage.redis_at_once("EVAL", add, 1, team.stage.prefix + "history:acme", "x" * 4000)
        time.sleep(0.1)
    growth = memory_mib(team.daemon.pid) - idle
    print(f"one that does not read, 12 MB behind: {growth:.1f} MiB more")
    assert growth < 8, growth
    line.settimeout(20)
    heard = b""
    while b"event: reset\n" not in heard:
        got = line.recv(1 << 16)
        assert got, "it was cut"
        heard += got
    assert heard.count(b"event: member\n") < 2000, heard.count(b"event: member\n")
    line.close()


TOKENS = {}


def give_tokens(stage):
    for org in ("acme", "other"):
        secret = f"ts_{org}"
        TOKENS[org] = f"Bearer {secret}"
        stage.redis("HSET", stage.prefix + "token:" + hashlib.sha256(secret.encode()).hexdigest(), "org", org,
                    "permissions", "members:read", "name", org)


def others_hear_nothing(team):
    for token, status in ((TOKENS["other"], 404), ("Bearer ts_guessed", 401)):
        assert team.daemon.request("GET", ORG + "/events", headers={"Authorization": token}).status == status
    assert team.daemon.admin("GET", "/api/v1/orgs/nowhere/events").status == 404
    with team.listen(token=TOKENS["acme"]) as stream:
        assert stream.next().name == "connection"


def streams_end_at_once_when_the_daemon_stops(team):
    team.stage.control("PATCH", "/settings", {"latency_ms": 1500})  # a job that takes its time to end
    team.api("POST", "/resync", {"mode": "apply"})
    streams = [team.listen(), team.listen(token=TOKENS["acme"])]
    for stream in streams:
        stream.wait(lambda e: e.name == "run" and e.data["state"] == "running", "the run to begin")
    began = time.monotonic()
    team.daemon.process.terminate()
    for stream in streams:
        stream.wait_for_end(20)
    ended = time.monotonic() - began
    refused = team.daemon.admin("GET", ORG + "/events")
    assert refused.status == 503, refused
    assert team.daemon.process.wait(20) == 0
    print(f"SIGTERM: the streams end after {ended * 1000:.1f} ms, the daemon after {time.monotonic() - began:.1f} s")
    assert ended < 1, ended


def main():
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"
    with Stage() as stage:
        redis = stage.start_redis("--appendfsync", "always")
        stage.start_sandbox("--people", "60")
        settings = {"sync": {"reread_after_s": [1]}, "queue": {"claim_after_s": 1}}
        daemon = stage.start_daemon(**settings)
        stage.connect_org(daemon)
        give_tokens(stage)
        team = Team(stage, daemon)
        a_change_is_seen_within_two_seconds(team)
        it_begins_with_how_things_stand(team)
        a_run_is_told(team)
        a_hold_is_told(team)
        others_hear_nothing(team)
        redis = nothing_is_lost_over_a_kill_and_a_redis_that_restarts(team, redis, settings)
        streams_stay_open_while_redis_is_away(team, redis)
        who_was_away_for_too_long_loads_anew(team)
        many_listen_at_once(team)
        who_does_not_read_costs_nothing(team)
        streams_end_at_once_when_the_daemon_stops(team)


main()
