#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What stays of secrets in the daemon's memory: searched for in all that it may write to. Of a connection
in use its private key, in the sessions that sign with it, and nowhere else. Of a refresh token that was
refused, and of an API token that was given out and used, nothing."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

# The sanitizer keeps what was freed in a quarantine: there it is to be overwritten, as the C library does.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":max_free_fill_size=1073741824:free_fill_byte=0"
SHADOW_BYTES = 1 << 32  # the sanitizer's own tables
REFRESH_TOKEN = "1//refresh-" + "".join(chr(97 + n % 26) for n in range(90))


def writable_memory(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            begin, end = (int(address, 16) for address in span.split("-"))
            if not mode.startswith("rw") or end - begin > SHADOW_BYTES:
                continue
            for at in range(begin, end, 1 << 24):
                try:
                    memory.seek(at)
                    yield span, memory.read(min(end - at, 1 << 24))
                except OSError:
                    pass  # reserved, but never used


def found(pid, secret):
    """The memory around each place where it stands."""
    places = []
    for span, content in writable_memory(pid):
        at = content.find(secret)
        while at >= 0:
            places.append((span, content[max(0, at - 60):at + len(secret) + 60]))
            at = content.find(secret, at + 1)
    return places


def connect(stage, daemon, credentials):
    return daemon.admin("PUT", "/api/v1/orgs/acme/connection",
                        {"provider": "google-workspace", "credentials": credentials}).status


def check(daemon, when, secrets):
    """`secrets`: name → (text, how often it may be there). What is done with a request goes after its answer."""
    def too_many():
        return {what: places for what, (text, most) in secrets.items()
                if len(places := found(daemon.pid, text.encode())) > most}

    try:
        wait_for(lambda: not too_many(), when, 5, 0.2)
    finally:
        print(when, {what: len(found(daemon.pid, text.encode())) for what, (text, _) in secrets.items()})


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "20")
        daemon = stage.start_daemon()
        lines = json.loads(stage.key_file.read_text())["private_key"].splitlines()
        assert found(daemon.pid, b"teamsync:"), "the memory cannot be read"

        def key_at_most(times):
            return {f"line {n} of the key": (lines[n], times) for n in (1, len(lines) // 2, len(lines) - 3)}

        assert daemon.admin("POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"}).status == 201
        key_file = json.loads(stage.key_file.read_text())
        assert connect(stage, daemon, {"type": "service_account", "subject": "admin@acme.example", "key": key_file}) == 200
        check(daemon, "connected:", key_at_most(1))  # the session that has asked who the subject is
        made = daemon.admin("POST", "/api/v1/tokens", {"name": "n", "org": "acme", "permissions": ["members:read"]})
        token = made.json["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert daemon.request("GET", "/api/v1/orgs/acme/members", headers=headers).status == 200
        check(daemon, "used a token:", {"the token": (token, 0)})
        assert connect(stage, daemon, {"type": "authorized_user", "subject": "admin@acme.example", "client_id": "id",
                                       "client_secret": "unknown", "refresh_token": REFRESH_TOKEN}) == 422
        check(daemon, "refused a refresh token:", {"the refresh token": (REFRESH_TOKEN, 0)})
        assert daemon.admin("PUT", "/api/v1/orgs/acme/connection/auto-sync", {"enabled": True}).status == 200
        assert daemon.admin("POST", "/api/v1/secrets/rotate").json["failed"] == 0
        stage.rest()
        check(daemon, "in use:", {**key_at_most(2), "the token": (token, 0), "the refresh token": (REFRESH_TOKEN, 0)})


main()
