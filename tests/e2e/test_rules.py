#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rules of the sync on real people's stories, each told twice: by push, and by a resync when no
notification came."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402


class Team:
    """An org whose people bear its name, so that stories do not meet."""

    def __init__(self, stage, daemon, org, by_push):
        self.stage, self.daemon, self.org, self.by_push = stage, daemon, org, by_push
        self.path = f"/api/v1/orgs/{org}"

    def address(self, name):
        return f"{name}.{self.org}@acme.example"

    def hire(self, name, **fields):
        return self.stage.control("POST", "/users", dict(
            {"primaryEmail": self.address(name), "department": "Staff"}, **fields))["id"]

    def join(self, name, **fields):
        """Somebody of the directory who is a member too; in step already."""
        user = self.hire(name, **fields)
        self.add(name)
        self.becomes(name, lambda m: m["sync"]["state"] in ("synced", "pending"), "linked")
        return user

    def add(self, name, **more):
        reply = self.daemon.admin("POST", self.path + "/members", dict(
            {"email": self.address(name), "status": "active"}, **more))
        assert reply.status == 201, reply

    def change(self, name, action="", **body):
        self.stage.control("POST" if action else "PATCH", f"/users/{self.address(name)}{action}", body or None)

    def member(self, name):
        items = self.daemon.admin("GET", self.path + "/members?limit=500").json["items"]
        return next(m for m in items if m["email"] == self.address(name))

    def becomes(self, name, condition, what):
        if not self.by_push:
            self.resync()
        try:
            return wait_for(lambda: (m := self.member(name)) and condition(m) and m, what)
        except Exception:
            print(self.member(name))
            raise

    def resync(self):
        known = {r["id"] for r in self.daemon.admin("GET", self.path + "/resyncs").json["items"]}
        assert self.daemon.admin("POST", self.path + "/resync").status == 202
        wait_for(lambda: [r for r in self.daemon.admin("GET", self.path + "/resyncs").json["items"]
                          if r["id"] not in known and r["state"] == "done"], "the resync")
        self.stage.rest()


def rule_2_2_a_rename_keeps_the_link(team):
    user = team.join("old")
    team.change("old", "/rename", primaryEmail=team.address("new"))
    team.stage.control("PATCH", f"/users/{user}", {"department": "Renamed"})
    member = team.becomes("old", lambda m: m["team"] == "Renamed", "still synced")
    assert member["sync"]["directory_user_id"] == user


def rule_2_2_a_recycled_address_is_a_conflict(team):
    user = team.join("leaver")
    team.change("leaver", "/delete")
    team.becomes("leaver", lambda m: m["status"] == "suspended", "suspended")
    other = team.hire("leaver", department="Elsewhere")
    member = team.becomes("leaver", lambda m: m["sync"]["state"] == "conflict", "a conflict")
    assert member["status"] == "suspended" and member["team"] == "Staff", member
    assert member["sync"]["directory_user_id"] == user and other in member["sync"]["detail"], member


def rule_2_3_a_circle_of_managers_is_refused_and_shown(team):
    team.join("boss")
    team.join("worker", manager=team.address("boss"))
    team.becomes("worker", lambda m: m["manager"], "a manager")
    team.change("boss", manager=team.address("worker"), department="Circles")
    boss = team.becomes("boss", lambda m: m["team"] == "Circles", "the rest of the change")
    assert boss["manager"] is None and boss["sync"]["detail"], boss
    team.change("worker", manager=team.address("worker"), department="Selves")
    worker = team.becomes("worker", lambda m: m["team"] == "Selves", "the rest of the change")
    assert worker["sync"]["detail"] and (not worker["manager"] or worker["manager"]["email"] != worker["email"])


def rule_2_3_a_manager_who_joins_later_is_applied_then(team):
    team.hire("late")
    team.join("early", manager=team.address("late"))
    early = team.becomes("early", lambda m: m["sync"]["state"] == "pending", "pending")
    assert early["sync"]["pending_manager"] == team.address("late")
    team.add("late")
    team.becomes("early", lambda m: m["manager"] and m["manager"]["email"] == team.address("late"), "applied")


def rule_2_5_the_protected_and_strangers_are_never_suspended(team):
    team.hire("safe")
    team.add("safe", protected=True)
    team.add("contractor")  # the directory does not know them
    team.becomes("safe", lambda m: m["sync"]["state"] == "synced", "linked")
    team.change("safe", "/suspend")
    team.becomes("safe", lambda m: m["sync"]["detail"], "shown to have left")
    assert team.member("safe")["status"] == "active"
    assert (team.member("contractor")["status"], team.member("contractor")["sync"]["state"]) == ("active", "unmatched")


def rule_2_8_who_is_undeleted_comes_back(team):
    user = team.join("phoenix")
    team.change("phoenix", "/delete")
    member = team.becomes("phoenix", lambda m: m["status"] == "suspended", "suspended")
    assert member["suspended"]["reason"] == "deleted", member
    team.stage.control("POST", f"/users/{user}/undelete")
    team.becomes("phoenix", lambda m: m["status"] == "active", "reinstated")


def rule_2_13_a_directory_that_lags_is_read_again(team):
    team.join("lagging")
    team.stage.control("PATCH", "/settings", {"get_lag_ms": 600, "list_lag_ms": 600})
    team.change("lagging", department="Now")
    wait_for(lambda: team.member("lagging")["team"] == "Now" or (not team.by_push and team.resync()), "the change")
    team.stage.control("PATCH", "/settings", {"get_lag_ms": 0, "list_lag_ms": 0})


RULES = [rule_2_2_a_rename_keeps_the_link, rule_2_2_a_recycled_address_is_a_conflict,
         rule_2_3_a_circle_of_managers_is_refused_and_shown, rule_2_3_a_manager_who_joins_later_is_applied_then,
         rule_2_5_the_protected_and_strangers_are_never_suspended, rule_2_8_who_is_undeleted_comes_back,
         rule_2_13_a_directory_that_lags_is_read_again]


def rule_2_5_only_an_admins_connection_suspends(stage, daemon):
    """A connection that somebody else made shows the fields, says so, and suspends nobody."""
    path = "/api/v1/orgs/plain"
    daemon.admin("POST", "/api/v1/orgs", {"id": "plain", "name": "Plain"})
    reply = daemon.admin("PUT", path + "/connection", {
        "provider": "google-workspace",
        "credentials": {"type": "authorized_user", "client_id": "sandbox-client",
                        "client_secret": "sandbox-secret", "refresh_token": "sandbox-refresh-member",
                        "subject": "ada@acme.example"}})
    assert reply.status < 300 and daemon.admin("GET", path + "/connection").json["suspends"] is False, reply
    reply = daemon.admin("PUT", path + "/connection/auto-sync", {"enabled": True})
    assert reply.status < 300, reply
    team = Team(stage, daemon, "plain", by_push=False)
    team.join("member", department="Seen")
    for action in ("/suspend", "/delete"):
        team.change("member", action)
        team.resync()
        assert team.member("member")["status"] == "active", action
    assert daemon.admin("GET", path + "/connection").json["state"] == "active"


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "5")
        daemon = stage.start_daemon(sync={"reread_after_s": [1, 2], "guard_min": 1000})
        for by_push in (True, False):
            if not by_push:
                stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
            for number, rule in enumerate(RULES):
                org = f"{'push' if by_push else 'resync'}-{number}"
                stage.connect_org(daemon, org=org)
                stage.rest()
                team = Team(stage, daemon, org, by_push)
                for extra in range(12):  # enough linked members that one may go (rule 2.7)
                    team.hire(f"extra{extra}")
                    team.add(f"extra{extra}")
                stage.rest()
                rule(team)
                print("by push:  " if by_push else "by resync:", rule.__name__)
        rule_2_5_only_an_admins_connection_suspends(stage, daemon)
        print("rule_2_5_only_an_admins_connection_suspends")
        assert daemon.stop() == 0


main()
