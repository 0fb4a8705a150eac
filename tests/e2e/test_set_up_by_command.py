#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A new admin sets everything up with nothing but `teamsync`, from an empty Redis: org, connection, preview,
"Enable auto-sync", invitations, edits, a resync, a hold, tokens, the end. Only the directory's own people are
moved otherwise."""
import json
import os
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.environ["TS_SOURCE"], "scripts/lib"))

from stage import Stage, wait_for  # noqa: E402


class Command:
    def __init__(self, program, socket):
        self.program = program
        self.env = {**os.environ, "TEAMSYNC_SOCKET": socket}

    def run(self, *words, text_in=None):
        return subprocess.run([self.program, *words], env=self.env, input=text_in, capture_output=True, text=True,
                              check=False, timeout=120)

    def __call__(self, *words, code=0, text_in=None):
        done = self.run(*words, text_in=text_in)
        assert done.returncode == code, (words, done)
        return done.stdout

    def json(self, *words):
        return json.loads(self("--json", *words))

    def refused(self, *words):
        done = self.run(*words)
        assert done.returncode == 1 and not done.stdout, (words, done)
        return done.stderr


def members(teamsync):
    return {m["email"]: m for m in teamsync.json("members", "acme", "--all")["items"]}


def tell(stage):
    stage.start_redis()
    stage.start_sandbox("--people", "25")
    daemon = stage.start_daemon()
    teamsync = Command(str(stage.bin / "teamsync"), daemon.admin_socket)

    # An org, and its directory: what is wrong is said, with its mend.
    teamsync("org", "create", "acme", "--name", "Acme")
    assert "acme" in teamsync("org", "list")
    teamsync("member", "add", "acme", "admin@acme.example", "--role", "owner", "--status", "active")
    assert "connect" in teamsync.refused("enable", "acme", "--yes")
    refusal = teamsync.refused("connect", "acme", "--key", str(stage.key_file), "--subject", "nobody@acme.example")
    assert len(refusal.splitlines()) >= 2, refusal
    teamsync("connect", "acme", "--key", "-", "--subject", "admin@acme.example", text_in=stage.key_file.read_text())
    assert "connected" in teamsync("connect", "acme", "--show")

    # What enabling would change; then it is enabled.
    people = {p["primaryEmail"]: p for p in stage.control("GET", "/users?limit=100")["users"]}
    ada, bob, *others = [email for email in people if email != "admin@acme.example"]
    for email in (ada, bob):
        teamsync("member", "add", "acme", email, "--team", "By hand", "--status", "active")
        stage.control("PATCH", f"/users/{email}", {"department": "Engineering"})
    assert "By hand" in teamsync("preview", "acme") and members(teamsync)[ada]["team"] == "By hand"
    assert teamsync.run("enable", "acme").returncode != 0, "without a terminal it wants --yes"
    teamsync("enable", "acme", "--yes")
    wait_for(lambda: all(members(teamsync)[e]["team"] == "Engineering" for e in (ada, bob)), "the first sync")

    # Everybody else is invited, and linked.
    assert others[0] in teamsync("invite", "acme", "--list", "--all")
    teamsync("invite", "acme", others[0], "--role", "member")
    teamsync("invite", "acme", "--search", "", "--all", "--yes")
    wait_for(lambda: len(now := members(teamsync)) == len(people)
             and all(m["sync"]["directory_user_id"] for m in now.values()), "everybody to be a synced member")

    # Without mail set up an invitation is a link to be passed on; who follows it is in the team.
    link = teamsync("member", "invite", "acme", others[0]).split()[-1]
    with urllib.request.urlopen(urllib.request.Request(link, method="POST")) as page:
        assert page.status == 200
    assert members(teamsync)[others[0]]["status"] == "active"

    # A person's edits: what the directory keeps comes back.
    edited = teamsync.run("member", "edit", "acme", ada, "--team", "Mine", "--role", "Crew lead")
    assert edited.returncode == 0 and "overwrites" in edited.stdout + edited.stderr, edited
    wait_for(lambda: (m := members(teamsync)[ada])["team"] == "Engineering" and m["role"] == "Crew lead",
             "the edit to be overwritten, but the role to stay")
    steps = teamsync("member", "sync", "acme", ada)
    assert steps.count("✓") == 5 and "Engineering" in steps, steps
    teamsync("member", "protect", "acme", others[0])
    teamsync("member", "suspend", "acme", others[1])
    teamsync("member", "unsuspend", "acme", others[1])
    teamsync("member", "edit", "acme", bob, "--manager", "")

    # People leave: some by notification, more than the guard likes by a resync.
    stage.control("POST", f"/users/{bob}/delete")
    wait_for(lambda: members(teamsync)[bob]["status"] == "suspended", "the leaver to be suspended")
    assert "suspended (deleted)" in teamsync("member", "history", "acme", bob)
    stage.rest()
    stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
    for email in others[:10]:
        stage.control("POST", f"/users/{email}/suspend")
    assert json.loads(teamsync("--json", "resync", "acme", "--preview", "--wait"))["mode"] == "preview"
    done = teamsync.run("resync", "acme", "--wait")
    assert done.returncode in (0, 3), done
    assert members(teamsync)[others[0]]["status"] != "suspended", "the protected one stays"
    held = teamsync.json("hold", "show", "acme")
    assert 0 < len(held["items"]) < 10, held
    assert teamsync.run("hold", "approve", "acme", "another").returncode == 1
    teamsync("hold", "approve", "acme", held["digest"])
    wait_for(lambda: all(members(teamsync)[e]["status"] == "suspended" for e in others[1:10]), "the approved to go")
    stage.rest()

    # Looking after it.
    assert "acme" in teamsync("status") and "active" in teamsync("status", "acme")
    assert teamsync("health", "--max-depth", "100", "--max-age", "60").startswith("OK")
    stage.redis("XADD", stage.prefix + "jobs", "*", "type", "user", "org", "nowhere", "user", "x@acme.example")
    dead = wait_for(lambda: teamsync.json("dead", "list")["items"], "a dead letter")
    teamsync("health", "--max-depth", "100", "--max-age", "60", code=1)
    teamsync("health", "--max-depth", "100", "--max-age", "60", "--max-dead", "0", code=2)
    assert "nowhere" in teamsync("dead", "show", dead[0]["id"])
    teamsync("dead", "drop", dead[0]["id"])
    export = stage.folder / "history.csv"
    teamsync("history", "acme", "--export", "csv", "-o", str(export))
    assert bob in export.read_text() and "Engineering" in export.read_text()
    assert ada in teamsync("history", "acme", "--member", ada, "--field", "team")

    # Somebody else gets a token for less than everything, and loses it.
    secret = teamsync("token", "create", "--org", "acme", "--permission", "members:read", "--name", "Ada",
                      "--expires", "1d", "--quiet").strip()
    outside = Command(teamsync.program, "/nowhere")
    outside.env |= {"TEAMSYNC_URL": f"http://{daemon.address}", "TEAMSYNC_TOKEN": secret}
    assert ada in outside("members", "acme", "--all")
    assert "permit" in outside.refused("disable", "acme")
    token = teamsync.json("token", "list", "--org", "acme")["items"][0]["id"]
    teamsync("token", "revoke", token)
    assert "token" in outside.refused("members", "acme")
    teamsync("key", "rotate")

    # The end.
    teamsync("disable", "acme")
    teamsync("disconnect", "acme", "--yes")
    assert teamsync.json("connect", "acme", "--show")["state"] == "disconnected"
    assert len(members(teamsync)) == len(people)
    done = Command(teamsync.program, str(stage.folder / "none.sock")).run("status")
    assert done.returncode == 1 and "teamsyncd" in done.stderr, done


with Stage() as stage:
    tell(stage)
    print("set up, used and disconnected with nothing but teamsync")
