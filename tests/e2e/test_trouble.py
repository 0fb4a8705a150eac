#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What takes a connection's rights away, and gives them back: the reason is told in words, nobody is
suspended meanwhile, and the connection is active again by itself. And channels that end are replaced
before they do."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
LEAVER = "grace@acme.example"


def connection(daemon):
    return daemon.admin("GET", ORG + "/connection").json


def status_of(daemon, email):
    items = daemon.admin("GET", ORG + "/members?limit=500").json["items"]
    return next(m["status"] for m in items if m["email"] == email)


def take_rights_away(stage, daemon, what, lose, regain, words):
    lose()
    stage.control("POST", "/expire-tokens")
    stage.control("POST", f"/users/{LEAVER}/suspend")  # its notification comes while we are blind
    assert daemon.admin("POST", ORG + "/resync").status == 202
    failing = wait_for(lambda: (c := connection(daemon))["state"] == "failing" and c, f"{what}: failing")
    assert any(word in failing["failure"] for word in words), (what, failing["failure"])

    def last_run():
        return daemon.admin("GET", ORG + "/resyncs").json["items"][0]

    run = wait_for(lambda: (r := last_run())["state"] != "running" and r, f"{what}: the end of the resync")
    assert run["state"] == "failed" and run["suspended"] == 0, run
    stage.hurry()
    stage.rest()
    assert status_of(daemon, LEAVER) == "active", f"{what}: suspended without proof"

    regain()

    def recovers():
        stage.hurry()
        return connection(daemon)["state"] == "active"

    wait_for(recovers, f"{what}: active again", 30, 0.1)
    wait_for(lambda: stage.hurry() or status_of(daemon, LEAVER) == "suspended", f"{what}: the leaver suspended", 30, 0.1)
    assert connection(daemon)["failure"] is None
    stage.control("POST", f"/users/{LEAVER}/unsuspend")
    wait_for(lambda: status_of(daemon, LEAVER) == "active", f"{what}: back", 30)
    stage.hurry()
    stage.rest()
    print(what)


def faulty(stage, **fault):
    return (lambda: stage.control("POST", "/faults", fault)), (lambda: stage.control("DELETE", "/faults"))


def channels_are_replaced_in_time(stage, daemon):
    seen = set()
    while len(seen) < 3:
        now = [c["id"] for c in stage.control("GET", "/channels")["channels"]]
        assert now, f"no live channel, after {len(seen)}"
        seen.update(now)
        assert len(now) <= 2, f"{len(now)} channels at once"
    assert connection(daemon)["state"] == "active"
    print("channels are replaced in time")


def each_event_has_a_channel_of_its_own():
    """Where it is configured; and none is left when auto-sync is switched off."""
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "5")
        daemon = stage.start_daemon(google={"events": ["update", "delete"]})
        stage.connect_org(daemon)
        channels = wait_for(lambda: len(c := stage.control("GET", "/channels")["channels"]) == 2 and c, "two channels")
        assert {c["event"] for c in channels} == {"update", "delete"}, channels
        daemon.admin("POST", ORG + "/members", {"email": LEAVER, "status": "active"})
        stage.rest()
        stage.control("POST", f"/users/{LEAVER}/delete")
        wait_for(lambda: status_of(daemon, LEAVER) == "suspended", "the deleted to be suspended")
        assert daemon.admin("PUT", ORG + "/connection/auto-sync", {"enabled": False}).status < 300
        wait_for(lambda: not stage.control("GET", "/channels")["channels"], "no channels")
        assert daemon.stop() == 0
    print("each event has a channel of its own")


def main():
    each_event_has_a_channel_of_its_own()
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "30")
        stage.control("PATCH", "/settings", {"max_ttl_s": 8})
        daemon = stage.start_daemon(sync={"reread_after_s": []})
        stage.connect_org(daemon)
        for person in stage.control("GET", "/users?limit=100")["users"]:
            daemon.admin("POST", ORG + "/members", {"email": person["primaryEmail"], "status": "active"})
        stage.rest()
        channels_are_replaced_in_time(stage, daemon)

        admin = "/users/admin@acme.example"
        take_rights_away(stage, daemon, "the admin is none any more",
                         lambda: stage.control("POST", admin + "/revoke-admin"),
                         lambda: stage.control("POST", admin + "/make-admin"), ["admin"])
        take_rights_away(stage, daemon, "the scope is missing",
                         *faulty(stage, on="users.get", kind="status", status=403, reason="insufficientPermissions"),
                         ["scope"])
        take_rights_away(stage, daemon, "the account is gone",
                         *faulty(stage, on="token", kind="invalid_grant"), ["account", "credentials", "subject"])
        take_rights_away(stage, daemon, "the delegation is withdrawn",
                         *faulty(stage, on="token", kind="unauthorized_client"), ["delegation"])
        assert daemon.stop() == 0


main()
