#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""API tokens over two daemons: made, used, listed, expired, revoked; nobody gives what they do not
have; and who guesses is slowed down, but nobody else."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, free_port, wait_for  # noqa: E402

TOKENS = "/api/v1/tokens"
MEMBERS = "/api/v1/orgs/acme/members"
ALL = ["members:read", "members:manage", "integrations:manage", "operate"]


class Story:
    def __init__(self, stage):
        self.stage = stage
        stage.start_redis()
        stage.start_sandbox()
        self.one = stage.start_daemon()
        self.two = stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"]})
        for org in ("acme", "other"):
            assert self.one.admin("POST", "/api/v1/orgs", {"id": org, "name": org}).status == 201

    def create(self, org, permissions, secret=None, **more):
        body = {"name": f"for {org}", "org": org, "permissions": permissions, **more}
        if secret is None:
            return self.one.admin("POST", TOKENS, body)
        return self.ask(self.one, "POST", TOKENS, secret, body)

    def ask(self, daemon, method, path, secret, body=None):
        return daemon.request(method, path, body, headers={"Authorization": f"Bearer {secret}"})

    def listed(self, query=""):
        return {token["id"]: token for token in self.one.admin("GET", TOKENS + query).json["items"]}

    # The chapters

    def a_token_does_what_it_permits_and_no_more(self):
        made = self.create("acme", ["members:read"])
        assert made.status == 201, made
        token, secret = made.json, made.json["token"]
        assert secret.startswith("ts_") and token["last_used_at"] is None and token["expires_at"] is None, token
        assert token["created_by"] == "admin socket" and token["permissions"] == ["members:read"], token
        for daemon in (self.one, self.two):
            assert self.ask(daemon, "GET", MEMBERS, secret).status == 200
            assert self.ask(daemon, "POST", MEMBERS, secret, {"email": "x@acme.example"}).status == 403
            assert self.ask(daemon, "GET", "/api/v1/orgs/other/members", secret).status == 404
            assert self.ask(daemon, "GET", TOKENS, secret).status == 403
        assert self.create("nowhere", ["members:read"]).status == 404
        assert self.create("acme", []).status == 400
        listed = self.listed("?org=acme")
        assert listed.keys() == {token["id"]} and listed[token["id"]]["last_used_at"], listed
        assert "token" not in listed[token["id"]]
        assert self.stage.redis("HGETALL", f"teamsync:token:{secret}") == ""
        assert secret not in self.one.log.read_text() + self.two.log.read_text()
        assert f'msg="token created" token={token["id"]}' in self.one.log.read_text()
        return token["id"], secret

    def it_is_revoked_at_once_everywhere(self, token, secret):
        assert self.one.admin("DELETE", f"{TOKENS}/{token}").status == 204
        for daemon in (self.one, self.two):
            assert self.ask(daemon, "GET", MEMBERS, secret).status == 401
        assert self.listed() == {}
        assert self.one.admin("DELETE", f"{TOKENS}/{token}").status == 404
        assert f'msg="token revoked" token={token}' in self.one.log.read_text()

    def it_expires(self):
        made = self.create("acme", ["members:read"], expires_in_s=60).json
        digest = self.stage.redis("HGET", "teamsync:tokens", made["id"])
        assert 0 < int(self.stage.redis("PTTL", f"teamsync:token:{digest}")) <= 60000
        assert self.ask(self.two, "GET", MEMBERS, made["token"]).status == 200
        self.stage.redis("PEXPIRE", f"teamsync:token:{digest}", 1)
        wait_for(lambda: self.ask(self.two, "GET", MEMBERS, made["token"]).status == 401, "the token to expire")
        assert self.listed() == {} and self.stage.redis("EXISTS", "teamsync:tokens") == "0"

    def nobody_gives_what_they_do_not_have(self):
        operator = self.create("*", ["operate", "members:read"]).json
        made = self.create("acme", ["members:read"], operator["token"])
        assert made.status == 201 and made.json["created_by"] == "for *", made
        for permission in ("members:manage", "integrations:manage"):
            assert self.create("acme", ["members:read", permission], operator["token"]).status == 403
        of_acme = self.create("acme", ALL).json["token"]
        for org in ("acme", "*"):
            assert self.create(org, ["members:read"], of_acme).status == 403
        assert self.ask(self.one, "POST", "/api/v1/secrets/rotate", operator["token"]).status == 403
        assert len(self.listed("?org=acme")) == 2 and len(self.listed("?org=*")) == 1
        first = self.one.admin("GET", TOKENS + "?limit=2").json
        rest = self.one.admin("GET", f"{TOKENS}?limit=2&cursor={first['next_cursor']}").json
        assert len(first["items"]) == 2 and len(rest["items"]) == 1 and rest["next_cursor"] is None

    def who_guesses_is_slowed_down_and_nobody_else(self):
        honest = [self.create("acme", ["members:read"]).json["token"] for _ in range(3)]
        for secret in honest:
            assert self.ask(self.one, "GET", MEMBERS, secret).status == 200
        began = time.monotonic()
        guesses = []
        for n in range(200):
            guesses.append(self.ask(self.one, "GET", MEMBERS, f"ts_guess{n}"))
            assert self.ask(self.one, "GET", MEMBERS, honest[n % 3]).status == 200
        refused = [reply for reply in guesses if reply.status == 429]
        allowed = 10 + (time.monotonic() - began) / 5 + 1
        assert {reply.status for reply in guesses} == {401, 429}
        assert len(guesses) - len(refused) <= allowed, len(refused)
        assert all(1 <= int(reply.headers["Retry-After"]) <= 5 for reply in refused)
        assert self.one.admin("GET", MEMBERS).status == 200
        assert self.ask(self.two, "GET", MEMBERS, "ts_guess").status == 401  # each daemon counts for itself
        return len(refused)

    def tell(self):
        self.it_is_revoked_at_once_everywhere(*self.a_token_does_what_it_permits_and_no_more())
        self.it_expires()
        self.nobody_gives_what_they_do_not_have()
        print(f"of 200 guesses {self.who_guesses_is_slowed_down_and_nobody_else()} were refused unasked")


def main():
    with Stage() as stage:
        Story(stage).tell()


main()
