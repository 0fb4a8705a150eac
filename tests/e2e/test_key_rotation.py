#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The key that seals credentials is rotated: under load, by a daemon that is killed in the middle of
it, and with a daemon on another host. Everything opens at any time, and nobody is suspended for it."""
import http.client
import json
import os
import pathlib
import random
import shutil
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Stage, free_port, wait_for  # noqa: E402

ROTATE = "/api/v1/secrets/rotate"
ORGS = ["acme"] + [f"org-{n}" for n in range(12)]
SETTINGS = {"sync": {"reread_after_s": [1], "resync_interval_s": 3600}, "queue": {"claim_after_s": 1}}


class Story:
    def __init__(self, stage):
        self.stage = stage
        stage.start_redis()
        stage.start_sandbox("--people", "30")
        self.key_file = stage.folder / "secret.key"
        self.one = stage.start_daemon(**SETTINGS)
        self.other_ports = [free_port(), free_port()]
        self.two = stage.start_daemon(server={"listen": [f"127.0.0.1:{self.other_ports[0]}"]}, **SETTINGS)
        stage.connect_org(self.one)
        for org in ORGS[1:]:
            assert self.one.admin("POST", "/api/v1/orgs", {"id": org, "name": org}).status == 201
            assert self.connect(self.two, org).status == 200
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        self.people = [email for email in people if not email.startswith("admin@")]
        for email in self.people:
            self.one.admin("POST", "/api/v1/orgs/acme/members", {"email": email, "status": "active"})
        stage.rest()

    def connect(self, daemon, org):
        return daemon.admin("PUT", f"/api/v1/orgs/{org}/connection", {
            "provider": "google-workspace",
            "credentials": {"type": "service_account", "subject": "admin@acme.example",
                            "key": json.loads(self.stage.key_file.read_text())}})

    def keys(self):
        return self.key_file.read_text().split()

    def everything_opens(self, *daemons):
        for daemon in daemons:
            for org in ORGS:
                reply = daemon.admin("GET", f"/api/v1/orgs/{org}/connection")
                assert reply.status == 200, (org, reply)

    def members(self, daemon):
        return {m["email"]: m for m in daemon.admin("GET", "/api/v1/orgs/acme/members?limit=500").json["items"]}

    def a_change_arrives(self, daemon, email, department):
        self.stage.control("PATCH", f"/users/{email}", {"department": department})
        wait_for(lambda: self.members(daemon)[email]["team"] == department, f"{email} in {department}", 60)

    def nobody_was_hurt(self, daemon):
        assert not [m for m in self.members(daemon).values() if m["status"] == "suspended"]
        assert daemon.admin("GET", "/api/v1/queue").json["dead"] == 0
        assert self.stage.redis("EXISTS", "teamsync:hold:acme") == "0"

    # The chapters

    def under_load(self):
        """While it rotates, connections are put anew on the other daemon, and people change."""
        before = self.keys()
        stop = threading.Event()
        wrong = []

        def put_connections():
            while not stop.is_set():
                reply = self.connect(self.two, random.choice(ORGS[1:]))
                if reply.status not in (200, 503):
                    wrong.append(reply)

        def look():
            while not stop.is_set():
                try:
                    self.everything_opens(self.one, self.two)
                except AssertionError as error:
                    wrong.append(error)

        threads = [threading.Thread(target=work) for work in (put_connections, look)]
        for thread in threads:
            thread.start()
        try:
            reply = self.one.admin("POST", ROTATE, timeout=60)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert not wrong, wrong[:3]
        assert reply.status == 200 and reply.json["failed"] == 0 and reply.json["resealed"] > 0, reply
        assert len(self.keys()) == 1 and self.keys() != before
        assert oct(self.key_file.stat().st_mode & 0o777) == "0o600"
        assert before[0] not in self.one.log.read_text() + self.two.log.read_text()
        self.everything_opens(self.one, self.two)
        self.a_change_arrives(self.two, self.people[0], "Rotated")

    def killed_in_the_middle(self):
        def rotate_and_die(is_time):
            """Kills the daemon while it rotates, when it is time."""
            started = threading.Thread(target=self.rotate_quietly)
            started.start()
            wait_for(is_time, "the moment to kill", pause=0.0005)
            self.one.kill()
            started.join()

        def resealed():
            now = self.sealed()
            return sum(now[org] != self.sealed_before[org] for org in ORGS)

        moments = [lambda: len(self.keys()) == 1 and self.keys() != self.keys_before,  # all was done
                   lambda: (self.stage.folder / "secret.key.new").exists() or len(self.keys()) == 2,
                   lambda: len(self.keys()) > len(self.keys_before),
                   lambda: resealed() >= 1,
                   lambda: resealed() >= len(ORGS) // 2,
                   lambda: resealed() == len(ORGS)]
        for moment in moments:
            self.keys_before = self.keys()
            self.sealed_before = self.sealed()
            rotate_and_die(moment)
            self.everything_opens(self.two)
            self.one = self.stage.start_daemon(number=0, **SETTINGS)
            self.everything_opens(self.one)
        assert len(self.keys()) > 1  # as they were left
        reply = self.one.admin("POST", ROTATE, timeout=60)
        assert reply.status == 200 and reply.json == {"resealed": len(ORGS), "failed": 0}, reply
        assert len(self.keys()) == 1 and not (self.stage.folder / "secret.key.new").exists()
        self.everything_opens(self.one, self.two)
        return len(moments)

    def rotate_quietly(self):
        try:
            self.one.admin("POST", ROTATE, timeout=60)
        except (OSError, http.client.HTTPException):
            pass  # it was killed

    def sealed(self):
        return {org: self.stage.redis_at_once("HGET", f"teamsync:connection:{org}", "credentials") for org in ORGS}

    def with_another_host(self):
        """Its copy of the key file is an old one, until the operator brings the new one."""
        copy = pathlib.Path(self.stage.folder / "elsewhere" / "secret.key")
        copy.parent.mkdir()
        shutil.copy2(self.key_file, copy)
        three = self.stage.start_daemon(server={"listen": [f"127.0.0.1:{self.other_ports[1]}"]},
                                        secrets={"key_file": str(copy)}, **SETTINGS)
        self.everything_opens(three)
        assert self.one.admin("POST", ROTATE, timeout=60).json["failed"] == 0
        assert self.one.stop() == 0 and self.two.stop() == 0  # so that it gets all the jobs
        email = self.people[1]
        self.stage.control("PATCH", f"/users/{email}", {"department": "Elsewhere"})
        self.stage.redis("XADD", "teamsync:jobs", "*", "type", "user", "org", "acme", "user", email)
        self.stage.redis("XADD", "teamsync:jobs", "*", "type", "resync", "org", "acme")
        wait_for(lambda: three.log.read_text().count("do not open with this key file") >= 4, "jobs to be put off", 60)
        assert self.connect(three, "org-1").status == 503  # it would be lost to the others
        self.nobody_was_hurt(three)
        shutil.copy2(self.key_file, copy)
        self.everything_opens(three)
        self.stage.hurry()
        wait_for(lambda: self.members(three)[email]["team"] == "Elsewhere", "the job that waited", 60)
        assert self.connect(three, "org-1").status == 200
        self.nobody_was_hurt(three)

    def only_on_the_admin_socket(self):
        token = self.one.admin("POST", "/api/v1/tokens", {
            "name": "all", "org": "*",
            "permissions": ["members:read", "members:manage", "integrations:manage", "operate"]}).json["token"]
        before = self.keys()
        assert self.one.request("POST", ROTATE, headers={"Authorization": f"Bearer {token}"}).status == 403
        assert self.one.request("POST", ROTATE).status == 401
        assert self.keys() == before

    def tell(self):
        self.only_on_the_admin_socket()
        self.under_load()
        print(f"killed {self.killed_in_the_middle()} times, and everything opened")
        self.nobody_was_hurt(self.two)
        self.with_another_host()


def main():
    with Stage() as stage:
        Story(stage).tell()


main()
