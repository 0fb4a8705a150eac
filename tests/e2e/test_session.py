#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Signing in to the web page over real HTTP, and two daemons: by a token and by a link, once; out; what
ends a session, and what does not; whose page acts for who is signed in; and no secret in a log."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from event_stream import EventStream  # noqa: E402
from stage import Stage, free_port, tell, wait_for  # noqa: E402

SESSION = "/api/v1/session"
LINKS = "/api/v1/login-links"
TOKENS = "/api/v1/tokens"
MEMBERS = "/api/v1/orgs/acme/members"
OURS = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """Keeps what Set-Cookie says, and shows it to whichever daemon it asks, from our own page."""

    def __init__(self):
        self.cookies, self.said = {}, None

    def ask(self, daemon, method, path, body=None, headers=OURS):
        shown = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        reply = daemon.request(method, path, body, headers={**shown, **headers})
        self.said = reply.headers.get("Set-Cookie")
        if self.said:
            name, value = self.said.split(";")[0].split("=", 1)
            if "Max-Age=0" in self.said:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return reply

    def sign_in(self, daemon, **shown):
        reply = self.ask(daemon, "POST", SESSION, shown)
        assert reply.status == 201, reply
        return reply.json

    @property
    def secret(self):
        return next(iter(self.cookies.values()))


class Story:
    def __init__(self, stage):
        self.stage, self.secrets = stage, []
        stage.start_redis()
        stage.start_sandbox()
        self.one, self.two = self.daemon(), self.daemon()
        for org in ("acme", "other"):
            assert self.one.admin("POST", "/api/v1/orgs", {"id": org, "name": org}).status == 201

    def daemon(self):
        return self.stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"], "public_url": "https://sync.example.com"})

    def token(self, name="Ada", org="acme", permissions=("members:read", "members:manage"), **more):
        made = self.one.admin("POST", TOKENS, {"name": name, "org": org, "permissions": list(permissions), **more})
        assert made.status == 201, made
        self.secrets.append(made.json["token"])
        return made.json

    def link(self, name="Grace", org="acme", permissions=("members:read",)):
        made = self.one.admin("POST", LINKS, {"name": name, "org": org, "permissions": list(permissions)})
        assert made.status == 201, made
        url, secret = made.json["url"].split("#login=")
        assert url == "https://sync.example.com/", url
        self.secrets.append(secret)
        return secret

    def signed_in(self, **shown):
        browser = Browser()
        browser.sign_in(self.one, **shown)
        self.secrets.append(browser.secret)
        return browser

    def listed(self):
        return {token["id"]: token for token in self.one.admin("GET", TOKENS).json["items"]}

    def sessions(self):
        return {token["id"] for token in self.listed().values() if token["kind"] == "session"}

    # The chapters

    def a_token_signs_in_everywhere(self):
        token = self.token()
        browser = Browser()
        session = browser.sign_in(self.one, token=token["token"])
        self.secrets.append(browser.secret)
        assert {**session, "expires_at": None} == {"name": "Ada", "org": "acme", "expires_at": None,
                                                   "permissions": ["members:read", "members:manage"]}, session
        assert browser.said.split("; ")[1:] == ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict", "Secure"] \
            or "Max-Age=43199" in browser.said, browser.said
        assert list(browser.cookies) == ["__Host-teamsync_session"], browser.cookies
        for daemon in (self.one, self.two):
            assert browser.ask(daemon, "GET", SESSION).json == session
            assert browser.ask(daemon, "GET", MEMBERS).status == 200
            assert browser.ask(daemon, "GET", "/api/v1/orgs/other/members").status == 404
            assert browser.ask(daemon, "GET", "/api/v1/queue").status == 403
        made = browser.ask(self.one, "POST", MEMBERS, {"email": "x@acme.example"})
        assert made.status == 201, made
        causes = {e["cause"] for e in browser.ask(self.two, "GET", "/api/v1/orgs/acme/history").json["items"]}
        assert any("Ada" in cause for cause in causes), causes
        assert browser.ask(self.one, "GET", "/api/v1/orgs/acme/history/export").status == 200
        with EventStream(self.two, "/api/v1/orgs/acme/events", cookie=f"__Host-teamsync_session={browser.secret}") as stream:
            stream.wait(lambda event: event.name == "connection", "how things stand")
            assert browser.ask(self.one, "POST", MEMBERS, {"email": "heard@acme.example"}).status == 201
            stream.wait(lambda event: event.name == "member", "that somebody came")
        kinds = [(t["kind"], t["name"]) for t in self.listed().values()]
        assert kinds == [("token", "Ada"), ("session", "Ada")], kinds
        self.ada = browser
        return token

    def a_link_signs_in_once(self):
        link = self.link()
        browser = self.signed_in(link=link)
        assert browser.ask(self.two, "GET", SESSION).json["name"] == "Grace"
        assert browser.ask(self.two, "POST", MEMBERS, {"email": "y@acme.example"}).status == 403
        again = Browser().ask(self.two, "POST", SESSION, {"link": link})
        assert again.status == 401 and "used up" in again.json["detail"] and "Set-Cookie" not in again.headers, again
        (session,) = [t for t in self.listed().values() if t["name"] == "Grace"]
        assert session["kind"] == "session" and session["created_by"] == "admin socket", session
        assert self.one.admin("DELETE", f"{TOKENS}/{session['id']}").status == 204
        over = browser.ask(self.two, "GET", SESSION)
        assert over.status == 401 and "sign in again" in over.json["detail"] and not browser.cookies, over
        assert browser.ask(self.two, "GET", SESSION).status == 204  # without a cookie by now

    def a_link_is_too_old(self):
        link = self.link()
        (key,) = self.stage.redis("KEYS", "teamsync:login:*").split()
        assert link not in key and 0 < int(self.stage.redis("PTTL", key)) <= 600000
        self.stage.redis("PEXPIRE", key, 0)
        assert Browser().ask(self.one, "POST", SESSION, {"link": link}).status == 401

    def command(self, *words):
        return subprocess.run([self.stage.bin / "teamsync", "--socket", self.one.admin_socket, *words],
                              capture_output=True, text=True, check=True).stdout

    def the_command_makes_one(self):
        url = self.command("login-link", "--org", "acme", "--name", "Joan", "-q").strip()
        link = url.split("https://sync.example.com/#login=")[1]
        self.secrets.append(link)
        browser = self.signed_in(link=link)
        assert browser.ask(self.one, "GET", SESSION).json["permissions"] == [
            "members:read", "members:manage", "integrations:manage"]
        kinds = [line.split()[1] for line in self.command("token", "list").splitlines()]
        assert kinds == ["KIND", "token", "session", "session"], kinds

    def signing_out_is_the_end(self):
        browser = self.signed_in(link=self.link())
        secret = browser.secret
        before = len(self.sessions())
        assert browser.ask(self.one, "DELETE", SESSION).status == 204 and not browser.cookies
        assert len(self.sessions()) == before - 1
        stolen = Browser()
        stolen.cookies["__Host-teamsync_session"] = secret
        assert stolen.ask(self.two, "GET", MEMBERS).status == 401

    def other_pages_act_for_nobody(self):
        cases = (({}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "none"}, 403),
                 ({"Sec-Fetch-Site": "same-site", "Origin": "https://sync.example.com"}, 403),
                 ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
                 ({"Origin": "https://sync.example.com"}, 201), ({"Origin": f"https://{self.one.address}"}, 201),
                 ({"Origin": f"http://{self.one.address}"}, 403),
                 ({"Sec-Fetch-Site": "same-origin"}, 201))
        for n, (headers, status) in enumerate(cases):
            asked = self.ada.ask(self.one, "POST", MEMBERS, {"email": f"m{n}@acme.example"}, headers)
            assert asked.status == status, (headers, asked)
            assert self.ada.ask(self.one, "GET", MEMBERS, headers=headers).status == 200

    def a_session_is_no_token_and_a_token_no_session(self):
        secret = self.ada.secret
        token = self.token(name="Eve")
        assert self.one.request("GET", MEMBERS, headers={"Authorization": f"Bearer {secret}"}).status == 401
        assert Browser().ask(self.one, "POST", SESSION, {"token": secret}).status == 401
        wrong = Browser()
        wrong.cookies["__Host-teamsync_session"] = token["token"]
        assert wrong.ask(self.one, "GET", MEMBERS).status == 401
        assert self.ada.ask(self.two, "GET", MEMBERS, headers={"Authorization": "Bearer ts_unknown"}).status == 401
        assert self.ada.ask(self.one, "GET", MEMBERS).status == 200
        digest = self.stage.redis("HGET", "teamsync:tokens", min(self.sessions()))
        assert secret not in self.stage.redis("HGETALL", f"teamsync:token:{digest}")

    def nobody_gives_what_they_do_not_have(self):
        operator = self.signed_in(token=self.token("Op", "*", ["operate", "members:read"])["token"])
        for permission, status in (("members:read", 201), ("members:manage", 403)):
            body = {"name": "Eve", "org": "acme", "permissions": [permission]}
            assert operator.ask(self.one, "POST", LINKS, body).status == status
        wanted = {"name": "Eve", "org": "acme", "permissions": ["members:read"]}
        assert self.ada.ask(self.one, "POST", LINKS, wanted).status == 403

    def whom_to_ask(self):
        self.token("Reader", "acme", ["members:read"])
        self.token("Other", "other", ["members:manage"])
        reader = self.signed_in(link=self.link())
        managers = reader.ask(self.one, "GET", "/api/v1/orgs/acme/managers").json["items"]
        assert sorted(m["name"] for m in managers) == ["Ada", "Eve"], managers
        assert managers[0]["permissions"] == ["members:read", "members:manage"]
        assert reader.ask(self.one, "GET", "/api/v1/orgs/other/managers").status == 404

    def a_session_outlives_the_daemon(self):
        self.one.kill()
        assert self.ada.ask(self.two, "GET", MEMBERS).status == 200
        self.one = self.daemon()
        assert self.ada.ask(self.one, "GET", SESSION).json["name"] == "Ada"

    def it_ends_with_its_token(self, token):
        short = self.token("Short", expires_in_s=60)
        session = self.signed_in(token=short["token"])
        assert session.ask(self.one, "GET", SESSION).json["expires_at"] == short["expires_at"]
        digest = self.stage.redis("HGET", "teamsync:tokens", short["id"])
        self.stage.redis("PEXPIRE", f"teamsync:token:{digest}", 1)
        wait_for(lambda: session.ask(self.two, "GET", MEMBERS).status == 401, "the session to end with its token")
        assert self.one.admin("DELETE", f"{TOKENS}/{token['id']}").status == 204
        for daemon in (self.one, self.two):
            over = Browser()
            over.cookies.update(self.ada.cookies)
            assert over.ask(daemon, "GET", MEMBERS).status == 401
        assert "Ada" not in {t["name"] for t in self.listed().values()}

    def without_tls_the_cookie_is_a_plain_one(self):
        address = f"127.0.0.1:{free_port()}"
        plain = self.stage.start_daemon(server={"listen": [address], "public_url": f"http://{address}"})
        browser = Browser()
        browser.sign_in(plain, token=self.token("Plain")["token"])
        self.secrets.append(browser.secret)
        assert list(browser.cookies) == ["teamsync_session"] and "Secure" not in browser.said, browser.said
        assert "; HttpOnly; SameSite=Strict" in browser.said and "Path=/;" in browser.said
        assert browser.ask(plain, "GET", MEMBERS).status == 200
        assert browser.ask(plain, "DELETE", SESSION, headers={"Origin": f"http://{address}"}).status == 204

    def who_guesses_waits_and_nobody_else(self):
        ada = self.signed_in(token=self.token("Ada again")["token"])
        link = self.link()
        answers = [Browser().ask(self.one, "POST", SESSION, {"link": f"guess{n}"}) for n in range(30)]
        assert {answer.status for answer in answers} == {401, 429}
        assert all("Retry-After" in answer.headers for answer in answers if answer.status == 429)
        assert ada.ask(self.one, "GET", MEMBERS).status == 200
        self.signed_in(link=link)  # known to the daemons that made it

    def the_admin_socket_has_none(self):
        assert self.one.admin("GET", SESSION).json == {
            "name": "admin socket", "org": "*", "expires_at": None,
            "permissions": ["members:read", "members:manage", "integrations:manage", "operate"]}
        assert self.one.admin("DELETE", SESSION).status == 409

    def no_secret_is_in_a_log(self):
        logs = "".join(daemon.log.read_text() for daemon in self.stage.daemons)
        assert 'msg="signed in"' in logs and 'msg="signed out"' in logs and 'msg="login link made"' in logs
        assert len(self.secrets) > 10 and not [secret for secret in self.secrets if secret in logs]

    def tell(self):
        token = self.a_token_signs_in_everywhere()
        tell((
            self.a_link_signs_in_once,
            self.a_link_is_too_old,
            self.the_command_makes_one,
            self.signing_out_is_the_end,
            self.other_pages_act_for_nobody,
            self.a_session_is_no_token_and_a_token_no_session,
            self.nobody_gives_what_they_do_not_have,
            self.whom_to_ask,
            self.a_session_outlives_the_daemon,
        ))
        self.it_ends_with_its_token(token)
        tell((
            self.without_tls_the_cookie_is_a_plain_one,
            self.the_admin_socket_has_none,
            self.who_guesses_waits_and_nobody_else,
            self.no_secret_is_in_a_log,
        ))


def main():
    with Stage() as stage:
        Story(stage).tell()


main()
