#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Connecting and disconnecting: each refusal with its code and its mend, and nothing stored; an account
that is no admin, and becomes one; consent in a browser, and in somebody else's; the end of a
connection while jobs run, and another directory in the place of the first."""
import hashlib
import http.cookies
import json
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, exchange, tell, wait_for  # noqa: E402
import http.client  # noqa: E402

ORG = "/api/v1/orgs/acme"
SCOPE = "admin.directory.user.readonly"


class Browser:
    """Follows links as a person's browser does: with cookies, and the form of a page."""

    def __init__(self):
        self.cookies = http.cookies.SimpleCookie()

    def ask(self, method, url, body=None, headers=None):
        parts = urllib.parse.urlsplit(url)
        headers = {"Accept": "text/html,application/json;q=0.5", **(headers or {})}
        if self.cookies and parts.path.startswith("/oauth/google"):
            headers["Cookie"] = "other=1; " + "; ".join(f"{k}={v.value}" for k, v in self.cookies.items())
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        reply = exchange(connection, method, f"{parts.path}?{parts.query}", body, headers)
        if "Set-Cookie" in reply.headers:
            self.cookies.load(reply.headers["Set-Cookie"])
        return reply

    def follow(self, method, url, body=None, headers=None):
        reply = self.ask(method, url, body, headers)
        while reply.status == 302:
            url = reply.headers["Location"]
            reply = self.ask("GET", url)
        return reply, url


def links_of(reply):
    return re.findall(r'href="([^"]*)"', reply.text)


def button_of(reply):
    return re.search(r'action="([^"]*)"', reply.text)[1].replace("&amp;", "&")


class Story:
    def __init__(self, stage):
        self.stage = stage
        stage.start_redis()
        stage.start_sandbox("--people", "30")
        self.settings = {"google": {"auth_url": stage.sandbox_url + "/o/oauth2/v2/auth", "client_id": "sandbox-client",
                                    "client_secret": "sandbox-secret"}}
        self.daemon = stage.start_daemon(**self.settings)
        self.url = f"http://{self.daemon.address}"
        self.key = json.loads(stage.key_file.read_text())
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        self.people = [email for email in people if not email.startswith("admin@")]

    def api(self, method, path="", body=None, status=None):
        reply = self.daemon.admin(method, ORG + path, body, timeout=60)
        assert reply.status == status if status else reply.status < 300, (method, path, reply)
        return reply.json

    def connection(self):
        return self.api("GET", "/connection")

    def stored(self):
        return self.stage.redis("HGETALL", "teamsync:connection:acme")

    def put(self, subject="admin@acme.example", status=200, **credentials):
        return self.api("PUT", "/connection", {
            "provider": "google-workspace",
            "credentials": {"type": "service_account", "key": self.key, "subject": subject, **credentials}}, status)

    def enable(self):
        self.api("PUT", "/connection/auto-sync", {"enabled": True})
        wait_for(lambda: self.channels(), "a notification channel")

    def channels(self):
        return self.stage.control("GET", "/channels")["channels"]

    def members(self):
        return {m["email"]: m for m in self.api("GET", "/members?limit=500")["items"]}

    def runs(self):
        return self.api("GET", "/resyncs")["items"]

    def resync(self):
        known = {run["id"] for run in self.runs()}
        self.api("POST", "/resync", {"mode": "apply"})
        run = wait_for(lambda: [r for r in self.runs() if r["id"] not in known and r["state"] != "running"],
                       "the resync to end", 60)[0]
        self.stage.rest()
        return run

    def token(self, permissions):
        secret = "ts_" + permissions
        digest = hashlib.sha256(secret.encode()).hexdigest()
        self.stage.redis("HSET", f"teamsync:token:{digest}", "org", "acme", "permissions", permissions, "name", "Grace")
        return {"Authorization": f"Bearer {secret}"}

    # The chapters

    def each_refusal_says_how_it_is_mended(self):
        """(the fault, or what else is wrong) → code, and a word of the mend"""
        token = {"on": "token", "kind": "refused"}
        get = {"on": "users.get", "kind": "status", "status": 403}
        cases = [
            ({"on": "token", "kind": "unauthorized_client"}, "delegation_missing", self.key["client_id"]),
            ({**get, "reason": "accessNotConfigured"}, "api_disabled", self.key["project_id"]),
            ({**get, "reason": "insufficientPermissions"}, "scope_missing", SCOPE),
            ({**get, "reason": "domainCannotUseApis"}, "api_access_off", "API controls"),
            ({**get, "status": 404, "reason": "notFound", "message": "Domain not found."}, "domain_not_found", "admin@acme"),
            ({**get, "status": 404, "reason": "notFound"}, "subject_not_found", "Users"),
            ({**get, "status": 412, "reason": "conditionNotMet", "message": "User is deleted."}, "subject_deleted", "Restore"),
            ({**get, "status": 400, "reason": "invalid", "message": "Invalid Input"}, "no_impersonation", SCOPE),
            ({**get, "reason": "forbidden"}, "not_permitted", "admin role"),
            ({**get, "reason": "brandNew"}, "refused", "not known"),
            ({"on": "users.get", "kind": "expired_token"}, "token_refused", "active account"),
            ({"on": "token", "kind": "invalid_grant"}, "key_invalid", "make a new JSON key"),
            ({**token, "message": "Invalid JWT: Token must be a short-lived token (60 minutes)"}, "clock_skew", "NTP"),
            ({**token, "message": "Invalid JWT: No valid verifier found for issuer"}, "service_account_gone", "IAM"),
            ({**token, "message": "The account has been deleted"}, "account_deleted", "gone"),
            ({**token, "message": "Token has been expired or revoked."}, "consent_expired", "seven days"),
            ({**token, "reason": "access_denied"}, "client_blocked", "trust the client id"),
            ({**token, "reason": "org_internal"}, "client_internal", "External"),
            ({**token, "reason": "disabled_client"}, "client_unknown", "enabled"),
        ]
        before = self.stored()
        for fault, code, word in cases:
            self.stage.control("POST", "/faults", fault)
            problem = self.put(status=422)
            assert problem["code"] == code and word in problem["mend"] and problem["detail"], (fault, problem)
            self.stage.control("DELETE", "/faults")
            assert self.stored() == before, code
        for fault, code in (({"on": "token", "kind": "status", "status": 503}, "unavailable"),
                            ({"on": "users.get", "kind": "reset"}, "unavailable"),
                            ({**get, "reason": "quotaExceeded"}, "throttled")):
            self.stage.control("POST", "/faults", fault)
            problem = self.put(status=503)
            assert problem["code"] == code and problem["mend"], (fault, problem)
            self.stage.control("DELETE", "/faults")
            assert self.stored() == before, code
        assert self.put("nobody@acme.example", 422)["code"] == "subject_not_found"
        problem = self.put(key={**self.key, "private_key": ""}, status=422)
        assert problem["code"] == "credentials_incomplete" and "private_key" in problem["detail"], problem
        problem = self.api("PUT", "/connection", {"provider": "google-workspace", "credentials": {
            "type": "authorized_user", "client_id": "sandbox-client", "client_secret": "sandbox-secret",
            "refresh_token": "gone", "subject": "admin@acme.example"}}, 422)
        assert problem["code"] == "consent_expired" and "admin@acme.example" in problem["mend"], problem
        assert self.stored() == before

    def nothing_is_stored_where_nothing_could_be_verified(self):
        self.api("POST", body=None, status=405)
        assert self.daemon.admin("POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"}).status == 201
        self.each_refusal_says_how_it_is_mended()
        assert self.connection()["state"] == "disconnected" and self.connection()["notice"] is None

    def what_is_not_connected_cannot_be_used(self):
        self.api("PUT", "/connection/auto-sync", {"enabled": True}, 409)
        self.api("GET", "/connection/preview", status=409)
        self.api("DELETE", "/connection", status=204)

    def become(self, state):
        if state == "disconnected":
            self.api("DELETE", "/connection", status=204)
        else:
            self.put()
            if state != "connected":
                self.enable()
                self.stage.rest()
            if state == "failing":
                self.stage.redis("HSET", "teamsync:connection:acme", "state", state, "refused", "for the test")
        assert self.connection()["state"] == state

    def each_state_allows_what_it_should_to_whom_it_should(self):
        """An action → the permissions it takes, and what it answers in each of the four states; then the state."""
        states = ("disconnected", "connected", "active", "failing")
        service_account = {"type": "service_account", "key": self.key, "subject": "admin@acme.example"}
        switch = "/connection/auto-sync"
        everything = {"members:manage", "integrations:manage"}
        actions = [
            ("PUT", "/connection", {"provider": "google-workspace", "credentials": service_account},
             {"integrations:manage"}, (200, 200, 200, 200), "connected"),
            ("PUT", switch, {"enabled": True}, everything, (409, 200, 200, 200), None),
            ("PUT", switch, {"enabled": False}, everything, (200, 200, 200, 200), None),
            ("DELETE", "/connection", None, {"integrations:manage"}, (204, 204, 204, 204), "disconnected"),
            ("POST", "/resync", None, {"integrations:manage"}, (202, 202, 202, 202), None),
            ("GET", "/connection/preview", None, {"integrations:manage"}, (409, 200, 200, 200), None),
            ("GET", "/connection/authorize", None, {"integrations:manage"}, (200, 200, 200, 200), None),
        ]
        for method, path, body, needed, answers, after in actions:
            for state, status in zip(states, answers):
                self.become(state)
                for missing in needed:
                    token = self.token(" ".join((everything | {"members:read"}) - {missing}))
                    reply = self.daemon.request(method, ORG + path, body, headers=token, timeout=60)
                    assert reply.status == 403 and self.connection()["state"] == state, (method, path, state, reply)
                reply = self.daemon.request(method, ORG + path, body, headers=self.token(" ".join(needed)), timeout=60)
                assert reply.status == status, (method, path, state, reply)
                assert status != 409 or reply.json["detail"] == "connect a directory first", reply
                if after:
                    assert self.connection()["state"] == after, (method, path, state)
                self.stage.rest()
        self.become("disconnected")

    def who_is_no_admin_updates_but_never_suspends(self):
        employee, leaver = self.people[0], self.people[1]
        for email in self.people[1:4]:
            self.api("POST", "/members", {"email": email, "status": "active"})
        self.put(employee)
        connection = self.connection()
        assert connection["suspends"] is False and employee in connection["notice"], connection
        self.enable()
        wait_for(lambda: self.members()[leaver]["sync"]["directory_user_id"], "the link")
        self.stage.control("PATCH", f"/users/{leaver}", {"department": "Navigation"})
        wait_for(lambda: self.members()[leaver]["team"] == "Navigation", "the new team")
        self.stage.control("POST", f"/users/{leaver}/delete")
        self.stage.rest()
        self.resync()
        assert self.members()[leaver]["status"] == "active"
        self.stage.control("POST", f"/users/{employee}/make-admin")
        run = self.resync()
        assert run["state"] == "done", run
        connection = self.connection()
        assert connection["suspends"] is True and connection["notice"] is None, connection
        wait_for(lambda: self.members()[leaver]["status"] == "suspended", "the leaver suspended, now that it is an admin", 30)

    def an_existing_connection_stays_as_it_was(self):
        self.each_refusal_says_how_it_is_mended()
        assert self.connection()["state"] == "active"

    def while_it_is_failing_the_mend_is_shown(self):
        self.stage.control("POST", "/faults", {"on": "users.list", "kind": "status", "status": 403,
                                               "reason": "insufficientPermissions"})
        assert self.resync()["state"] == "failed"
        connection = wait_for(lambda: (c := self.connection())["state"] == "failing" and c, "the connection to be failing")
        assert connection["failure_code"] == "scope_missing" and self.key["client_id"] in connection["mend"], connection
        self.stage.control("DELETE", "/faults")
        self.resync()
        wait_for(lambda: self.connection()["state"] == "active", "the connection to be active again")
        connection = self.connection()
        assert (connection["failure"], connection["failure_code"], connection["mend"]) == (None, None, None), connection

    def a_directory_that_moved_suspends_nobody(self):
        self.stage.control("POST", "/faults", {"on": "users.get", "kind": "other_customer"})
        self.resync()
        connection = wait_for(lambda: (c := self.connection())["state"] == "failing" and c, "the connection to be failing")
        assert connection["failure_code"] == "other_directory" and "matched" in connection["mend"], connection
        self.stage.control("DELETE", "/faults")
        self.resync()

    def the_same_directory_keeps_the_links_and_closes_the_old_channels(self):
        links = self.stage.redis("HLEN", "teamsync:link:acme")
        self.put()
        assert self.connection()["state"] == "connected" and self.connection()["channels"] == []
        assert not self.channels()
        assert self.stage.redis("HLEN", "teamsync:link:acme") == links != "0"
        self.enable()

    def another_directory_drops_them(self):
        """The same people, but by its own word another customer: no id of the first is believed."""
        versions = {m["email"]: m["sync"]["directory_user_id"] for m in self.members().values()}
        assert all(versions.values()), versions
        self.stage.control("POST", "/faults", {"on": "users.get", "kind": "other_customer"})
        self.put()
        self.stage.control("DELETE", "/faults")
        assert not self.channels()
        assert all(m["sync"]["state"] == "unmatched" for m in self.members().values())
        assert self.stage.redis("EXISTS", "teamsync:link:acme", "teamsync:address:acme") == "0"

    def nothing_is_suspended_after_the_disconnect(self):
        self.put()
        self.enable()
        staff = self.people[4:16]
        for email in staff:
            self.api("POST", "/members", {"email": email, "status": "active"})
        self.stage.rest()
        wait_for(lambda: (now := self.members()) and all(now[e]["sync"]["directory_user_id"] for e in staff), "the links")
        before = self.members()
        channel = self.channels()[0]
        self.stage.control("PATCH", "/settings", {"latency_ms": 700})
        for email in self.people[4:8]:
            self.stage.control("POST", f"/users/{email}/suspend")
        wait_for(lambda: int(self.api_queue()["running"]) > 0, "the jobs to run")
        self.api("DELETE", "/connection", status=204)
        self.stage.control("PATCH", "/settings", {"latency_ms": 0})
        self.stage.rest()
        after = self.members()
        for email, member in after.items():
            assert member["status"] == before[email]["status"], member
            assert member["team"] == before[email]["team"] and member["manager"] == before[email]["manager"], member
            assert member["sync"]["state"] == "unmatched" and not member["sync"]["directory_user_id"], member
        connection = self.connection()
        assert connection["state"] == "disconnected" and connection["channels"] == [], connection
        assert connection["connected_by"] is None and connection["account"] is None, connection
        assert self.stored() == "state\ndisconnected"
        assert not self.channels()
        reply = self.daemon.request("POST", "/webhooks/google-workspace", headers={
            "X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel["token"], "X-Goog-Resource-State": "update"})
        assert reply.status == 404, reply
        for key in ("link", "address", "hold", "lease"):
            assert self.stage.redis("EXISTS", f"teamsync:{key}:acme") == "0", key
        assert not self.stage.redis("KEYS", "teamsync:waiting:acme:*")
        self.api("DELETE", "/connection", status=204)

    def api_queue(self):
        return self.daemon.admin("GET", "/api/v1/queue").json

    def what_cannot_be_stopped_runs_out(self):
        self.put()
        self.enable()
        self.stage.rest()
        self.stage.control("POST", "/faults", {"on": "channels.stop", "kind": "status", "status": 500})
        self.api("DELETE", "/connection", status=204)
        self.stage.control("DELETE", "/faults")
        assert self.channels() and not self.connection()["channels"]
        dropped = self.people[16]
        self.stage.control("PATCH", f"/users/{dropped}", {"department": "Nowhere"})
        wait_for(lambda: any(d.get("status") == 404 for d in self.stage.control("GET", "/deliveries")["deliveries"]),
                 "the notification to find no channel")
        assert self.stage.redis("XLEN", "teamsync:jobs") == "0"

    def a_disconnect_that_was_cut_off_is_ended_by_the_next_connect(self):
        self.put()
        self.enable()
        self.stage.rest()
        assert self.stage.redis("HLEN", "teamsync:link:acme") != "0"
        self.stage.redis("DEL", "teamsync:connection:acme")  # as a daemon leaves it that dies behind its first step
        self.stage.redis("HSET", "teamsync:connection:acme", "state", "disconnected", "leaving", "1")
        assert self.connection()["state"] == "disconnected"
        self.put()
        assert self.connection()["state"] == "connected"
        assert all(m["sync"]["state"] == "unmatched" for m in self.members().values())
        self.api("DELETE", "/connection", status=204)

    # Consent

    def begin(self, headers=None, query=""):
        reply = self.daemon.request("GET", ORG + "/connection/authorize" + query, headers=headers or self.grace)
        assert reply.status == 200 and reply.json["expires_at"], reply
        return reply

    def a_person_consents(self):
        self.grace = self.token("integrations:manage")
        browser = Browser()
        reply = browser.ask("GET", self.url + ORG + "/connection/authorize", headers=self.grace)
        assert reply.status == 302, reply
        cookie = reply.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/oauth/google" in cookie, cookie
        page = reply.headers["Location"]
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(page).query)
        assert query["code_challenge_method"] == ["S256"] and query["access_type"] == ["offline"], query
        assert query["prompt"] == ["consent"] and query["redirect_uri"] == [self.url + "/oauth/google/callback"], query
        assert query["scope"] == [f"https://www.googleapis.com/auth/{SCOPE} openid email"], query
        shown = browser.ask("GET", page)
        assert shown.status == 200 and "Allow" in shown.text
        done, _ = browser.follow("POST", page, "email=admin%40acme.example&answer=allow",
                                 {"Content-Type": "application/x-www-form-urlencoded"})
        assert done.status == 200 and "Connected" in done.text and "enable auto-sync" in done.text, done
        assert links_of(done) == ["/#/orgs/acme/settings/integration"], done
        connection = self.connection()
        assert connection["state"] == "connected" and connection["suspends"] is True, connection
        assert connection["connected_by"] == "Grace" and connection["account"] == "admin@acme.example", connection
        assert "sandbox-secret" not in self.stored() and "1//sandbox" not in self.stored()
        self.enable()
        self.stage.rest()
        self.api("DELETE", "/connection", status=204)

    def a_consent_is_good_once_and_only_where_it_was_begun(self):
        self.stage.control("PATCH", "/settings", {"consent_automatic": 1})
        mine, theirs = Browser(), Browser()
        url = self.begin().json["url"]
        asked, link = theirs.follow("GET", url)  # the link was sent to somebody else
        assert asked.status == 200 and "Grace" in asked.text and "acme" in asked.text and "Connected" not in asked.text, asked
        assert not links_of(asked), asked
        again = theirs.ask("GET", link)
        assert again.status == 200 and button_of(again) == button_of(asked), again
        assert self.connection()["state"] == "disconnected"
        wrong = theirs.ask("GET", link, headers={"Cookie": "teamsync_consent=guessed"})
        assert "Connected" not in wrong.text and self.connection()["state"] == "disconnected"
        done = theirs.ask("POST", self.url + button_of(asked))
        assert done.status == 200 and "Connected" in done.text, done
        assert self.connection()["state"] == "connected"
        for method in ("GET", "POST"):
            reply = theirs.ask(method, link)
            assert reply.status == 404 and "too old" in reply.text and links_of(reply) == ["/"], reply
        self.api("DELETE", "/connection", status=204)

        mine.cookies.load(self.begin().headers["Set-Cookie"])
        other = self.begin().json["url"]  # another begin: that cookie is not this consent's
        asked, _ = mine.follow("GET", other)
        assert "Connected" not in asked.text and button_of(asked), asked
        assert self.connection()["state"] == "disconnected"

        admin = self.api("GET", "/connection/authorize")  # nobody else can begin there
        done, _ = Browser().follow("GET", admin["url"])
        assert "Connected" in done.text, done
        self.api("DELETE", "/connection", status=204)

    def somebody_who_is_no_admin_consents(self):
        employee = self.people[20]
        url = self.api("GET", f"/connection/authorize?subject={urllib.parse.quote(employee)}")["url"]
        done, _ = Browser().follow("GET", url)
        assert "Connected" in done.text and "nobody is ever suspended" in done.text, done
        assert self.connection()["suspends"] is False and employee in self.connection()["notice"]
        self.api("DELETE", "/connection", status=204)
        self.api("GET", "/connection/authorize?subject=nobody", status=400)

    def what_goes_wrong_is_said_and_mended(self):
        browser = Browser()
        url = self.api("GET", "/connection/authorize")["url"]
        self.stage.control("PATCH", "/settings", {"consent_automatic": 0})
        denied, _ = browser.follow("POST", url, "answer=deny", {"Content-Type": "application/x-www-form-urlencoded"})
        assert denied.status == 403 and "refused" in denied.text and links_of(denied) == ["/"], denied
        self.stage.control("PATCH", "/settings", {"consent_automatic": 1})
        callback = self.url + "/oauth/google/callback"
        for query in ("", "?state=x", "?code=y", "?state=&code=", "?code=y&state=" + "x" * 101, "?state=x&code=" + "y" * 2001):
            assert browser.ask("GET", callback + query).status == 400, query
        assert browser.ask("GET", callback + "?code=y&state=unknown").status == 404
        for fault, word in (({"on": "token", "kind": "refused", "message": "Malformed auth code."}, "begin again"),
                            ({"on": "token", "kind": "refused", "reason": "redirect_uri_mismatch"}, "authorised redirect"),
                            ({"on": "users.get", "kind": "status", "status": 403, "reason": "accessNotConfigured"}, "Enable")):
            url = self.api("GET", "/connection/authorize")["url"]
            self.stage.control("POST", "/faults", fault)
            reply, _ = browser.follow("GET", url)
            assert reply.status == 422 and word in reply.text, (fault, reply)
            assert links_of(reply) == ["/#/orgs/acme/settings/integration"], reply
            self.stage.control("DELETE", "/faults")
        self.stage.control("POST", "/faults", {"on": "token", "kind": "status", "status": 503})
        reply, _ = browser.follow("GET", self.api("GET", "/connection/authorize")["url"])
        assert reply.status == 503, reply
        self.stage.control("DELETE", "/faults")
        url = self.api("GET", "/connection/authorize")["url"]
        self.stage.redis("EVAL", "for _, k in ipairs(redis.call('KEYS', 'teamsync:consent:*')) do redis.call('DEL', k) end", 0)
        reply, _ = browser.follow("GET", url)  # ten minutes later
        assert reply.status == 404 and self.connection()["state"] == "disconnected", reply

    def a_consent_lives_ten_minutes(self):
        self.begin()
        keys = self.stage.redis("KEYS", "teamsync:consent:*").split()
        lives = [int(self.stage.redis("PTTL", key)) for key in keys]
        assert keys and all(0 < life <= 600000 for life in lives), lives

    def nothing_secret_is_logged(self):
        log = self.daemon.log.read_text()
        for secret in ("4/sandbox-", "1//sandbox-", "?code=", "?state=", "&state=", "sandbox-secret", "ya29", "PRIVATE KEY"):
            assert secret not in log, secret

    def without_a_client_it_says_what_to_configure(self):
        assert self.daemon.stop() == 0
        self.daemon = self.stage.start_daemon(number=0)
        problem = self.api("GET", "/connection/authorize", status=409)
        assert "google.client_id" in problem["detail"] and "/oauth/google/callback" in problem["detail"], problem

    def tell(self):
        tell((self.nothing_is_stored_where_nothing_could_be_verified, self.what_is_not_connected_cannot_be_used,
              self.each_state_allows_what_it_should_to_whom_it_should,
              self.who_is_no_admin_updates_but_never_suspends, self.an_existing_connection_stays_as_it_was,
              self.while_it_is_failing_the_mend_is_shown, self.a_directory_that_moved_suspends_nobody,
              self.the_same_directory_keeps_the_links_and_closes_the_old_channels, self.another_directory_drops_them,
              self.nothing_is_suspended_after_the_disconnect, self.what_cannot_be_stopped_runs_out,
              self.a_disconnect_that_was_cut_off_is_ended_by_the_next_connect, self.a_person_consents,
              self.a_consent_is_good_once_and_only_where_it_was_begun, self.somebody_who_is_no_admin_consents,
              self.what_goes_wrong_is_said_and_mended, self.a_consent_lives_ten_minutes,
              self.nothing_secret_is_logged, self.without_a_client_it_says_what_to_configure))


def main():
    with Stage() as stage:
        Story(stage).tell()


main()
