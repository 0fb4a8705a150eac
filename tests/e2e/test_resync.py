#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The full resync as an admin and an operator see it, with the directory's notifications lost: what it
finds, what it proves, what it holds, what it refuses to believe, and how a person decides."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"


class Team:
    def __init__(self, stage, daemon):
        self.stage, self.daemon = stage, daemon

    def members(self):
        items, cursor = [], ""
        while cursor is not None:
            page = self.daemon.admin("GET", f"{ORG}/members?limit=500&cursor={cursor}").json
            items, cursor = items + page["items"], page["next_cursor"]
        return {member["email"]: member for member in items}

    def runs(self):
        return self.daemon.admin("GET", ORG + "/resyncs").json["items"]

    def resync(self, state="done", **body):
        """Asks for one, waits until that one is over, and gives its figures."""
        known = {run["id"] for run in self.runs()}
        assert self.daemon.admin("POST", ORG + "/resync", body or None).status == 202

        def ended():
            return [r for r in self.runs() if r["id"] not in known and r["state"] != "running"]

        run = wait_for(ended, "the resync to end", 60)[0]
        assert run["state"] == state, run
        self.stage.rest()
        return run

    def hold(self):
        return self.daemon.admin("GET", ORG + "/hold").json

    def decide(self, what, digest):
        return self.daemon.admin("POST", f"{ORG}/hold/{what}", {"digest": digest})

    def statuses(self, emails):
        members = self.members()
        return {members[email]["status"] for email in emails}


def test_push_is_lost(team):
    """A change, a leaver and a rename that no notification told of."""
    control = team.stage.control
    control("PATCH", "/users/" + team.people[0], {"department": "Lost and found"})
    control("POST", f"/users/{team.people[1]}/suspend")
    control("POST", f"/users/{team.people[2]}/delete")
    before = team.daemon.admin("GET", ORG + "/connection/preview").json
    assert (before["figures"]["changed"], before["figures"]["suspended"]) == (3, 2), before
    run = team.resync(mode="preview")
    assert (run["mode"], run["changed"], run["suspended"]) == ("preview", 3, 2), run
    assert team.statuses(team.people[:3]) == {"active"}, "a preview writes nothing"
    run = team.resync(mode="apply")
    assert (run["changed"], run["suspended"], run["corrections"], run["absent"]) == (3, 2, 3, 1), run
    assert run["by"] == "admin socket"
    members = team.members()
    assert members[team.people[0]]["team"] == "Lost and found"
    assert members[team.people[1]]["suspended"]["reason"] == "suspended"
    assert members[team.people[2]]["suspended"]["reason"] == "deleted"
    run = team.resync()
    assert (run["changed"], run["reads"]) == (0, 0), run
    return run


def test_undo(team):
    """A run's suspensions lifted as a whole; the people stay, whatever the directory says."""
    run = [r for r in team.runs() if r["suspended"] == 2 and r["mode"] == "apply"][0]
    undone = team.daemon.admin("POST", f"{ORG}/resyncs/{run['id']}/undo")
    assert undone.json == {"members": 2}, undone
    assert team.statuses(team.people[:3]) == {"active"}
    assert team.resync()["suspended"] == 0
    assert team.statuses(team.people[:3]) == {"active"}
    assert "a person decided" in team.members()[team.people[1]]["sync"]["detail"]
    assert team.daemon.admin("POST", f"{ORG}/resyncs/run_none/undo").status == 404
    assert team.daemon.admin("POST", ORG + "/resync", {"mode": "dry"}).status == 400


def test_hold(team):
    """Rule 2.7: beyond five a day, exactly the approved list goes; drift asks again."""
    leavers = team.people[10:20]
    for email in leavers:
        team.stage.control("POST", f"/users/{email}/suspend")
    run = team.resync()
    assert run["suspended"] + run["held"] == 10 and run["held"] == 7, run  # two of five went before
    hold = team.hold()
    assert hold["open"] and len(hold["items"]) == 7 and hold["guard"] == {"limit": 5, "used": 5, "linked": 40}
    assert team.daemon.admin("GET", ORG + "/connection/preview").json["figures"]["held"] >= 7
    held = [item["email"] for item in hold["items"]]
    assert team.statuses(held) == {"active"}
    assert team.decide("approve", "0" * 40).status == 409
    team.stage.control("POST", f"/users/{held[0]}/unsuspend")
    team.resync()
    assert team.decide("approve", hold["digest"]).status == 409, "the list is shorter by one"
    hold = team.hold()
    assert len(hold["items"]) == 6
    assert team.decide("approve", hold["digest"]).json == {"members": 6}
    wait_for(lambda: team.statuses(held[1:]) == {"suspended"}, "the approved to be suspended")
    assert team.statuses(held[:1]) == {"active"}
    team.stage.rest()
    assert not team.hold()["open"]
    assert team.decide("approve", hold["digest"]).status == 404

    late = team.people[20:22]
    for email in late:
        team.stage.control("POST", f"/users/{email}/suspend")
    team.resync()
    hold = team.hold()
    assert team.decide("reject", hold["digest"]).json == {"members": 2}
    run = team.resync()
    assert (run["held"], run["suspended"]) == (0, 0), run
    assert team.statuses(late) == {"active"} and not team.hold()["open"]


def test_field_loss(team):
    """Rule 2.7: a run that would empty a field of more than a tenth writes nothing at all."""
    for email in team.people[22:30]:
        team.stage.control("PATCH", f"/users/{email}", {"department": ""})
    team.stage.control("PATCH", f"/users/{team.people[31]}", {"department": "Elsewhere"})
    run = team.resync(state="held")
    assert "team" in run["error"] and run["changed"] == 0, run
    members = team.members()
    assert members[team.people[22]]["team"] and members[team.people[31]]["team"] != "Elsewhere"
    hold = team.hold()
    assert hold["field_loss"]["field"] == "team" and hold["field_loss"]["members"] == 8, hold
    assert team.decide("approve", hold["digest"]).status == 200
    wait_for(lambda: team.members()[team.people[22]]["team"] is None, "the approved run")
    team.stage.rest()
    assert team.members()[team.people[31]]["team"] == "Elsewhere"


def test_no_belief_in_bad_pages(team):
    """Whatever the listing fails with, nobody is suspended; afterwards all is well again."""
    before = {email: member["status"] for email, member in team.members().items()}
    for fault in ({"on": "users.list", "kind": "missing_users"},
                  {"on": "users.list", "kind": "status", "status": 403, "reason": "insufficientPermissions"}):
        team.stage.control("POST", "/faults", fault)
        run = team.resync(state="failed")
        assert run["suspended"] == 0 and run["absent"] == 0, run
        team.stage.control("DELETE", "/faults")
        if fault["kind"] == "missing_users":  # its retry is over: only the timers wait
            wait_for(lambda: team.runs()[0]["state"] == "done", "the retry")
    connection = team.daemon.admin("GET", ORG + "/connection").json
    assert connection["state"] == "failing" and "scope" in connection["failure"], connection
    team.resync()
    connection = team.daemon.admin("GET", ORG + "/connection").json
    assert connection["state"] == "active" and connection["failure"] is None, connection
    assert before == {email: member["status"] for email, member in team.members().items()}


def test_backlog(team):
    """Rule 2.11: too many waiting users become one resync, and are not read one by one."""
    name = "teamsync:jobs"
    team.stage.redis("EVAL", """
        for i = 1, 400 do
            redis.call('ZADD', KEYS[1], 0, '{"type":"user","org":"acme","user":"nobody' .. i .. '@acme.example"}')
        end""", 1, name + ":delayed")
    wait_for(lambda: any(r["cause"] == "backlog" and r["state"] == "done" for r in team.runs()),
             "a resync in the place of the backlog", 60)
    team.stage.rest()
    covered = [line for line in team.daemon.admin("GET", "/metrics").text.splitlines()
               if 'outcome="covered"' in line]
    assert covered and float(covered[0].split()[-1]) > 200, covered


def main():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "60")
        daemon = stage.start_daemon(sync={"reread_after_s": [], "resync_interval_s": 3600},
                                    queue={"concurrency": 4})
        team = Team(stage, daemon)
        stage.connect_org(daemon)
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        team.people = [email for email in people if not email.startswith("admin@")][:40]
        for email in team.people:
            assert daemon.admin("POST", ORG + "/members", {"email": email, "status": "active"}).status == 201
        stage.rest()
        team.resync()
        stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
        for test in (test_push_is_lost, test_undo, test_hold, test_field_loss):
            test(team)
            print(test.__name__)
        stage.control("DELETE", "/faults")
        for test in (test_no_belief_in_bad_pages, test_backlog):
            test(team)
            print(test.__name__)
        assert daemon.stop() == 0


main()
