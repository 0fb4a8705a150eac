#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A long history: listed with filters, exported whole as JSON lines and as CSV while the daemon's memory stays as
it was, and an export that breaks in the middle, which nobody takes for a whole one."""
import csv
import datetime
import hashlib
import http.client
import io
import json
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, memory_mib  # noqa: E402

ENTRIES = 120_000
GROWTH_MIB = 32
DAY_MS = 86_400_000
ORG = "/api/v1/orgs/acme"
TEXTS = ["Engineering", 'R&D, "West"', "=1+1", "-", "+49", "@home", "Müller – 東京", "two\r\nlines", "'quoted'", "a,b;c", "\t=x"]
FIELDS = ["team", "manager", "status", "link"]

FILL = """
    for _, line in ipairs(cjson.decode(ARGV[1])) do
        redis.call('XADD', KEYS[1], line[1], 'member', line[2], 'field', line[3], 'before', line[4], 'after', line[5],
            'cause', line[6], 'job', line[7], 'at_us', line[8], 'email', line[9])
    end"""


def time_text(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


def fill(stage):
    """What an export has to hold, newest first; a few older entries are in Redis that it may not hold."""
    now = int(time.time() * 1000)
    first = now - ENTRIES * 10
    lines = [[f"{now - 401 * DAY_MS + n}-0", "m_old", "team", "", "gone", "push", "", str((now - 401 * DAY_MS + n) * 1000),
              "old@acme.example"]
             for n in range(10)]
    expected = []
    for n in range(ENTRIES):
        ms = first + n * 9
        entry = {"id": f"{ms}-{n % 3}", "member": f"m_{n % 97}" if n % 50 else None,
                 "email": f"{n % 97}@acme.example" if n % 50 else None, "field": FIELDS[n % 4],
                 "before": TEXTS[n % len(TEXTS)] if n % 7 else None, "after": TEXTS[n // 3 % len(TEXTS)],
                 "cause": f"push {n}", "job": f"{ms}-9" if n % 2 else None, "at": time_text(ms)}
        lines.append([*(entry[k] or "" for k in ("id", "member", "field", "before", "after", "cause", "job")), str(ms * 1000),
                      entry["email"] or ""])
        expected.append(entry)
    for start in range(0, len(lines), 2000):
        stage.redis_at_once("EVAL", FILL, 1, stage.prefix + "history:acme", json.dumps(lines[start:start + 2000]))
    assert stage.redis("XLEN", stage.prefix + "history:acme") == str(ENTRIES + 10)
    return expected[::-1]


class Reader:
    """One who may read, and nothing else."""

    def __init__(self, stage, daemon):
        self.address = daemon.address.rsplit(":", 1)
        secret = "ts_reader"
        self.headers = {"Authorization": f"Bearer {secret}"}
        stage.redis("HSET", stage.prefix + "token:" + hashlib.sha256(secret.encode()).hexdigest(), "org", "acme",
                    "permissions", "members:read", "name", "reader")

    def open(self, path):
        connection = http.client.HTTPConnection(self.address[0], int(self.address[1]), timeout=60)
        connection.sock = socket.socket()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # so that not much is under way
        connection.sock.settimeout(60)
        connection.sock.connect((self.address[0], int(self.address[1])))
        connection.request("GET", ORG + path, headers=self.headers)
        return connection.getresponse()

    def text(self, path):
        answer = self.open(path)
        assert answer.status == 200, (path, answer.status, answer.read())
        return answer, answer.read().decode()

    def json(self, path):
        return json.loads(self.text(path)[1])


def of_csv(row):
    """As it was before it was kept from being a formula."""
    row = {k: v[1:] if v[:1] == "'" and v[1:2] in ("=", "+", "-", "@", "\t", "\r") else v for k, v in row.items()}
    return {k: v or None for k, v in row.items()}


def it_is_exported_whole(reader, daemon, expected):
    reader.text("/history/export?field=hold")  # whatever is allocated once
    for format, type in (("jsonl", "application/x-ndjson"), ("csv", "text/csv; charset=utf-8")):
        before = memory_mib(daemon.pid)
        began = time.monotonic()
        answer, text = reader.text(f"/history/export?format={format}")
        seconds = time.monotonic() - began
        growth = memory_mib(daemon.pid, "VmHWM") - before
        print(f"{format}: {ENTRIES} entries, {len(text.encode()) / 1e6:.1f} MB in {seconds:.1f} s; "
              f"the daemon grew by at most {growth:.1f} MiB over {before:.1f}")
        assert growth < GROWTH_MIB, growth
        assert answer.getheader("Content-Type") == type, answer.getheaders()
        assert answer.getheader("Content-Disposition") == f'attachment; filename="acme-history.{format}"'
        if format == "jsonl":
            got = [json.loads(line) for line in text.split("\n")[:-1]]
        else:
            assert text.endswith("\r\n") and "\n=" not in text and ",=" not in text
            got = [of_csv(row) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]
        assert len(got) == len(expected) and got == expected, next((a, b) for a, b in zip(got, expected) if a != b)


def it_is_filtered(reader, expected):
    since, until = expected[80_000]["at"], expected[20_000]["at"]
    wanted = [e for e in expected if e["member"] == "m_7" and e["field"] == "team" and since <= e["at"] < until]
    assert 100 < len(wanted) < 200, len(wanted)
    filters = f"member=m_7&field=team&since={since}&until={until}"
    _, text = reader.text("/history/export?" + filters)
    assert [json.loads(line) for line in text.split("\n")[:-1]] == wanted
    got, cursor, pages = [], "", 0
    while cursor is not None:
        page = reader.json(f"/history?{filters}&limit=20&cursor={cursor}")
        got, cursor, pages = got + page["items"], page["next_cursor"], pages + 1
    assert got == wanted and pages >= 5, (len(got), pages)
    assert reader.json("/history?limit=3")["items"] == expected[:3]
    old = reader.json("/history?member=m_old&limit=500")
    while old["next_cursor"]:
        assert not old["items"]
        old = reader.json(f"/history?member=m_old&cursor={old['next_cursor']}")
    assert not old["items"]


def raw_export(reader):
    """With HTTP/1.0, where nothing but the connection's end ends the file."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    line.settimeout(60)
    line.connect((reader.address[0], int(reader.address[1])))
    line.sendall(f"GET {ORG}/history/export HTTP/1.0\r\nAuthorization: {reader.headers['Authorization']}\r\n\r\n".encode())
    assert line.recv(12) == b"HTTP/1.0 200"
    return line


def read_to_the_end(line):
    total = 0
    while got := line.recv(1 << 16):
        total += len(got)
    return total


def it_breaks_in_the_middle(stage, reader, redis, daemon):
    assert read_to_the_end(raw_export(reader)) > 10_000_000
    chunked, line = reader.open("/history/export"), raw_export(reader)
    assert chunked.read(1000)
    redis.kill()
    redis.wait()
    try:
        rest = chunked.read()
        raise AssertionError(f"{len(rest)} bytes that look complete")
    except http.client.IncompleteRead as cut:
        print(f"chunked: cut after {len(cut.partial) / 1e6:.1f} MB")
    try:
        total = read_to_the_end(line)
        raise AssertionError(f"{total} bytes that look complete")
    except ConnectionResetError:
        print("HTTP/1.0: reset")
    refused = daemon.request("GET", ORG + "/history/export", headers=reader.headers)
    assert refused.status == 503, refused
    stage.start_redis()
    assert daemon.process.poll() is None


def main():
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"
    with Stage() as stage:
        redis = stage.start_redis("--appendfsync", "always")
        stage.start_sandbox()
        daemon = stage.start_daemon()
        assert daemon.admin("POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"}).status == 201
        expected = fill(stage)
        reader = Reader(stage, daemon)
        it_is_exported_whole(reader, daemon, expected)
        it_is_filtered(reader, expected)
        it_breaks_in_the_middle(stage, reader, redis, daemon)
        assert daemon.stop() == 0


main()
