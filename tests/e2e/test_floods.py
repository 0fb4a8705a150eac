#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon under floods: more clients than it has room for, that are slow, silent, greedy or lie. All the
while notifications take effect and everybody who asks is answered; afterwards nothing of it is left."""
import http.client
import os
import re
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

HOOK = "/webhooks/google-workspace"
DESCRIPTORS = 400     # of the daemon
CONNECTIONS = 300     # that it takes, then
PESTS = 600
SECONDS = 8
LIES_MAX = 4000
MEMORY_MAX_MIB = 150  # the daemon's growth at its worst; with 300 × 1.7 MB of colons it would be 500

HALF_A_BODY = f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 131072\r\n\r\n".encode()
KINDS = [  # what a pest sends first, and then again and again
    (b"", b""),
    (b"", b"G"),
    (b"GET /healthz HTTP/1.1\r\nX-Slow: ", b"s"),
    (b"GET /healthz HTTP/1.1\r\n\r\n", b""),
    (b"GET /metrics HTTP/1.1\r\n\r\n" * 50, b""),
    (HALF_A_BODY, b"b"),
    (HALF_A_BODY + b"b" * 131000, b""),
    (f"POST {HOOK} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\nb\r\n"),
    (b"GET /healthz HTTP/1.1\r\n" + b":\n" * 15000, b":\n"),
    (b"nonsense\r\n\r\n", b""),
]


def address_of(daemon):
    host, port = daemon.address.rsplit(":", 1)
    return host, int(port)


class TightStage(Stage):
    """The daemon gets few descriptors, the pests have enough."""

    def spawn(self, words, **options):
        limit = ["prlimit", f"--nofile={DESCRIPTORS}"] if "teamsyncd" in str(words[0]) else []
        return super().spawn([*limit, *words], **options)


class Pest:
    """Takes a connection, never reads, and comes back when it is sent away."""

    def __init__(self, number, address):
        self.address, self.visits = address, 0
        self.start, self.drop = KINDS[number % len(KINDS)]
        self.come()

    def come(self):
        self.line = socket.socket()
        self.line.setblocking(False)
        self.line.connect_ex(self.address)
        self.left = self.start
        self.visits += 1

    def act(self):
        try:
            if self.left:
                self.left = self.left[self.line.send(self.left):]
            else:
                self.line.send(self.drop)
            if self.line.recv(1, socket.MSG_PEEK) == b"":
                raise ConnectionError
        except BlockingIOError:
            pass
        except OSError:
            self.line.close()
            self.come()


def pester(pests):
    for pest in pests:
        pest.act()
    time.sleep(0.02)


class Attack:
    """Threads that go on until they are told to stop."""

    def __init__(self, *acts):
        self.is_over = threading.Event()
        self.failures = []
        self.threads = [threading.Thread(target=self.run, args=(act,)) for act in acts]

    def run(self, act):
        try:
            while not self.is_over.is_set():
                act()
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(failure)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


class Liar:
    """Notifications with a wrong token, as fast as they are answered, up to a number."""

    def __init__(self, address, channel):
        self.address, self.line, self.lies, self.refused = address, None, 0, 0
        self.headers = {"X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": "guess",
                        "X-Goog-Resource-State": "update", "X-Goog-Message-Number": "7"}

    def act(self):
        if self.lies == LIES_MAX:
            time.sleep(0.05)
            return
        self.lies += 1
        try:
            self.line = self.line or http.client.HTTPConnection(*self.address, timeout=15)
            self.line.request("POST", HOOK, b'{"id":"1"}', self.headers)
            answer = self.line.getresponse()
            answer.read()
            self.refused += answer.status == 403
        except (OSError, http.client.HTTPException):
            self.line.close()  # it had to make room
            self.line = None


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.pid}/fd"))


def memory_mib(daemon, figure):
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as status:
        return int(re.search(figure + r":\s+(\d+) kB", status.read()).group(1)) / 1024


def team_of(daemon, email):
    for member in daemon.admin("GET", "/api/v1/orgs/acme/members").json["items"]:
        if member["email"] == email:
            return member["team"]
    return None


def main():
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"
    with TightStage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "5")
        daemon = stage.start_daemon(sync={"reread_after_s": []})
        stage.connect_org(daemon)
        email = stage.control("GET", "/users?limit=10")["users"][1]["primaryEmail"]
        assert daemon.admin("POST", "/api/v1/orgs/acme/members", {"email": email}).status == 201
        stage.rest()
        lines, memory = descriptors(daemon), memory_mib(daemon, "VmRSS")

        pests = [Pest(number, address_of(daemon)) for number in range(PESTS)]
        liars = [Liar(address_of(daemon), stage.control("GET", "/channels")["channels"][0]) for _ in range(2)]
        began = time.monotonic()
        with Attack(lambda: pester(pests), *(liar.act for liar in liars)) as attack:
            wait_for(lambda: descriptors(daemon) >= CONNECTIONS, "the daemon to be full")
            changes = 0
            while time.monotonic() - began < SECONDS:
                changes += 1
                team = f"Flooded {changes}"
                stage.control("PATCH", f"/users/{email}", {"department": team})
                for _ in range(5):
                    assert daemon.request("GET", "/healthz").status == 200
                wait_for(lambda: team_of(daemon, email) == team, f"notification {changes} to take effect")
                assert descriptors(daemon) < CONNECTIONS + 50
            wait_for(lambda: sum(liar.refused for liar in liars) > 100, "lies to be refused")
        seconds = time.monotonic() - began
        assert not attack.failures, attack.failures
        visits, refused = sum(pest.visits for pest in pests), sum(liar.refused for liar in liars)
        print(f"{seconds:.0f} s, {changes} changes, {visits} visits of {PESTS} pests, {refused} lies refused")
        assert visits > 4 * PESTS, "nobody had to make room"
        for pest in pests:
            pest.line.close()

        wait_for(lambda: descriptors(daemon) <= lines + 10, "the connections to be let go")
        peak, rest = memory_mib(daemon, "VmHWM") - memory, memory_mib(daemon, "VmRSS") - memory
        print(f"memory: {memory:.0f} MiB before, {peak:.0f} MiB more at the worst, {rest:.0f} MiB more at last")
        assert peak < MEMORY_MAX_MIB
        told = daemon.log.read_text().count("connections closed")
        assert 0 < told <= 4 * (seconds + 3), f"{told} lines about closed connections"
        assert daemon.stop() == 0


main()
