#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a person decides about members, and what the sync makes of it: it takes back what the directory
knows better, and leaves everything else as the person wants it, over any resync."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, tell, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"


class Team:
    def __init__(self, stage):
        self.stage = stage
        stage.start_redis()
        stage.start_sandbox("--people", "39")
        self.daemon = stage.start_daemon(sync={"reread_after_s": [1]})
        stage.connect_org(self.daemon)
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        self.people = [email for email in people if not email.startswith("admin@")]
        for email in self.people:
            self.change(email, department="Staff", manager=None)
            self.api("POST", "/members", {"email": email, "status": "active",
                                          "role": "owner" if email == self.people[0] else "member"})
        self.becomes_all(self.people, lambda m: m["sync"]["state"] == "synced" and m["team"] == "Staff", "in step")

    def api(self, method, path, body=None, status=None):
        reply = self.daemon.admin(method, ORG + path, body)
        assert reply.status == status if status else reply.status < 300, (method, path, reply)
        return reply.json

    def members(self):
        return {m["email"]: m for m in self.api("GET", "/members?limit=500")["items"]}

    def member(self, email):
        return self.members()[email]

    def path(self, email, action=""):
        return f"/members/{self.member(email)['id']}{action}"

    def edit(self, email, **fields):
        return self.api("PATCH", self.path(email), fields)

    def post(self, email, action):
        return self.api("POST", self.path(email, action))

    def change(self, email, action="", **body):
        self.stage.control("POST" if action else "PATCH", f"/users/{email}{action}", body or None)

    def becomes_all(self, emails, condition, what):
        try:
            wait_for(lambda: (now := self.members()) and all(condition(now[e]) for e in emails), what)
        except Exception:
            print([self.member(email) for email in emails])
            raise

    def becomes(self, email, condition, what):
        self.becomes_all([email], condition, f"{email} {what}")

    def resync(self):
        known = {run["id"] for run in self.api("GET", "/resyncs")["items"]}
        self.api("POST", "/resync")
        wait_for(lambda: [r for r in self.api("GET", "/resyncs")["items"]
                          if r["id"] not in known and r["state"] == "done"], "the resync")
        self.stage.rest()

    def stays(self, email, condition):
        self.resync()
        member = self.member(email)
        assert condition(member), member

    def causes(self, email, field):
        items = self.api("GET", self.path(email, "/history?limit=100"))["items"]
        return [(e["before"], e["after"], e["cause"]) for e in items if e["field"] == field]


def an_edit_of_what_the_directory_keeps_is_overwritten(team):
    email, boss = team.people[1:3]
    team.change(email, manager=boss)
    team.becomes(email, lambda m: m["manager"] and m["manager"]["email"] == boss, "reports")
    edited = team.edit(email, team="Mine", manager_id=team.member(team.people[3])["id"])
    assert edited["team"] == "Mine" and edited["manager"]["email"] == team.people[3], edited
    assert edited["sync"]["fields"] == {"manager": "manual", "team": "manual"}, edited
    assert len(edited["warnings"]) == 2 and all("overwrites this edit within seconds" in w for w in edited["warnings"])
    team.becomes(email, lambda m: m["team"] == "Staff" and m["manager"]["email"] == boss, "as the directory says")
    assert team.causes(email, "team")[:2] == [("Mine", "Staff", "edited"), ("Staff", "Mine", "edited by admin socket")]


def what_the_directory_does_not_know_stays(team):
    email = team.people[4]
    team.change(email, department="")
    team.becomes(email, lambda m: m["team"] is None, "without a team")
    assert "if that names one" in team.edit(email, team="Mine")["warnings"][0]
    assert team.edit(email, name="Somebody", role="card holder")["warnings"] == []
    team.change(email, manager=team.people[2])
    team.becomes(email, lambda m: m["manager"], "reports")
    team.stays(email, lambda m: (m["team"], m["name"], m["role"]) == ("Mine", "Somebody", "card holder"))


def a_wrong_edit_says_what_is_wrong(team):
    email, boss = team.people[1:3]
    own = team.member(email)["id"]
    for body, status in (({"email": "new@acme.example"}, 400), ({"status": "active"}, 400), ({"team": ""}, 400),
                         ({"manager_id": own}, 409), ({"manager_id": "m_nobody"}, 409)):
        reply = team.daemon.admin("PATCH", ORG + team.path(email), body)
        assert reply.status == status and reply.json["detail"], (body, reply)
    reply = team.daemon.admin("PATCH", ORG + team.path(boss), {"manager_id": own})
    assert reply.status == 409 and "circle" in reply.json["detail"], reply
    assert team.daemon.admin("PATCH", f"{ORG}/members/m_nobody", {"name": "x"}).status == 404


def the_owner_is_never_suspended_until_they_hand_over(team):
    owner, heir = team.people[0], team.people[5]
    team.change(owner, "/suspend")
    team.becomes(owner, lambda m: m["sync"]["detail"] == "suspended in the directory; the owner is never suspended",
                 "shown to have left")
    for method, action in (("DELETE", ""), ("POST", "/suspend")):
        assert "hand the ownership over first" in team.api(method, team.path(owner, action), status=409)["detail"]
    team.stays(owner, lambda m: m["status"] == "active")
    assert team.edit(heir, role="owner")["role"] == "owner"
    team.becomes(owner, lambda m: m["role"] == "admin" and m["status"] == "suspended", "suspended as anybody")
    assert [e for e, m in team.members().items() if m["role"] == "owner"] == [heir]
    assert team.causes(owner, "role") == [("owner", "admin", "edited by admin socket")]


def who_is_unsuspended_stays_although_the_directory_has_deleted_them(team):
    email = team.people[6]
    team.change(email, "/delete")
    team.becomes(email, lambda m: m["status"] == "suspended", "suspended")
    back = team.post(email, "/unsuspend")
    assert back["status"] == "active" and back["suspended"] is None, back
    assert back["warnings"][0].startswith("deleted in the directory"), back
    team.stage.rest()
    team.stays(email, lambda m: m["status"] == "active" and "a person decided" in m["sync"]["detail"])


def a_persons_suspension_is_lifted_by_a_person(team):
    email = team.people[7]
    suspended = team.post(email, "/suspend")
    assert suspended["suspended"]["by"] == "manual" and suspended["suspended"]["reason"] == "manual", suspended
    team.change(email, "/suspend")
    team.change(email, "/unsuspend")
    team.change(email, department="Elsewhere")
    team.becomes(email, lambda m: m["team"] == "Elsewhere", "still synced")
    team.stays(email, lambda m: m["suspended"] == suspended["suspended"])
    assert team.post(email, "/unsuspend")["status"] == "active"
    team.stays(email, lambda m: m["status"] == "active")
    assert team.causes(email, "status") == [("suspended (manual)", "active", "unsuspended by admin socket"),
                                            ("active", "suspended (manual)", "suspended by admin socket")]


def who_reported_to_a_deleted_member_waits_for_them(team):
    boss, linked, by_hand = team.people[8:11]
    team.change(linked, manager=boss)
    team.becomes(linked, lambda m: m["manager"] and m["manager"]["email"] == boss, "reports")
    team.edit(by_hand, manager_id=team.member(boss)["id"])
    gone = team.member(boss)["id"]
    team.stage.rest()
    assert team.api("DELETE", f"/members/{gone}", status=204) is None
    team.api("DELETE", f"/members/{gone}", status=404)
    assert boss not in team.members()
    team.becomes(linked, lambda m: m["sync"]["pending_manager"] == boss and not m["manager"], "waits")
    assert team.causes(by_hand, "manager")[0] == (boss, None, "manager deleted by admin socket")
    assert team.member(by_hand)["manager"] is None
    team.stays(linked, lambda m: m["sync"]["state"] == "pending")
    assert boss not in team.members()
    again = team.api("POST", "/members", {"email": boss, "status": "active"})
    assert again["id"] != gone
    team.becomes(linked, lambda m: m["manager"] and m["manager"]["id"] == again["id"], "reports again")
    team.becomes(boss, lambda m: m["sync"]["state"] == "synced", "linked anew")


def whoever_waits_in_the_hold_can_be_decided_about_alone(team):
    leavers = team.people[20:30]
    for email in leavers:
        team.change(email, "/suspend")
    team.becomes_all(leavers, lambda m: m["status"] == "suspended" or m["sync"]["state"] == "held", "decided")
    held = [item["email"] for item in team.api("GET", "/hold")["items"]]
    assert len(held) >= 4, held
    safe, out, gone = held[:3]
    before = team.api("GET", "/hold")["digest"]
    team.edit(safe, protected=True)
    team.post(out, "/suspend")
    team.api("DELETE", team.path(gone))
    team.stage.rest()
    hold = team.api("GET", "/hold")
    assert {item["email"] for item in hold["items"]} == set(held[3:]), hold
    team.api("POST", "/hold/approve", {"digest": before}, status=409)
    team.api("POST", "/hold/approve", {"digest": hold["digest"]})
    team.becomes_all(held[3:], lambda m: m["status"] == "suspended", "suspended")
    team.stays(safe, lambda m: m["status"] == "active" and "this member is protected" in m["sync"]["detail"])
    assert team.member(out)["suspended"]["by"] == "manual"
    assert gone not in team.members()
    assert not team.api("GET", "/hold")["open"]


def the_figures_are_right(team):
    lines = dict(line.rsplit(" ", 1) for line in team.daemon.request("GET", "/metrics").text.splitlines() if "{org=" in line)
    for status in ("invited", "active", "suspended"):
        count = sum(m["status"] == status for m in team.members().values())
        assert lines[f'teamsync_members{{org="acme",status="{status}"}}'] == str(count), lines
    assert team.daemon.admin("GET", "/api/v1/queue").json["dead"] == 0


def main():
    with Stage() as stage:
        team = Team(stage)
        tell((an_edit_of_what_the_directory_keeps_is_overwritten, what_the_directory_does_not_know_stays,
              a_wrong_edit_says_what_is_wrong, the_owner_is_never_suspended_until_they_hand_over,
              who_is_unsuspended_stays_although_the_directory_has_deleted_them,
              a_persons_suspension_is_lifted_by_a_person, who_reported_to_a_deleted_member_waits_for_them,
              whoever_waits_in_the_hold_can_be_decided_about_alone, the_figures_are_right), team)
        assert team.daemon.stop() == 0


main()
