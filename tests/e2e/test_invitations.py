#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""People of the directory are found, invited, mailed their link by a real mail server, and join; newcomers are
invited by themselves; and no mail is lost however the daemon, Redis or the mail server end."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from mta import Exim  # noqa: E402
from stage import Stage, tell, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
SETTINGS = {"sync": {"reread_after_s": [1], "resync_interval_s": 3600}, "queue": {"claim_after_s": 1}}


class Invitations:
    def __init__(self, stage, exim):
        self.stage, self.exim = stage, exim
        stage.start_redis("--appendfsync", "always")
        stage.start_sandbox("--people", "60")
        self.start_daemon()
        stage.connect_org(self.daemon)
        stage.rest()

    def start_daemon(self, url=None, **settings):
        mail = {"url": f"smtp://127.0.0.1:{self.exim.port}" if url is None else url, "from": "teamsync@acme.example"}
        self.daemon = self.stage.start_daemon(number=0, mail=mail, **SETTINGS, **settings)

    def ask(self, method, path, body=None):
        return self.daemon.admin(method, ORG + path, body, timeout=60)

    def api(self, method, path, body=None):
        reply = self.ask(method, path, body)
        assert reply.status < 300, (method, path, reply)
        return reply.json

    def member(self, email):
        return {m["email"]: m for m in self.api("GET", "/members?limit=500")["items"]}.get(email)

    def hire(self, name, **more):
        body = {"primaryEmail": f"{name}@acme.example", "givenName": name.title(), "familyName": "Zuse", **more}
        return self.stage.control("POST", "/users", body)["id"]

    def found(self, query):
        """Everybody, page after page."""
        items, cursor = [], ""
        while cursor is not None:
            page = self.api("GET", f"/directory-users?{query}&cursor={cursor}")
            items += page["items"]
            cursor = page["next_cursor"]
        return items

    def mails_to(self, email):
        return [m for m in self.exim.mails() if m["To"] == f"<{email}>"]

    def link_for(self, email, count=1):
        mail = wait_for(lambda: len(m := self.mails_to(email)) >= count and m[-1], f"mail {count} for {email}", 30)
        return self.link_of(mail)

    def link_of(self, mail):
        part = next(p for p in mail.walk() if p.get_content_type() == "text/plain")
        text = part.get_payload(decode=True).decode()
        path = re.search(r"^(http://\S+)(/invitations/[\w-]{43})\r?$", text, re.M)
        assert path and path[1] == f"http://127.0.0.1:{self.stage.port}", text
        return path[2]

    def follow(self, method, link):
        """In a browser: over TCP, without a token."""
        return self.daemon.request(method, link, "" if method == "POST" else None,
                                   {"Content-Type": "application/x-www-form-urlencoded"})

    def is_told_to_be_odd(self, link):
        """The log's line for a request that is refused; it does not tell of all, when they are many."""
        assert self.daemon.request("POST", link, "{", {"Content-Type": "text/plain"}).status == 415
        return next((line for line in self.daemon.log.read_text().split("\n") if "status=415" in line), None)

    # The chapters

    def people_are_found_by_what_they_are_called(self):
        everybody = self.found("limit=7")
        assert len(everybody) == 61 and len({p["id"] for p in everybody}) == 61
        assert all(p["name"] and p["email"] and p["suspended"] is False and p["member"] is None for p in everybody)
        self.hire("konrad", familyName="O'Brien", aliases=["zuse@acme.example"])
        for text, names in (("kon", {"konrad"}), ("KONRAD", {"konrad"}), ("o'bri", {"konrad"}), ("zuse@", {"konrad"}),
                            ("konrad%20o'brien", {"konrad"}), ("brien%20o'", set()), ("grac", {"grace"}),
                            ("nobody", set()), ("x'%20isAdmin=true", set()), ("a%26viewType=x", set())):
            got = [p["email"].split("@")[0].split(".")[0] for p in self.found(f"limit=5&q={text}")]
            assert set(got) == names, (text, got)
        marlowes = {p["id"] for p in everybody if p["name"].endswith(" Marlowe")}
        assert marlowes and {p["id"] for p in self.found("limit=1&q=marLO")} == marlowes
        ada = [p["email"] for p in self.found("limit=1&q=ada")]
        assert len(ada) == len(set(ada)) >= 3, ada  # by address and by name, and nobody twice

    def what_makes_no_sense_is_refused(self):
        for query, status in (("unmatched=maybe", 400), ("q=" + "x" * 101, 400), ("q=%0a", 400), ("limit=501", 400),
                              ("cursor=a%26fields%3D*", 400), ("cursor=e%20", 400), ("cursor=x123", 409),
                              ("q=ada&cursor=a", 409), ("q=*", 409), ("cursor=a%2B", 409)):
            reply = self.ask("GET", f"/directory-users?{query}")
            assert reply.status == status, (query, reply)
        for body in ({}, {"directory_user_ids": []}, {"directory_user_ids": ["1"] * 101},
                     {"directory_user_ids": [1]}, {"directory_user_ids": ["1"], "role": "owner"}):
            assert self.ask("POST", "/invitations", body).status == 400, body

    def an_expired_cursor_is_told(self):
        cursor = self.api("GET", "/directory-users?limit=5")["next_cursor"]
        self.stage.control("POST", "/faults", {"on": "users.list", "kind": "expired_page_token", "count": 1})
        reply = self.ask("GET", f"/directory-users?limit=5&cursor={cursor}")
        assert reply.status == 409 and "begin anew" in reply.json["detail"], reply

    def several_are_invited_and_one_bad_id_stops_nobody(self):
        self.stage.control("POST", "/users/grace@acme.example/suspend")
        self.stage.rest()
        people = {p["email"].split("@")[0]: p for p in self.found("limit=500")}
        assert people["grace"]["suspended"] is True
        gone = people["hedy"]["id"]
        self.stage.control("POST", "/users/hedy@acme.example/delete")
        ids = [people["ada"]["id"], "0", people["grace"]["id"], gone, people["linus"]["id"], people["ada"]["id"],
               "ada@acme.example"]
        answer = self.api("POST", "/invitations", {"directory_user_ids": ids, "role": "engineer"})
        items = answer["items"]
        assert answer["mailed"] is True, answer
        assert [i["directory_user_id"] for i in items] == ids
        status = [i["status"] for i in items]
        assert sorted((status[0], status[5])) == ["already_member", "invited"], items  # whoever came first
        assert status[1:5] == ["not_found", "not_active", "not_found", "invited"], items
        assert status[6] == "failed" and items[6]["detail"], items
        linus = items[4]["member"]
        assert (linus["name"], linus["role"], linus["status"]) == (people["linus"]["name"], "engineer", "invited")
        self.stage.rest()
        linus = self.member("linus@acme.example")
        assert linus["sync"]["directory_user_id"] == people["linus"]["id"], linus
        left = {p["email"].split("@")[0] for p in self.found("unmatched=true&limit=2")}
        assert not left & {"ada", "linus"} and {"grace", "konrad"} <= left
        assert [p["member"] for p in self.found("q=linus@")] == [linus["id"]]

    def the_link_makes_a_member_of_them(self):
        link = self.link_for("ada@acme.example")
        assert len(self.mails_to("ada@acme.example")) == 1  # though she was named twice
        mail = self.mails_to("ada@acme.example")[0]
        assert mail["From"] == "<teamsync@acme.example>" and mail["Subject"] == "Join the team of Acme", mail
        assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"] and mail["Date"], mail
        for method in ("GET", "HEAD", "GET"):
            page = self.follow(method, link)
            assert page.status == 200 and page.headers["Cache-Control"] == "no-store", page
        assert "Join Acme" in page.text and f'action="{link}"' in page.text, page
        assert self.member("ada@acme.example")["status"] == "invited"  # looking changes nothing
        line = wait_for(lambda: self.is_told_to_be_odd(link), "a refused link in the log", pause=0.2)
        assert "/invitations/{token}" in line, line
        page = self.follow("POST", link)
        assert page.status == 200 and "Welcome" in page.text, page
        ada = self.member("ada@acme.example")
        assert ada["status"] == "active", ada
        history = self.api("GET", f"/members/{ada['id']}/history")["items"]
        assert any(h["cause"] == "accepted the invitation" and h["after"] == "active" for h in history), history
        assert "already" in self.follow("GET", link).text
        assert self.follow("POST", link).status == 200
        again = [h for h in self.api("GET", f"/members/{ada['id']}/history")["items"] if h["field"] == "status"]
        assert len(again) == 1, again
        metrics = self.daemon.request("GET", "/metrics").text
        assert 'teamsync_members{org="acme",status="active"} 1' in metrics, metrics
        assert 'teamsync_jobs_total{type="mail",outcome="changed"}' in metrics, metrics

    def a_link_is_no_more_than_it_should_be(self):
        self.link = self.link_for("linus@acme.example")
        for wrong in ("/invitations/" + "A" * 43, self.link[:-1], self.link + "x", "/invitations/%00", "/invitations/a%2Fb"):
            for method in ("GET", "POST"):
                page = self.follow(method, wrong)
                assert page.status in (400, 404), (wrong, page)
        linus = self.member("linus@acme.example")["id"]
        assert self.ask("POST", f"/members/{linus}/invitation").status == 202
        newer = self.link_for("linus@acme.example", 2)
        assert newer != self.link
        assert self.follow("GET", self.link).status == 404 and self.follow("POST", self.link).status == 404
        key = next(k for k in self.stage.redis("KEYS", self.stage.prefix + "invitation:*").split("\n")
                   if self.stage.redis("HGET", k, "member") == linus)
        assert 13 * 86400 < int(self.stage.redis("TTL", key)) <= 14 * 86400
        self.stage.control("POST", "/users/linus@acme.example/suspend")
        wait_for(lambda: self.member("linus@acme.example")["status"] == "suspended", "the suspension")
        for method in ("GET", "POST"):
            assert "suspended" in self.follow(method, newer).text
        assert self.member("linus@acme.example")["status"] == "suspended"
        assert self.ask("POST", f"/members/{linus}/invitation").status == 409
        self.stage.control("POST", "/users/linus@acme.example/unsuspend")
        wait_for(lambda: self.member("linus@acme.example")["status"] == "invited", "the end of the suspension")
        self.stage.redis("PEXPIRE", key, 1)
        wait_for(lambda: self.follow("GET", newer).status == 404, "the link to expire")

    def an_address_without_a_mailbox_is_buried_with_the_reason(self):
        self.api("POST", "/members", {"email": "nobody@acme.example"})
        letter = wait_for(lambda: self.daemon.admin("GET", "/api/v1/dead-letters").json["items"], "a dead letter")[0]
        assert letter["job"]["type"] == "mail" and "550 no such mailbox" in letter["reason"], letter
        assert self.daemon.admin("POST", f"/api/v1/dead-letters/{letter['id']}/retry").status == 202
        other = wait_for(lambda: [i["id"] for i in self.daemon.admin("GET", "/api/v1/dead-letters").json["items"]
                                  if i["id"] != letter["id"]], "it to be buried again")[0]
        self.daemon.admin("DELETE", f"/api/v1/dead-letters/{other}")

    def mail_waits_for_its_server_and_survives_all_deaths(self):
        self.first_log = self.daemon.log.read_text()  # the next daemon begins a new one
        assert not re.search(r"invitations/[\w-]{20}", self.first_log)
        self.exim.process.kill()
        self.exim.process.wait()
        self.api("POST", "/members", {"email": "radia@acme.example", "name": "Radia"})
        self.daemon.kill()
        redis = next(p for p in self.stage.processes if p.args[0] == "redis-server" and p.poll() is None)
        redis.kill()
        redis.wait()
        self.stage.start_redis("--appendfsync", "always")
        self.start_daemon()
        self.exim.start()

        def arrives():
            self.stage.hurry()
            return self.mails_to("radia@acme.example")

        wait_for(arrives, "the mail after all", 60)
        assert self.follow("POST", self.link_for("radia@acme.example")).status == 200
        assert self.member("radia@acme.example")["status"] == "active"

    def only_newcomers_are_invited_by_themselves(self):
        before = len(self.api("GET", "/members?limit=500")["items"])
        self.hire("before")
        hired = int(time.time())  # an account's time is told in seconds
        wait_for(lambda: int(time.time()) > hired, "the next second")
        org = self.daemon.admin("PATCH", ORG, {"invitations": {"auto_invite": True, "role": "newcomer"}}).json
        assert org["invitations"] == {"auto_invite": True, "role": "newcomer"}, org
        self.stage.control("PATCH", "/users/tony@acme.example", {"department": "Elsewhere"})  # old, and told of
        self.api("POST", "/resync", {"mode": "apply"})
        self.stage.rest()
        assert len(self.api("GET", "/members?limit=500")["items"]) == before
        self.hire("pushed")
        self.link_for("pushed@acme.example")
        pushed = self.member("pushed@acme.example")
        assert (pushed["role"], pushed["status"], pushed["name"]) == ("newcomer", "invited", "Pushed Zuse"), pushed
        created = self.api("GET", f"/members/{pushed['id']}/history")["items"][-1]
        assert created["cause"] == "auto-invite" and created["job"], created
        self.stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
        removed, suspended = self.hire("removed"), self.hire("suspended")
        self.hire("listed")
        self.stage.control("POST", "/users/suspended@acme.example/suspend")
        self.stage.redis("SADD", self.stage.prefix + "uninvited:acme", removed)
        self.api("POST", "/resync", {"mode": "preview"})
        self.stage.rest()
        assert not self.member("listed@acme.example")
        self.api("POST", "/resync", {"mode": "apply"})
        self.link_for("listed@acme.example")
        self.stage.rest()
        assert self.api("GET", "/resyncs")["items"][0]["invited"] == 1
        assert not self.member("removed@acme.example") and not self.member("suspended@acme.example")
        assert not self.member("before@acme.example")
        assert len(self.mails_to("pushed@acme.example")) == 1
        items = self.api("POST", "/invitations", {"directory_user_ids": [removed, suspended]})["items"]
        assert [i["status"] for i in items] == ["invited", "not_active"], items  # a person may
        assert self.stage.redis("EXISTS", self.stage.prefix + "uninvited:acme") == "0"
        self.stage.control("DELETE", "/faults")

    def without_mail_the_link_is_told(self):
        self.daemon.stop()
        self.start_daemon(url="")
        made = self.api("POST", "/members", {"email": "by.hand@acme.example"})
        assert self.api("POST", "/invitations", {"directory_user_ids": ["0"]})["mailed"] is False
        self.stage.rest()
        reply = self.ask("POST", f"/members/{made['id']}/invitation")
        assert reply.status == 200 and reply.json["expires_at"], reply
        link = reply.json["url"].removeprefix(f"http://127.0.0.1:{self.stage.port}")
        assert self.follow("POST", link).status == 200
        assert self.member("by.hand@acme.example")["status"] == "active"
        assert not self.mails_to("by.hand@acme.example")

    def nothing_is_read_while_auto_sync_is_off(self):
        self.api("PUT", "/connection/auto-sync", {"enabled": False})
        for reply in (self.ask("GET", "/directory-users"), self.ask("POST", "/invitations", {"directory_user_ids": ["1"]})):
            assert reply.status == 409 and "auto-sync" in reply.json["detail"], reply

    def no_link_is_in_a_log(self):
        self.daemon.stop()
        for log in self.stage.folder.glob("*.log"):
            assert not re.search(r"invitations/[\w-]{20}", log.read_text(errors="replace")), log

    def tell(self):
        tell((self.people_are_found_by_what_they_are_called, self.what_makes_no_sense_is_refused,
              self.an_expired_cursor_is_told, self.several_are_invited_and_one_bad_id_stops_nobody,
              self.the_link_makes_a_member_of_them, self.a_link_is_no_more_than_it_should_be,
              self.an_address_without_a_mailbox_is_buried_with_the_reason,
              self.mail_waits_for_its_server_and_survives_all_deaths, self.only_newcomers_are_invited_by_themselves,
              self.without_mail_the_link_is_told, self.nothing_is_read_while_auto_sync_is_off,
              self.no_link_is_in_a_log))


def main():
    exim = Exim()
    with Stage() as stage:
        try:
            exim.start()
            Invitations(stage, exim).tell()
        except BaseException:
            print("--- exim\n" + exim.log()[-3000:])
            raise
        finally:
            exim.close()


main()
