#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job from outside: an org is set up over the API, people change in the directory, and the
team follows, by notification and by a job that somebody put into Redis."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, tell, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"


class Story:
    def __init__(self, stage):
        self.stage = stage
        stage.start_redis()
        stage.start_sandbox("--people", "10")
        self.daemon = stage.start_daemon(sync={"reread_after_s": [1]})
        self.people = stage.control("GET", "/users?limit=20")["users"]
        self.emails = [p["primaryEmail"] for p in self.people
                       if not p["primaryEmail"].startswith("admin@")]

    def api(self, method, path, body=None):
        return self.daemon.admin(method, path, body)

    def member(self, email):
        items = self.api("GET", ORG + "/members?limit=100").json["items"]
        return next((m for m in items if m["email"] == email), None)

    def becomes(self, email, is_so, what):
        return wait_for(lambda: (m := self.member(email)) and is_so(m) and m, f"{email}: {what}")

    def nothing_moves_before_it_is_enabled(self):
        assert self.api("POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"}).status == 201
        assert self.api("POST", "/api/v1/orgs", {"id": "acme", "name": "Again"}).status == 409
        early = self.api("PUT", ORG + "/connection/auto-sync", {"enabled": True})
        assert early.status == 409, early
        assert self.api("POST", ORG + "/members", {"email": self.emails[0]}).status == 201
        self.stage.redis("XADD", "teamsync:jobs", "*", "type", "user", "org", "acme", "user", self.emails[0])
        self.stage.rest()
        assert self.member(self.emails[0])["sync"]["state"] == "unmatched"

    def a_wrong_key_is_refused_with_a_reason(self):
        import json
        key = json.loads(self.stage.key_file.read_text())
        reply = self.api("PUT", ORG + "/connection", {
            "provider": "google-workspace",
            "credentials": {"type": "service_account", "subject": "nobody@acme.example", "key": key}})
        assert reply.status == 422 and reply.json["detail"], reply
        assert self.api("GET", ORG + "/connection").json["state"] == "disconnected"

    def enabling_syncs_who_is_there(self):
        import json
        key = json.loads(self.stage.key_file.read_text())
        reply = self.api("PUT", ORG + "/connection", {
            "provider": "google-workspace",
            "credentials": {"type": "service_account", "subject": "admin@acme.example", "key": key}})
        assert reply.status < 300, reply
        connection = self.api("GET", ORG + "/connection").json
        assert connection["state"] == "connected" and connection["suspends"] is True, connection
        assert "PRIVATE KEY" not in self.stage.redis("HGETALL", "teamsync:connection:acme")
        assert self.api("PUT", ORG + "/connection/auto-sync", {"enabled": True}).status < 300
        member = self.becomes(self.emails[0], lambda m: m["sync"]["state"] in ("synced", "pending"), "synced")
        assert member["sync"]["directory_user_id"]

    def the_others_join_and_managers_appear(self):
        for email in self.emails[1:]:
            reply = self.api("POST", ORG + "/members", {"email": email.upper() if email == self.emails[2] else email})
            assert reply.status == 201, reply
        wait_for(lambda: all(m["sync"]["state"] == "synced" or "admin@" in (m["sync"]["pending_manager"] or "")
                             for m in self.api("GET", ORG + "/members?limit=100").json["items"]),
                 "everybody synced, managers too")

    def a_change_arrives_by_notification(self):
        email = self.emails[3]
        self.stage.control("PATCH", f"/users/{email}", {"department": "Navigation"})
        self.becomes(email, lambda m: m["team"] == "Navigation", "in the new team")

    def a_change_arrives_by_a_job_in_redis(self):
        email = self.emails[4]
        self.stage.control("PATCH", f"/users/{email}", {"department": "Cartography", "notify": False})
        self.stage.redis("XADD", "teamsync:jobs", "*", "type", "user", "org", "acme", "user", email)
        self.becomes(email, lambda m: m["team"] == "Cartography", "in the new team")

    def a_stale_read_is_mended_by_the_reread(self):
        email = self.emails[5]
        self.stage.control("PATCH", "/settings", {"get_lag_ms": 500})
        self.stage.control("PATCH", f"/users/{email}", {"department": "Late"})
        self.becomes(email, lambda m: m["team"] == "Late", "in the late team")
        self.stage.control("PATCH", "/settings", {"get_lag_ms": 0})

    def whoever_leaves_is_suspended_and_comes_back(self):
        email = self.emails[6]
        directory_id = self.member(email)["sync"]["directory_user_id"]
        for leave, reason, back in (
                (f"/users/{email}/suspend", "suspended", f"/users/{email}/unsuspend"),
                (f"/users/{email}/archive", "archived", f"/users/{email}/unarchive"),
                (f"/users/{email}/delete", "deleted", f"/users/{directory_id}/undelete")):
            self.stage.control("POST", leave)
            member = self.becomes(email, lambda m: m["status"] == "suspended", f"suspended ({reason})")
            assert member["suspended"]["reason"] == reason and member["suspended"]["by"] == "directory", member
            self.stage.control("POST", back)
            self.becomes(email, lambda m: m["status"] == "invited", "back")

    def errors_suspend_nobody(self):
        email = self.emails[7]
        for kind in ({"kind": "status", "status": 500}, {"kind": "bad_json"}, {"kind": "truncate"},
                     {"kind": "missing_suspended"}, {"kind": "wrong_id"},
                     {"kind": "status", "status": 403, "reason": "userRateLimitExceeded"}):
            self.stage.control("POST", "/faults", {"on": "users.get", "count": 1, **kind})
            self.stage.redis("XADD", "teamsync:jobs", "*", "type", "user", "org", "acme", "user", email)
            self.stage.rest()
            assert self.member(email)["status"] == "invited", kind
        self.stage.control("DELETE", "/faults")

    def a_rename_keeps_the_link(self):
        email = self.emails[8]
        directory_id = self.member(email)["sync"]["directory_user_id"]
        self.stage.control("POST", f"/users/{email}/rename", {"primaryEmail": "renamed@acme.example"})
        self.stage.control("PATCH", f"/users/{directory_id}", {"department": "Renamed"})
        member = self.becomes(email, lambda m: m["team"] == "Renamed", "still synced")
        assert member["sync"]["directory_user_id"] == directory_id

    def the_history_tells_it_all(self):
        member = self.member(self.emails[6])
        items = self.api("GET", f"{ORG}/members/{member['id']}/history?limit=100").json["items"]
        status = [(e["before"], e["after"]) for e in items if e["field"] == "status"]
        assert len(status) == 6, status
        assert all(e["at"] and e["cause"] for e in items)

    def health_is_visible(self):
        # What was to be tried again may be running at this moment.
        queue = wait_for(lambda: (q := self.api("GET", "/api/v1/queue").json)["depth"] == 0 and q, "an empty queue")
        assert queue["dead"] == 0, queue
        assert self.daemon.request("GET", "/readyz").json["ready"] is True
        metrics = self.daemon.request("GET", "/metrics").text
        assert "teamsync_redis_up 1" in metrics and "teamsync_push_to_effect_seconds_count" in metrics
        lines = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if "{org=" in line)
        assert lines['teamsync_channels_live{org="acme"}'] == "1", lines
        assert lines['teamsync_holds_open{org="acme"}'] == "0", lines
        assert float(lines['teamsync_last_resync_timestamp_seconds{org="acme"}']) > 1.7e9, lines
        members = self.api("GET", f"{ORG}/members?limit=500").json["items"]
        for status in ("invited", "active", "suspended"):
            count = sum(m["status"] == status for m in members)
            assert lines[f'teamsync_members{{org="acme",status="{status}"}}'] == str(count), lines
        assert self.daemon.request("GET", "/api/v1/orgs").status == 401

    def it_drains_on_sigterm(self):
        assert self.daemon.stop() == 0

    def tell(self):
        tell((self.nothing_moves_before_it_is_enabled, self.a_wrong_key_is_refused_with_a_reason,
              self.enabling_syncs_who_is_there, self.the_others_join_and_managers_appear,
              self.a_change_arrives_by_notification, self.a_change_arrives_by_a_job_in_redis,
              self.a_stale_read_is_mended_by_the_reread, self.whoever_leaves_is_suspended_and_comes_back,
              self.errors_suspend_nobody, self.a_rename_keeps_the_link, self.the_history_tells_it_all,
              self.health_is_visible, self.it_drains_on_sigterm))


def main():
    with Stage() as stage:
        Story(stage).tell()


main()
