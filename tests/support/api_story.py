# SPDX-License-Identifier: MIT
"""What the whole story of tests/support/whole_story.py leaves out of the API: contradictions, and every
kind of refusal. Told by the tests that look at what the API answers."""
import hashlib
import json

from stage import wait_for
from whole_story import ORG


def must(status, ask, method, path, body=None, headers=None):
    reply = ask(method, path, body, headers)
    assert reply.status == status, (method, path, body, reply)
    return reply


def give_token(stage, org, permissions):
    """Its headers."""
    secret = f"ts_{org}_{permissions}"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    stage.redis("HSET", f"{stage.prefix}token:{digest}", "org", org, "permissions", permissions)
    return {"Authorization": f"Bearer {secret}"}


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
        reader, operator = give_token(self.stage, "acme", "members:read"), give_token(self.stage, "acme", "operate")
        stranger = give_token(self.stage, "other", "members:read,members:manage,integrations:manage,operate")
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


def credentials(stage, subject):
    """What connects the stand-in directory, or would."""
    return {"provider": "google-workspace", "credentials": {
        "type": "service_account", "subject": subject, "key": json.loads(stage.key_file.read_text())}}


def connect(stage, daemon):
    """Once more, however the whole story has ended."""
    must(200, daemon.admin, "PUT", ORG + "/connection", credentials(stage, "admin@acme.example"))
    must(200, daemon.admin, "PUT", ORG + "/connection/auto-sync", {"enabled": True})
    wait_for(lambda: stage.control("GET", "/channels")["channels"], "a notification channel")


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
    must(409, ask, "POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"})
    must(201, ask, "POST", "/api/v1/orgs", {"id": "bare", "name": "Bare"})
    must(409, ask, "PUT", "/api/v1/orgs/bare/connection/auto-sync", {"enabled": True})
    must(409, ask, "GET", "/api/v1/orgs/bare/connection/preview")
    must(422, ask, "PUT", "/api/v1/orgs/bare/connection", credentials(stage, "nobody@acme.example"))
    must(200, ask, "GET", "/api/v1/orgs/bare/connection")
    members = must(200, ask, "GET", ORG + "/members?limit=500").json["items"]
    email = next(m["email"] for m in members if m["status"] == "active" and m["sync"]["state"] == "synced")
    must(409, ask, "POST", ORG + "/members", {"email": email})
    stage.rest()
    stage.control("PATCH", f"/users/{email}", {"department": "Elsewhere", "notify": False})
    assert must(200, ask, "GET", ORG + "/connection/preview").json["items"]
    stage.control("POST", "/faults", {"on": "users.list", "kind": "status", "status": 403, "reason": "insufficientPermissions"})
    must(422, ask, "GET", ORG + "/connection/preview")
    stage.control("DELETE", "/faults")
    stage.redis("XADD", stage.prefix + "jobs", "*", "nonsense", "yes")
    letter = wait_for(lambda: must(200, ask, "GET", "/api/v1/dead-letters").json["items"], "a dead letter")[0]["id"]
    must(409, ask, "POST", f"/api/v1/dead-letters/{letter}/retry")
    stage.redis("SET", stage.prefix + "org:torn", "no hash")
    must(500, ask, "GET", "/api/v1/orgs/torn")
