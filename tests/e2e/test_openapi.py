#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The description that the daemon serves is OpenAPI 3.1, and true: whatever the API takes and answers
in the whole story, and in every kind of refusal, is as described, and whatever is described is seen.
Without an npm registry the test is skipped, and says so."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from stage import Stage, wait_for  # noqa: E402
from whole_story import ORG, SETTINGS, WholeStory  # noqa: E402

HERE = pathlib.Path(__file__).parent / "openapi"
SKIPPED = 77


class RecordingStage(Stage):
    """Whatever is asked of its daemons is written down, each exchange once."""

    def __init__(self):
        super().__init__()
        self.exchanges = {}

    def recording(self, ask):
        def asked(method, path, body=None, *words, **options):
            reply = ask(method, path, body, *words, **options)
            line = json.dumps({"method": method, "path": path, "request": body if isinstance(body, dict) else None,
                               "status": reply.status, "headers": {k.lower(): v for k, v in reply.headers.items()},
                               "reply": reply.text})
            self.exchanges.setdefault((method, path, reply.status, reply.text), line)
            return reply
        return asked

    def start_daemon(self, *words, **settings):
        daemon = super().start_daemon(*words, **settings)
        daemon.admin = self.recording(daemon.admin)
        daemon.request = self.recording(daemon.request)
        return daemon

    def give_token(self, org, permissions):
        """Its headers."""
        secret = f"ts_{org}_{permissions}"
        digest = hashlib.sha256(secret.encode()).hexdigest()
        self.redis("HSET", f"{self.prefix}token:{digest}", "org", org, "permissions", permissions)
        return {"Authorization": f"Bearer {secret}"}


def must(status, ask, method, path, body=None, headers=None):
    reply = ask(method, path, body, headers)
    assert reply.status == status, (method, path, body, reply)
    return reply


class Refusals:
    """What every operation refuses in the same way is asked of each, as the description lists them."""

    def __init__(self, stage, daemon):
        self.stage, self.daemon = stage, daemon
        self.description = daemon.request("GET", "/api/v1/openapi.json").json

    def operations(self):
        for path, methods in self.description["paths"].items():
            for method, operation in methods.items():
                if operation["x-permissions"]:
                    yield method.upper(), path.replace("{org}", "acme").replace("{id}", "1-0"), operation

    def example(self, operation):
        return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")

    def without_permission(self):
        reader, operator = self.stage.give_token("acme", "members:read"), self.stage.give_token("acme", "operate")
        stranger = self.stage.give_token("other", "members:read,members:manage,integrations:manage,operate")
        ask = self.daemon.request
        for method, path, operation in self.operations():
            must(401, ask, method, path)
            must(403, ask, method, path, headers=reader if "operate" in operation["x-permissions"] else operator)
            if "/acme" in path:
                must(404, ask, method, path, headers=stranger)

    def without_sense(self):
        ask = self.daemon.admin
        for method, path, operation in self.operations():
            if method != "GET":
                must(400, ask, method, path, "[]", {"Content-Type": "application/json"})
                must(415, ask, method, path, "x", {"Content-Type": "text/plain"})
                must(413, ask, method, path, headers={"Content-Length": "200000"})
            elif "400" in operation["responses"]:
                must(400, ask, method, path + "?limit=0")
            if "/1-0" in path and "/acme" not in path:
                must(404, ask, method, path, self.example(operation))

    def beside_the_paths(self):
        must(404, self.daemon.request, "GET", "/api/v1/nothing")
        must(405, self.daemon.request, "DELETE", "/api/v1/orgs")

    def without_redis(self, redis):
        redis.terminate()
        redis.wait()
        for method, path, operation in self.operations():
            must(503, self.daemon.admin, method, path, self.example(operation))
        must(503, self.daemon.request, "GET", "/readyz")
        must(503, self.daemon.request, "POST", "/webhooks/google-workspace", {"id": "1"}, {"X-Goog-Channel-ID": "c"})


def notify(stage, daemon):
    """As Google does, and as others would."""
    channel = stage.control("GET", "/channels")["channels"][0]
    user = stage.control("GET", "/users?limit=1")["users"][0]["id"]
    right = {"X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel["token"],
             "X-Goog-Resource-State": "update"}
    for status, headers, body in ((204, right, {"id": user, "kind": "admin#directory#user"}),
                                  (204, {**right, "X-Goog-Resource-State": "sync"}, None),
                                  (400, right, "[]"), (400, {}, "{}"), (413, right, " " * 70000),
                                  (403, {**right, "X-Goog-Channel-Token": "guessed"}, "{}"),
                                  (404, {**right, "X-Goog-Channel-ID": "unknown"}, "{}")):
        must(status, daemon.request, "POST", "/webhooks/google-workspace", body, headers)


def contradict(stage, daemon):
    """What does not go together with how things stand."""
    ask = daemon.admin
    connection = {"provider": "google-workspace", "credentials": {
        "type": "service_account", "subject": "nobody@acme.example", "key": json.loads(stage.key_file.read_text())}}
    must(409, ask, "POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"})
    must(201, ask, "POST", "/api/v1/orgs", {"id": "bare", "name": "Bare"})
    must(409, ask, "PUT", "/api/v1/orgs/bare/connection/auto-sync", {"enabled": True})
    must(409, ask, "GET", "/api/v1/orgs/bare/connection/preview")
    must(422, ask, "PUT", "/api/v1/orgs/bare/connection", connection)
    must(200, ask, "GET", "/api/v1/orgs/bare/connection")
    email = must(200, ask, "GET", ORG + "/members?limit=1").json["items"][0]["email"]
    must(409, ask, "POST", ORG + "/members", {"email": email})
    stage.control("POST", "/faults", {"on": "users.list", "kind": "status", "status": 403, "reason": "insufficientPermissions"})
    must(422, ask, "GET", ORG + "/connection/preview")
    stage.control("DELETE", "/faults")
    stage.redis("XADD", stage.prefix + "jobs", "*", "nonsense", "yes")
    letter = wait_for(lambda: must(200, ask, "GET", "/api/v1/dead-letters").json["items"], "a dead letter")[0]["id"]
    must(409, ask, "POST", f"/api/v1/dead-letters/{letter}/retry")
    stage.redis("SET", stage.prefix + "org:torn", "no hash")
    must(500, ask, "GET", "/api/v1/orgs/torn")


def record(folder):
    """What the daemons took and answered; in files for the check."""
    with RecordingStage() as stage:
        try:
            redis = stage.start_redis()
            WholeStory(stage).tell()
            daemon = stage.start_daemon(**SETTINGS)
            assert daemon.admin("PUT", ORG + "/connection/auto-sync", {"enabled": True}).status == 200
            wait_for(lambda: stage.control("GET", "/channels")["channels"], "a notification channel")
            assert daemon.request("GET", "/healthz").status == 200
            notify(stage, daemon)
            contradict(stage, daemon)
            refusals = Refusals(stage, daemon)
            refusals.without_permission()
            refusals.without_sense()
            refusals.beside_the_paths()
            refusals.without_redis(redis)
        except BaseException:
            for log in sorted(stage.folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-3000:]}")
            raise
        (folder / "openapi.json").write_text(json.dumps(refusals.description))
        (folder / "exchanges").write_text("\n".join(stage.exchanges.values()))


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="teamsync-openapi-"))
    try:
        shutil.copytree(HERE, folder, dirs_exist_ok=True)
        installed = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder,
                                   capture_output=True, text=True, check=False)
        if installed.returncode:
            print("skipped: npm cannot install the validators here:", installed.stderr[-500:], sep="\n")
            return SKIPPED
        record(folder)
        return subprocess.run(["node", "check.mjs", "openapi.json", "exchanges"], cwd=folder, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
