#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One member synced while somebody waits: each kind of answer once, with no notification to help."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
STEPS = ["connected", "read", "matched", "decided", "applied"]


class Team:
    def __init__(self, stage, daemon):
        self.stage, self.daemon = stage, daemon
        self.ids = {}

    def api(self, method, path, body=None, status=(200, 201)):
        reply = self.daemon.admin(method, ORG + path, body)
        assert reply.status in (status if isinstance(status, tuple) else (status,)), (method, path, reply)
        return reply.json

    def hire(self, name, **fields):
        return self.stage.control("POST", "/users", {"primaryEmail": f"{name}@acme.example", "department": "Staff",
                                                     **fields})["id"]

    def add(self, name, **more):
        self.ids[name] = self.api("POST", "/members", {"email": f"{name}@acme.example", "status": "active", **more})["id"]
        self.stage.rest()

    def change(self, name, action="", **body):
        self.stage.control("POST" if action else "PATCH", f"/users/{name}@acme.example{action}", body or None)

    def fault(self, **fault):
        self.stage.control("DELETE", "/faults")
        self.stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
        if fault:
            self.stage.control("POST", "/faults", fault)

    def sync(self, name, *expected):
        """What is expected of the last steps: "step", "step!" for one that is not ok, each with a part of its text."""
        reply = self.api("POST", f"/members/{self.ids[name]}/sync")
        steps = reply["steps"]
        print(name, *(f"  {s['step']}{'' if s['ok'] else '!'}: {s['text']}" for s in steps), sep="\n")
        assert [s["step"] for s in steps] == STEPS[:len(steps)], steps
        assert all(s["ok"] for s in steps[:-1]) and (len(steps) == 5 or not steps[-1]["ok"]), steps
        for (word, text), step in zip(expected, steps[-len(expected):]):
            assert (word.rstrip("!"), not word.endswith("!")) == (step["step"], step["ok"]), (word, step)
            assert text in step["text"], (text, step)
        assert "Google Workspace, connected by admin socket on " in steps[0]["text"], steps
        assert reply["member"] == self.api("GET", f"/members/{self.ids[name]}")
        return reply["member"]

    def newest(self, name):
        return self.api("GET", f"/members/{self.ids[name]}/history")["items"][0]


def what_is_in_step_or_changes(team):
    team.hire("grace")
    team.hire("ada", manager="grace@acme.example")
    team.add("grace")
    team.add("ada")
    team.sync("ada", ("read", "Found as ada@acme.example"), ("matched", "By the link"), ("decided", "Nothing to change."),
              ("applied", "Nothing to write."))
    team.change("ada", department="Sales", manager="boss@acme.example")
    member = team.sync("ada", ("read", "active; department: Sales; manager: boss@acme.example."), ("matched", "By the link"),
                       ("decided", "The manager changes from grace@acme.example to none. The team changes from Staff "
                                   "to Sales. The manager boss@acme.example is not a member yet"), ("applied", "Written."))
    assert member["team"] == "Sales" and member["sync"]["pending_manager"] == "boss@acme.example", member
    entry = team.newest("ada")
    assert (entry["field"], entry["after"], entry["cause"], entry["job"]) == (
        "team", "Sales", "sync-now by admin socket", None), entry


def who_is_not_linked_yet(team):
    for name in ("new", "also", "nobody"):
        team.add(name)
    team.hire("new")
    team.hire("other", aliases=["also@acme.example"])
    team.sync("new", ("matched", "the primary one"), ("decided", "Is linked to the account"), ("applied", "Written."))
    team.sync("also", ("matched", "an alias"), ("decided", "Is linked to the account"), ("applied", "Written."))
    member = team.sync("nobody", ("read!", "has no account with the address nobody@acme.example"))
    assert member["sync"]["state"] == "unmatched", member
    team.add("second")
    team.stage.control("PATCH", "/users/other@acme.example", {"aliases": ["also@acme.example", "second@acme.example"]})
    team.sync("second", ("matched!", "The account is that of another member, also@acme.example."))


def who_leaves_and_returns(team):
    team.change("ada", "/suspend")
    assert team.sync("ada", ("read", ": suspended;"), ("matched", ""), ("decided", "Is suspended (suspended)."),
                     ("applied", "Written."))["status"] == "suspended"
    team.change("ada", "/unsuspend")
    assert team.sync("ada", ("decided", "Is reinstated: active again."), ("applied", "Written."))["status"] == "active"

    for name, days, says in (("deleted", 20, "says that the account"), ("absent", 0, "does not know the account")):
        team.hire(name)
        team.add(name)
        team.stage.control("PATCH", "/settings", {"deleted_days": days})
        team.change(name, "/delete")
        member = team.sync(name, ("read", says), ("matched", "By the link"), ("decided", "Is suspended (deleted)."),
                           ("applied", "Written."))
        assert member["suspended"]["reason"] == "deleted", member

    team.hire("owner")
    team.add("owner", role="owner")
    team.change("owner", "/suspend")
    member = team.sync("owner", ("decided", "the owner is never suspended."), ("applied", "Written."))
    assert member["status"] == "active", member


def what_the_guard_holds(team):
    people = [f"leaver{n}" for n in range(8)]
    for name in people:
        team.hire(name)
        team.add(name)
        team.change(name, "/archive")
    guard = team.api("GET", "/hold")["guard"]
    leavers = people[:guard["limit"] - guard["used"] + 1]
    assert len(leavers) > 1, guard
    for name in leavers[:-1]:
        team.sync(name, ("decided", "Is suspended (archived)."), ("applied", "Written."))
    member = team.sync(leavers[-1], ("decided", "Would be suspended: archived in the directory; the suspension waits"),
                       ("applied!", "waits in the hold"))
    assert member["status"] == "active" and member["sync"]["state"] == "held", member


def when_the_directory_does_not_say(team):
    team.fault(on="users.get", kind="missing_suspended")
    team.sync("grace", ("read", "whether it is suspended is not shown"), ("matched", ""), ("decided!", "Try again"))
    team.fault(on="users.get", kind="status", status=500)
    team.sync("grace", ("read!", "The directory gave no answer: "))
    team.fault(on="users.get", kind="status", status=403, reason="insufficientPermissions")
    team.sync("grace", ("read!", "The directory gave no answer: "))
    assert team.api("GET", "/connection")["state"] == "failing"
    team.fault()

    def answers():
        steps = team.api("POST", f"/members/{team.ids['grace']}/sync")["steps"]
        return len(steps) == 5 and steps
    steps = wait_for(answers, "the directory to be asked again", 90)
    assert "but the connection is failing: " in steps[0]["text"], steps
    assert team.api("GET", "/connection")["state"] == "active"


def where_nothing_moves(team):
    assert team.daemon.admin("POST", ORG + "/members/m_nobody/sync").status == 404
    team.api("PUT", "/connection/auto-sync", {"enabled": False})
    refused = team.daemon.admin("POST", f"{ORG}/members/{team.ids['ada']}/sync")
    assert refused.status == 409 and "auto-sync is off" in refused.json["detail"], refused
    told = [(e["member"], e["before"], e["after"], e["cause"])
            for e in team.api("GET", "/history?field=connection")["items"]]
    assert told == [(None, "active", "connected", "auto-sync disabled by admin socket"),
                    (None, "connected", "active", "auto-sync enabled by admin socket"),
                    (None, "disconnected", "connected", "connected by admin socket")], told


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "0")
        daemon = stage.start_daemon(sync={"reread_after_s": [], "guard_min": 5})
        stage.connect_org(daemon)
        stage.rest()
        team = Team(stage, daemon)
        team.fault()
        for story in (what_is_in_step_or_changes, who_is_not_linked_yet, who_leaves_and_returns, what_the_guard_holds,
                      when_the_directory_does_not_say, where_nothing_moves):
            story(team)
        assert daemon.stop() == 0


main()
