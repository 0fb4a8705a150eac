#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the outside may throw at the daemon: each gets a clear answer or a closed connection, leaves a
line in the log, and changes nothing. Afterwards the daemon works as before."""
import os
import re
import resource
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

HOOK = "/webhooks/google-workspace"


def raw(daemon, data, shut=False, wait=20):
    """Sends bytes, returns what comes back until the other side closes (or enough has come)."""
    host, port = daemon.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=wait) as line:
        got = b""
        try:
            line.sendall(data)
            if shut:
                line.shutdown(socket.SHUT_WR)
            while chunk := line.recv(65536):
                got += chunk
                if b"\r\n\r\n" in got:
                    break
        except (ConnectionResetError, BrokenPipeError):
            pass
        return got


def status(answer):
    found = re.match(rb"HTTP/1\.[01] (\d+)", answer)
    return int(found.group(1)) if found else None


def post(headers, body):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (f"POST {HOOK} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n"
            .encode("latin-1") + body)


def too_many_connections(daemon):
    """With few descriptors, further connections wait; the admin socket and Redis stay within reach."""
    host, port = daemon.address.rsplit(":", 1)
    lines = [socket.create_connection((host, int(port)), timeout=5) for _ in range(340)]
    wait_for(lambda: len(os.listdir(f"/proc/{daemon.pid}/fd")) >= 250, "the connections to be accepted")
    assert daemon.admin("GET", "/readyz").status == 200
    assert len(os.listdir(f"/proc/{daemon.pid}/fd")) < 340
    for line in lines:
        line.close()
    wait_for(lambda: len(os.listdir(f"/proc/{daemon.pid}/fd")) < 100, "the connections to be let go")
    assert daemon.request("GET", "/healthz").status == 200


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400))  # for the daemon, too
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "5")
        daemon = stage.start_daemon(log={"level": "debug"}, sync={"reread_after_s": []})
        # The channel's token is learnt as an attacker could not: from the sandbox's own records.
        stage.connect_org(daemon)
        channel = stage.control("GET", "/channels")["channels"][0]
        good = {"X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel["token"],
                "X-Goog-Resource-State": "update", "X-Goog-Message-Number": "77"}
        people = stage.control("GET", "/users?limit=10")["users"]
        assert daemon.admin("POST", "/api/v1/orgs/acme/members",
                            {"email": people[1]["primaryEmail"]}).status == 201
        stage.rest()
        before = stage.redis("XLEN", "teamsync:history:acme")

        cases = [
            # (what, bytes, allowed answers; None: the connection may just be closed)
            ("malformed JSON", post(good, b'{"id":'), {400}),
            ("an empty body", post(good, b""), {400}),
            ("an array", post(good, b"[]"), {400}),
            ("an id of the wrong type", post(good, b'{"id":12}'), {400}),
            ("an over-long id", post(good, b'{"id":"' + b"1" * 5000 + b'"}'), {400}),
            ("an id with a NUL", post(good, b'{"id":"1\\u00002"}'), {400}),
            ("a NUL byte", post(good, b'{"id":"1\x002"}'), {400}),
            ("invalid UTF-8", post(good, b'{"id":"\xff\xfe"}'), {400}),
            ("deep nesting", post(good, b"[" * 60000), {400}),
            ("70 KiB", post(good, b" " * 70000), {413}),
            ("1 MiB", post(good, b"x" * (1 << 20)), {413, None}),
            ("16 MiB announced", f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 16777216\r\n\r\n"
             .encode() + b"x" * 100000, {413, 400, None}),
            ("a negative length", f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"
             .encode(), {400, 413, None}),
            ("a wrong token", post({**good, "X-Goog-Channel-Token": "guess"}, b'{"id":"1"}'), {403}),
            ("no token", post({k: v for k, v in good.items() if "Token" not in k}, b'{"id":"1"}'), {403}),
            ("an unknown channel", post({**good, "X-Goog-Channel-ID": "nobody"}, b'{"id":"1"}'), {404}),
            ("an over-long channel id", post({**good, "X-Goog-Channel-ID": "c" * 300}, b"{}"), {400}),
            ("no channel id", post({"X-Goog-Resource-State": "update"}, b"{}"), {400}),
            ("a header flood", f"POST {HOOK} HTTP/1.1\r\n".encode() + b"X-Flood: yes\r\n" * 20000 + b"\r\n",
             {400, 413, 431, None}),
            ("one huge header", f"POST {HOOK} HTTP/1.1\r\nX-Huge: ".encode() + b"h" * 1000000 + b"\r\n\r\n",
             {400, 413, 431, None}),
            ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200 + b"\r\n\r\n",
             {400, None}),
            ("another method", f"GET {HOOK} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), {405}),
            ("an unknown path", b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", {404, 400}),
            ("a path with NUL", b"GET /api/v1/orgs/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", {400, 401, 404}),
        ]
        for what, data, allowed in cases:
            answer = status(raw(daemon, data))
            assert answer in allowed, f"{what}: {answer} instead of {allowed}"
            assert daemon.process.poll() is None, f"{what} ended the daemon"
            print(f"{what}: {answer or 'closed'}")

        too_many_connections(daemon)

        half = raw(daemon, f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf".encode(),
                   shut=True)
        assert status(half) in (None, 400), half
        began = time.monotonic()
        slow = raw(daemon, b"POST /webh", wait=60)
        assert status(slow) in (None, 400, 408), slow
        print(f"a client that stops in the middle: let go after {time.monotonic() - began:.0f} s")

        for what, body in [("malformed", b'{"id"'), ("a wrong type", b'{"id": 5, "name": "x"}'),
                           ("an unknown field", b'{"id":"x","name":"x","extra":1}'),
                           ("an over-long id", b'{"id":"' + b"a" * 64 + b'","name":"x"}'),
                           ("invalid UTF-8", b'{"id":"x","name":"\xff"}'), ("nothing", b"")]:
            reply = daemon.admin("POST", "/api/v1/orgs", body.decode("latin-1").encode("latin-1"))
            assert reply.status in (400, 415), f"{what}: {reply}"

        # A nonsense job ends among the dead with its reason; the next job is worked on.
        for words in (["type", "nonsense"], ["type", "user", "org", "acme"], ["type", "resync", "org", "nobody"],
                      ["type", "user", "org", "acme", "user", "x" * 400], ["hello", "world"]):
            stage.redis("XADD", "teamsync:jobs", "*", *words)
        wait_for(lambda: stage.redis("XLEN", "teamsync:jobs:dead") == "5", "five dead letters")
        assert "reason" in stage.redis("XRANGE", "teamsync:jobs:dead", "-", "+")
        stage.rest()
        assert stage.redis("XLEN", "teamsync:history:acme") == before, "something was written"

        stage.control("PATCH", f"/users/{people[1]['primaryEmail']}", {"department": "Afterwards"})
        wait_for(lambda: any(m["team"] == "Afterwards" for m in
                             daemon.admin("GET", "/api/v1/orgs/acme/members").json["items"]),
                 "the daemon to work as before")
        refusals = [line for line in daemon.log.read_text().splitlines() if "refused" in line]
        assert len(refusals) >= 10, "the log does not tell of the refusals"
        assert daemon.stop() == 0


main()
