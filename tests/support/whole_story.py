# SPDX-License-Identifier: MIT
"""Everything that teamsync does with Redis, once: told by the tests that look at how Redis takes it."""
import hashlib
import json
import re
import subprocess
import urllib.request
from urllib.parse import quote

from event_stream import EventStream
from stage import ROOT, free_port, tell, wait_for

ORG = "/api/v1/orgs/acme"
SETTINGS = {"sync": {"reread_after_s": [1], "resync_interval_s": 3600}, "queue": {"claim_after_s": 1}}


class WholeStory:
    def __init__(self, stage):
        self.stage = stage
        stage.start_sandbox("--people", "60")
        self.mail = stage.folder / "mail"
        self.mail.mkdir()
        port = free_port()
        stage.spawn(["/usr/bin/python3", ROOT / "tests/support/smtp_server.py", port, self.mail],
                    stdout=subprocess.DEVNULL)
        self.settings = {
            **SETTINGS,
            "google": {"auth_url": stage.sandbox_url + "/o/oauth2/v2/auth", "client_id": "sandbox-client",
                       "client_secret": "sandbox-secret"},
            "mail": {"url": f"smtp://127.0.0.1:{port}", "from": "teamsync@acme.example"}}
        self.daemon = stage.start_daemon(**self.settings)

    def api(self, method, path, body=None, status=None):
        reply = self.daemon.admin(method, ORG + path, body)
        assert reply.status == status if status else reply.status < 300, (method, path, reply)
        return reply.json

    def members(self):
        return {m["email"]: m for m in self.api("GET", "/members?limit=500")["items"]}

    def become(self, emails, is_so, what):
        wait_for(lambda: (now := self.members()) and all(is_so(now[e]) for e in emails), what, 60)

    def runs(self):
        return self.api("GET", "/resyncs")["items"]

    def resync(self, mode="apply"):
        known = {run["id"] for run in self.runs()}
        self.api("POST", "/resync", {"mode": mode})
        run = wait_for(lambda: [r for r in self.runs() if r["id"] not in known and r["state"] != "running"],
                       "the resync to end", 60)[0]
        self.stage.rest()
        return run

    def key(self, rest):
        return self.stage.prefix + rest

    # The chapters

    def an_org_is_set_up(self):
        self.stage.connect_org(self.daemon)
        self.api("PATCH", "", {"name": "Acme again"})
        assert self.api("GET", "")["name"] == "Acme again"
        assert self.daemon.admin("GET", "/api/v1/orgs").json["items"][0]["name"] == "Acme again"
        people = [p["primaryEmail"] for p in self.stage.control("GET", "/users?limit=100")["users"]]
        self.people = [email for email in people if not email.startswith("admin@")][:40]
        for email in reversed(self.people):  # managers come after those who wait for them
            self.api("POST", "/members", {"email": email, "status": "active"})
        self.stage.rest()
        self.become(self.people, lambda m: m["sync"]["directory_user_id"], "everybody linked")

    def an_account_becomes_an_admin_and_consents(self):
        self.stage.control("PATCH", "/settings", {"consent_automatic": 1})
        begun = self.api("GET", f"/connection/authorize?subject={self.people[5]}")
        page = urllib.request.urlopen(begun["url"], timeout=60).read().decode()
        assert "nobody is ever suspended" in page, page
        self.api("PUT", "/connection/auto-sync", {"enabled": True})
        self.stage.rest()
        self.stage.control("POST", f"/users/{self.people[5]}/make-admin")
        self.resync()
        assert self.api("GET", "/connection")["notice"] is None
        self.stage.control("POST", f"/users/{self.people[5]}/revoke-admin")
        self.stage.connect(self.daemon)

    def a_token_is_looked_up(self):
        secret = "ts_a_token"
        digest = hashlib.sha256(secret.encode()).hexdigest()
        self.stage.redis("HSET", self.key(f"token:{digest}"), "org", "acme", "permissions", "members:read")
        headers = {"Authorization": f"Bearer {secret}"}
        assert self.daemon.request("GET", ORG + "/members", headers=headers).status == 200
        assert self.daemon.request("GET", ORG + "/members").status == 401

    def tokens_are_made_listed_and_revoked(self):
        made = self.daemon.admin("POST", "/api/v1/tokens", {
            "name": "reader", "org": "acme", "permissions": ["members:read"], "expires_in_s": 3600}).json
        headers = {"Authorization": f"Bearer {made['token']}"}
        assert self.daemon.request("GET", ORG + "/members", headers=headers).status == 200
        listed = self.daemon.admin("GET", "/api/v1/tokens?org=acme").json["items"]
        assert [token["id"] for token in listed] == [made["id"]] and listed[0]["last_used_at"], listed
        assert self.daemon.admin("DELETE", f"/api/v1/tokens/{made['id']}").status == 204
        assert self.daemon.request("GET", ORG + "/members", headers=headers).status == 401
        short = self.daemon.admin("POST", "/api/v1/tokens", {"name": "s", "org": "*", "permissions": ["operate"]}).json
        digest = self.stage.redis("HGET", self.key("tokens"), short["id"])
        self.stage.redis("DEL", self.key(f"token:{digest}"))  # as if it had expired
        assert self.daemon.admin("GET", "/api/v1/tokens").json["items"] == []

    def people_sign_in_to_the_web_page(self):
        token = self.daemon.admin("POST", "/api/v1/tokens", {
            "name": "Ada", "org": "acme", "permissions": ["members:read", "members:manage"]}).json
        link = self.daemon.admin("POST", "/api/v1/login-links", {
            "name": "Grace", "org": "acme", "permissions": ["members:read"]}).json["url"].split("#login=")[1]
        for shown in ({"token": token["token"]}, {"link": link}):
            signed_in = self.daemon.request("POST", "/api/v1/session", shown)
            cookie = {"Cookie": signed_in.headers["Set-Cookie"].split(";")[0], "Sec-Fetch-Site": "same-origin"}
            assert self.daemon.request("GET", ORG + "/members", headers=cookie).status == 200
            assert [m["name"] for m in self.api("GET", "/managers")["items"]] == ["Ada"]
            assert self.daemon.request("DELETE", "/api/v1/session", headers=cookie).status == 204
        assert self.daemon.admin("DELETE", f"/api/v1/tokens/{token['id']}").status == 204
        assert self.daemon.admin("GET", "/api/v1/tokens").json["items"] == []

    def the_key_is_rotated(self):
        reply = self.daemon.admin("POST", "/api/v1/secrets/rotate", timeout=60)
        assert reply.json == {"resealed": 1, "failed": 0}, reply
        self.api("GET", "/connection")

    def changes_arrive_by_notification(self):
        email = self.people[0]
        self.stage.control("PATCH", f"/users/{email}", {"department": "Navigation"})
        self.become([email], lambda m: m["team"] == "Navigation", "in the new team")
        self.stage.control("POST", f"/users/{email}/suspend")
        self.become([email], lambda m: m["status"] == "suspended", "suspended")
        self.stage.control("POST", f"/users/{email}/unsuspend")
        self.become([email], lambda m: m["status"] == "active", "back")
        user = self.members()[email]["sync"]["directory_user_id"]
        self.stage.control("POST", f"/users/{email}/rename", {"primaryEmail": "renamed@acme.example"})
        self.stage.control("PATCH", f"/users/{user}", {"department": "Renamed", "aliases": []})
        self.become([email], lambda m: m["team"] == "Renamed", "still synced")
        member = self.members()[email]["id"]
        assert self.api("GET", f"/members/{member}")["id"] == member
        assert self.api("GET", f"/members/{member}/history")["items"]
        steps = self.api("POST", f"/members/{member}/sync")["steps"]
        assert [s["step"] for s in steps if s["ok"]] == ["connected", "read", "matched", "decided", "applied"], steps

    def changes_are_seen_as_they_happen(self):
        email = self.people[3]
        last = self.api("GET", "/history?limit=2")["items"][1]["id"]
        with EventStream(self.daemon, ORG + "/events", last_id=last) as stream:
            stream.wait(lambda e: e.name == "connection" and e.data == {"state": "active"}, "how the org stands")
            self.stage.control("PATCH", f"/users/{email}", {"department": "Astronomy"})
            stream.wait(lambda e: e.name == "member" and e.data["email"] == email, "the change")
            self.resync()
            stream.wait(lambda e: e.name == "run" and e.data["state"] == "done", "the resync's end")
        with EventStream(self.daemon, ORG + "/events", last_id="1-1") as stream:
            stream.wait(lambda e: e.name == "reset", "that it does not know where that was")

    def the_team_is_looked_at(self):
        def listed(query):
            return [m["email"] for m in self.api("GET", f"/members?limit=500&{query}")["items"]]

        self.api("PATCH", f"/members/{self.members()[self.people[35]]['id']}", {"name": "Ångström"})
        self.stage.redis("DEL", self.key("order:acme:name:active:synced"))  # as in an org that is older than the orders
        everybody = self.members()
        assert listed("q=ANGSTROM") == [self.people[35]]
        for sort in ("name", "email", "team", "created"):
            asc, desc = listed(f"sort={sort}"), listed(f"sort={sort}&order=desc")
            assert sorted(asc) == sorted(everybody) and asc == desc[::-1], (sort, asc, desc)
        assert listed("sort=email") == sorted(everybody)
        page = self.api("GET", "/members?limit=3&sort=team&order=desc&status=active")
        assert self.api("GET", f"/members?sort=team&order=desc&status=active&cursor={page['next_cursor']}")["items"]
        teams = self.api("GET", "/teams?limit=500")["items"]
        assert sum(t["members"] for t in teams) == sum(m["team"] is not None for m in everybody.values())
        assert listed(f"sort=name&team={quote(teams[0]['team'])}")
        summary = self.api("GET", "/summary")
        for figures in summary.values():
            assert sum(figures.values()) == len(everybody), summary

    def a_person_decides_about_members(self):
        edited, suspended, deleted = (self.members()[email] for email in self.people[30:33])
        path = f"/members/{edited['id']}"
        assert self.api("PATCH", path, {"name": "Ada", "team": "Mine", "manager_id": suspended["id"]})["warnings"]
        self.become([edited["email"]], lambda m: m["team"] == edited["team"], "overwritten")
        assert self.api("PATCH", path, {"role": "owner", "protected": True})["role"] == "owner"
        path = f"/members/{suspended['id']}"
        assert self.api("POST", path + "/suspend")["status"] == "suspended"
        assert self.api("POST", path + "/unsuspend")["status"] == "active"
        self.api("DELETE", f"/members/{deleted['id']}", status=204)
        assert deleted["email"] not in self.members()
        self.api("POST", "/members", {"email": deleted["email"], "status": "active"})
        self.become([deleted["email"]], lambda m: m["sync"]["directory_user_id"], "linked anew")
        self.stage.rest()

    def a_resync_finds_what_was_missed_and_is_undone(self):
        self.stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
        leavers = self.people[1:3]
        for email in leavers:
            self.stage.control("POST", f"/users/{email}/suspend")
        assert self.api("GET", "/connection/preview")["figures"]["suspended"] == 2
        assert self.resync("preview")["suspended"] == 2
        run = self.resync()
        assert run["suspended"] == 2, run
        assert self.api("POST", f"/resyncs/{run['id']}/undo") == {"members": 2}
        self.become(leavers, lambda m: m["status"] == "active", "kept")

    def a_hold_is_decided(self):
        leavers = self.people[10:20]
        for email in leavers:
            self.stage.control("POST", f"/users/{email}/suspend")
        assert self.resync()["held"] > 0
        hold = self.api("GET", "/hold")
        held = [item["email"] for item in hold["items"]]
        for decision in ("approve", "reject"):
            self.api("POST", f"/hold/{decision}", {"digest": "of another list"}, 409)
        self.api("POST", "/hold/approve", {"digest": hold["digest"]})
        self.become(held, lambda m: m["status"] == "suspended", "the approved suspended")
        self.stage.rest()
        for email in self.people[20:22]:
            self.stage.control("POST", f"/users/{email}/suspend")
        self.resync()
        self.api("POST", "/hold/reject", {"digest": self.api("GET", "/hold")["digest"]})

    def a_loss_is_approved(self):
        losers = self.people[22:30]
        for email in losers:
            self.stage.control("PATCH", f"/users/{email}", {"department": ""})
        assert self.resync()["state"] == "held"
        self.api("POST", "/hold/approve", {"digest": self.api("GET", "/hold")["digest"]})
        self.become(losers, lambda m: m["team"] is None, "the loss")
        self.stage.rest()

    def the_directory_refuses_for_a_while(self):
        for call in ("users.list", "users.get"):  # one that is answered would make it active again at once
            self.stage.control("POST", "/faults", {"on": call, "kind": "status", "status": 403,
                                                   "reason": "insufficientPermissions"})
        assert self.resync()["state"] == "failed"
        wait_for(lambda: self.api("GET", "/connection")["state"] == "failing", "the connection to be failing")
        self.stage.control("DELETE", "/faults")
        self.resync()
        wait_for(lambda: self.api("GET", "/connection")["state"] == "active", "the connection to be active again")

    def the_history_is_told_and_exported(self):
        decided = self.api("GET", "/history?field=hold&until=2200-01-01T00:00:00Z")["items"]
        assert [e["cause"] for e in decided if e["member"] is None] == [
            "approved by admin socket", "rejected by admin socket", "approved by admin socket"], decided
        exported = self.daemon.admin("GET", ORG + "/history/export").text.splitlines()
        assert json.loads(exported[-1])["cause"] == "connected by admin socket", exported[-1]
        assert len(self.daemon.admin("GET", ORG + "/history/export?format=csv").text.splitlines()) == len(exported) + 1

    def a_dead_letter_is_tried_again_and_dropped(self):
        self.stage.redis("XADD", self.key("jobs"), "*", "type", "user", "org", "nowhere", "user", "nobody@acme.example")

        def letters():
            return self.daemon.admin("GET", "/api/v1/dead-letters").json["items"]

        first = wait_for(letters, "a dead letter")[0]["id"]
        assert self.daemon.admin("POST", f"/api/v1/dead-letters/{first}/retry").status < 300
        second = wait_for(lambda: [x["id"] for x in letters() if x["id"] != first], "it to be buried again")[0]
        assert self.daemon.admin("DELETE", f"/api/v1/dead-letters/{second}").status < 300
        assert self.daemon.admin("GET", "/api/v1/queue").json["dead"] == 0

    def a_backlog_is_one_resync(self):
        jobs = [json.dumps({"type": "user", "org": "acme", "user": f"nobody{n}@acme.example"}) for n in range(200)]
        self.stage.redis("ZADD", self.key("jobs:delayed"), *[word for job in jobs for word in (0, job)])
        wait_for(lambda: any(r["cause"] == "backlog" and r["state"] == "done" for r in self.runs()),
                 "a resync in the place of the backlog", 60)
        self.stage.rest()

    def people_are_invited(self):
        def letters():
            return list(self.mail.glob("*.eml"))

        self.api("PATCH", "", {"invitations": {"auto_invite": True}})
        self.stage.control("POST", "/users", {"primaryEmail": "newcomer@acme.example", "givenName": "New"})
        people = self.api("GET", "/directory-users?unmatched=true&limit=500")["items"]
        self.api("POST", "/invitations", {"directory_user_ids": [people[0]["id"]]})
        wait_for(lambda: len(letters()) >= 2, "two mails", 60)
        newcomer = self.members()["newcomer@acme.example"]
        self.api("POST", f"/members/{newcomer['id']}/invitation")
        wait_for(lambda: len(letters()) >= 3, "the third mail")
        mine = [text for letter in letters() if " newcomer@" in (text := letter.read_text()).split("\n")[0]]
        links = [re.search(r"/invitations/[\w-]{43}", re.sub(r"=\r?\n", "", text))[0] for text in mine]
        pages = [self.daemon.request("POST", link) for link in links]
        assert sorted(page.status for page in pages) == [200, 404], pages
        assert self.daemon.request("GET", links[0]).status in (200, 404)
        assert self.members()["newcomer@acme.example"]["status"] == "active"
        self.stage.rest()

    def health_is_told(self):
        metrics = self.daemon.request("GET", "/metrics").text
        assert "teamsync_redis_up 1" in metrics and 'teamsync_members{org="acme",status="active"}' in metrics
        assert self.daemon.request("GET", "/readyz").json["ready"] is True
        samples = self.daemon.admin("GET", "/api/v1/queue/history").json["items"]
        assert samples[-1]["enqueued"] >= samples[-1]["done"] >= samples[0]["done"], samples

    def a_dead_daemon_is_taken_over(self):
        self.stage.control("PATCH", "/settings", {"latency_ms": 500})
        self.api("POST", "/resync", {"mode": "apply"})
        running = wait_for(lambda: (r := self.runs()[0])["state"] == "running" and r, "a resync under way")
        self.daemon.kill()
        self.stage.control("PATCH", "/settings", {"latency_ms": 0})
        self.daemon = self.stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"]}, **self.settings)
        wait_for(lambda: (r := self.runs()[0])["id"] != running["id"] and r["state"] == "done", "another run", 60)

    def it_is_disconnected(self):
        self.api("PUT", "/connection/auto-sync", {"enabled": False})
        wait_for(lambda: not self.stage.control("GET", "/channels")["channels"], "the channels to end")
        self.api("DELETE", "/connection", status=204)
        assert all(m["sync"]["state"] == "unmatched" for m in self.members().values())
        assert self.daemon.stop() == 0

    def tell(self):
        tell((
            self.an_org_is_set_up,
            self.a_token_is_looked_up,
            self.tokens_are_made_listed_and_revoked,
            self.people_sign_in_to_the_web_page,
            self.the_key_is_rotated,
            self.changes_arrive_by_notification,
            self.changes_are_seen_as_they_happen,
            self.the_team_is_looked_at,
            self.a_person_decides_about_members,
            self.a_resync_finds_what_was_missed_and_is_undone,
            self.a_hold_is_decided,
            self.a_loss_is_approved,
            self.the_history_is_told_and_exported,
            self.the_directory_refuses_for_a_while,
            self.a_dead_letter_is_tried_again_and_dropped,
            self.a_backlog_is_one_resync,
            self.people_are_invited,
            self.health_is_told,
            self.an_account_becomes_an_admin_and_consents,
            self.a_dead_daemon_is_taken_over,
            self.it_is_disconnected,
        ))
