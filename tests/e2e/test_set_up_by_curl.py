#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A new admin sets everything up with nothing but curl, from an empty Redis: the operator makes the org and
a token over the admin socket; with that token the admin connects, looks, is told what is missing, enables,
invites, edits, and disconnects. The directory's own admin uses curl, too."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TS_SOURCE"], "scripts/lib"))

from stage import Failure, Stage, wait_for  # noqa: E402

API = "/api/v1"
ORG = API + "/orgs/acme"


class Curl:
    """curl with the words that one kind of caller always sends."""

    def __init__(self, base, *words):
        self.base, self.words = base, words

    def run(self, *words):
        done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *self.words, *words],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"curl {words}: {done.stderr}")
        text, status = done.stdout.rsplit("\n", 1)
        return int(status), text

    def __call__(self, method, path, body=None, status=None):
        words = ["-X", method, self.base + path]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        got, text = self.run(*words)
        assert got == status if status else got < 300, (method, path, got, text)
        return json.loads(text) if text.strip() else None


def grant(operator, name, *permissions):
    return operator("POST", API + "/tokens", {"name": name, "org": "acme", "permissions": list(permissions)}, 201)


def tell(stage):
    stage.start_redis()
    stage.start_sandbox("--people", "25")
    daemon = stage.start_daemon()
    service = f"http://{daemon.address}"
    operator = Curl("http://localhost", "--unix-socket", daemon.admin_socket)
    directory = Curl(stage.sandbox_url + "/control")
    assert stage.redis("DBSIZE") in ("0", "1", "2"), "Redis begins empty"

    # The operator: an org, and tokens for two people of it.
    assert operator("GET", API + "/orgs")["items"] == []
    operator("POST", API + "/orgs", {"id": "acme", "name": "Acme"}, 201)
    token = grant(operator, "Grace", "members:read", "members:manage", "integrations:manage")
    reader = grant(operator, "Ada", "members:read", "integrations:manage")
    admin = Curl(service, "-H", f"Authorization: Bearer {token['token']}")
    other = Curl(service, "-H", f"Authorization: Bearer {reader['token']}")
    Curl(service)("GET", ORG, status=401)
    admin("GET", API + "/orgs", status=403)

    # Nothing moves before it is connected and enabled, and it says what is missing.
    owner = admin("POST", ORG + "/members", {"email": "admin@acme.example", "role": "owner", "status": "active"}, 201)
    assert admin("GET", ORG + "/connection")["state"] == "disconnected"
    assert "connect" in admin("PUT", ORG + "/connection/auto-sync", {"enabled": True}, 409)["detail"]
    key = json.loads(stage.key_file.read_text())
    wanted = {"provider": "google-workspace",
              "credentials": {"type": "service_account", "key": key, "subject": "nobody@acme.example"}}
    refused = admin("PUT", ORG + "/connection", wanted, 422)
    assert refused["code"] and refused["mend"], refused
    wanted["credentials"]["subject"] = "admin@acme.example"
    connected = admin("PUT", ORG + "/connection", wanted)
    assert (connected["state"], connected["suspends"]) == ("connected", True), connected
    assert "private_key" not in json.dumps(connected)
    admin("GET", ORG + "/directory-users", status=409)
    admin("POST", f"{ORG}/members/{owner['id']}/sync", status=409)

    # The preview, then "Enable auto-sync", by somebody who may.
    people = [p["primaryEmail"] for p in directory("GET", "/users?limit=100")["users"]]
    ada = next(email for email in people if email != "admin@acme.example")
    member = admin("POST", ORG + "/members", {"email": ada, "team": "By hand", "status": "active"}, 201)
    directory("PATCH", f"/users/{ada}", {"department": "Engineering"})
    first = admin("GET", ORG + "/connection/preview")["items"][0]
    assert (first["email"], first["overwrites_manual_edit"]) == (ada, True), first
    other("PUT", ORG + "/connection/auto-sync", {"enabled": True}, 403)
    assert admin("PUT", ORG + "/connection/auto-sync", {"enabled": True})["state"] == "active"
    path = f"{ORG}/members/{member['id']}"
    wait_for(lambda: admin("GET", path)["team"] == "Engineering", "the edit by hand to be overwritten")

    # The rest of the team is invited from the directory.
    strangers = admin("GET", ORG + "/directory-users?unmatched=true&limit=500")["items"]
    assert {p["email"] for p in strangers} == set(people) - {ada, "admin@acme.example"}
    answer = admin("POST", ORG + "/invitations", {"directory_user_ids": [p["id"] for p in strangers], "role": "member"})
    assert [item["status"] for item in answer["items"]] == ["invited"] * len(strangers), answer

    def members():
        return admin("GET", ORG + "/members?limit=500")["items"]

    wait_for(lambda: len(members()) == len(people) and all(m["sync"]["directory_user_id"] for m in members()),
             "everybody to be a synced member")
    invited = next(m for m in members() if m["status"] == "invited")
    link = admin("POST", f"{ORG}/members/{invited['id']}/invitation")["url"]
    visitor = Curl("")
    assert visitor.run(link)[0] == 200 and admin("GET", f"{ORG}/members/{invited['id']}")["status"] == "invited"
    assert visitor.run("-X", "POST", link)[0] == 200
    assert admin("GET", f"{ORG}/members/{invited['id']}")["status"] == "active"

    # Daily life: an edit is overwritten, one person is synced now, somebody leaves.
    edited = admin("PATCH", path, {"team": "Mine", "role": "Crew lead"})
    assert edited["warnings"] and edited["role"] == "Crew lead", edited
    wait_for(lambda: admin("GET", path)["team"] == "Engineering", "the edit to be overwritten")
    steps = admin("POST", path + "/sync")["steps"]
    assert [s["step"] for s in steps] == ["connected", "read", "matched", "decided", "applied"], steps
    directory("POST", f"/users/{ada}/delete")
    left = wait_for(lambda: (m := admin("GET", path))["status"] == "suspended" and m, "the leaver to be suspended")
    assert left["suspended"]["by"] == "directory"
    fields = {entry["field"] for entry in admin("GET", f"{path}/history")["items"]}
    assert {"team", "status"} <= fields, fields
    status, export = admin.run(service + ORG + "/history/export?format=csv")
    assert status == 200 and ada in export and export.splitlines()[0].startswith("id,"), export[:200]

    # The end of it.
    operator("DELETE", f"{API}/tokens/{reader['id']}", status=204)
    other("GET", ORG, status=401)
    admin("DELETE", ORG + "/connection", status=204)
    assert admin("GET", ORG + "/connection")["state"] == "disconnected"
    assert admin("GET", path)["status"] == "suspended" and len(members()) == len(people)
    wait_for(lambda: not directory("GET", "/channels")["channels"], "the channels to end")
    log = daemon.log.read_text()
    for secret in (token["token"], reader["token"], link.rsplit("/", 1)[1], key["private_key"][100:140]):
        assert secret not in log, "a secret is in the log"
    assert not re.search(r"level=error", log), log[-2000:]


with Stage() as stage:
    tell(stage)
    print("set up, used and disconnected with nothing but curl")
