# SPDX-License-Identifier: MIT
"""What the whole story of tests/support/whole_story.py leaves out of the API: contradictions, and every
kind of refusal. Told by the tests that look at what the API answers."""
import hashlib
import http.client
import json
import re
from urllib.parse import urlsplit

from event_stream import EventStream
from stage import exchange, free_port, wait_for
from whole_story import ORG, SETTINGS

BARE = "/api/v1/orgs/bare"
CALLBACK = "/oauth/google/callback"
SESSION = "/api/v1/session"


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
        self.reader, operator = give_token(self.stage, "acme", "members:read"), give_token(self.stage, "acme", "operate")
        stranger = give_token(self.stage, "other", "members:read,members:manage,integrations:manage,operate")
        ask = self.daemon.request
        for method, path, operation in self.operations():
            if operation["x-permissions"] == ["whoever"]:
                must(401, ask, method, path, headers={"Authorization": "Bearer unknown"})
                continue
            must(401, ask, method, path)
            if operation["x-permissions"] == ["any"]:
                continue
            must(403, ask, method, path, headers=self.reader if "operate" in operation["x-permissions"] else operator)
            if "/acme" in path:
                must(404, ask, method, path, headers=stranger)

    def without_patience(self):
        guess = {"Authorization": "Bearer ts_guessed"}
        for method, path, _ in self.operations():
            wait_for(lambda: self.daemon.request(method, path, headers=guess).status == 429, "it to be too much")

        wait_for(lambda: self.daemon.request("POST", SESSION, {"link": "guessed"}).status == 429, "it to be too much")

    def without_sense(self):
        ask = self.daemon.admin
        must(400, ask, "POST", SESSION, {})
        must(415, ask, "POST", SESSION, "x", {"Content-Type": "text/plain"})
        must(413, ask, "POST", SESSION, headers={"Content-Length": "200000"})
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
            if operation["x-permissions"] in (["any"], ["whoever"]):  # on the admin socket Redis is not asked who it is
                must(503, self.daemon.request, method, path, headers=self.reader)
            else:
                must(503, self.daemon.admin, method, path, self.example(operation))
        must(503, self.daemon.request, "POST", SESSION, {"token": self.reader["Authorization"].split()[1]})
        must(503, self.daemon.request, "GET", "/readyz")
        for method in ("GET", "POST"):
            must(503, self.daemon.request, method, "/invitations/anything")
            must(503, self.daemon.request, method, CALLBACK + "?state=any&code=thing")
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
    must(409, ask, "PUT", BARE + "/connection/auto-sync", {"enabled": True})
    must(409, ask, "GET", BARE + "/connection/preview")
    must(409, ask, "GET", BARE + "/connection/authorize")
    must(422, ask, "PUT", BARE + "/connection", credentials(stage, "nobody@acme.example"))
    must(200, ask, "GET", BARE + "/connection")
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
    must(404, ask, "POST", "/api/v1/tokens", {"name": "x", "org": "nowhere", "permissions": ["operate"]})
    stage.redis("SET", stage.prefix + "org:torn", "no hash")
    must(500, ask, "GET", "/api/v1/orgs/torn")


def decide(daemon):
    """A person decides about members, and looks at what came of it."""
    ask = daemon.admin

    def add(email, **more):
        return f'{BARE}/members/{must(201, ask, "POST", BARE + "/members", {"email": email, **more}).json["id"]}'

    owner, other = add("grace@bare.example", role="owner", status="active"), add("ada@bare.example")
    must(409, ask, "PATCH", owner, {"role": "member"})
    must(409, ask, "POST", owner + "/suspend")
    must(409, ask, "DELETE", owner)
    must(200, ask, "PATCH", other, {"name": "Ada", "team": None, "protected": True})
    for path in ("/suspend", "/unsuspend"):
        must(200, ask, "POST", other + path)
    must(409, ask, "POST", other + "/sync")
    synced = must(200, ask, "GET", ORG + "/members?limit=1").json["items"][0]
    must(200, ask, "POST", f"{ORG}/members/{synced['id']}/sync")
    assert len(must(200, ask, "GET", BARE + "/members?email=ada@bare.example").json["items"]) == 1
    must(204, ask, "DELETE", other)
    must(200, ask, "GET", ORG + "/history?field=status&since=2020-01-01T00:00:00Z&limit=5")
    for form in ("jsonl", "csv"):
        must(200, ask, "GET", f"{ORG}/history/export?format={form}")


def listen(stage, daemon):
    """A stream is heard for a while: an exchange as any other."""
    path = ORG + "/events?last_event_id=1-1"
    with EventStream(daemon, path) as stream:
        for name in ("reset", "connection", "hold", "run"):
            stream.wait(lambda event: event.name == name, name)
        must(201, daemon.admin, "POST", ORG + "/members", {"email": "heard@acme.example"})
        stream.wait(lambda event: event.name == "member", "that they came")
        said = {"method": "GET", "path": path, "request": None, "status": 200, "reply": stream.heard.decode()}
        stage.exchanges[path] = json.dumps({**said, "headers": {"content-type": "text/event-stream"}})


def operate(daemon):
    """Tokens come and go, and so does the key that seals credentials."""
    ask = daemon.admin
    wanted = {"name": "payroll", "org": "acme", "permissions": ["members:read"], "expires_in_s": 3600}
    token = must(201, ask, "POST", "/api/v1/tokens", wanted).json
    must(200, daemon.request, "GET", ORG, headers={"Authorization": f"Bearer {token['token']}"})
    must(200, ask, "GET", "/api/v1/tokens?org=acme")
    must(204, ask, "DELETE", f"/api/v1/tokens/{token['id']}")
    must(200, ask, "POST", "/api/v1/secrets/rotate")


def sign_in(stage, daemon):
    """To the web page, by a token and by a link, and out again."""
    ask = daemon.request
    must(404, daemon.admin, "POST", "/api/v1/login-links", {"name": "x", "org": "nowhere", "permissions": ["operate"]})
    link = must(201, daemon.admin, "POST", "/api/v1/login-links", {
        "name": "Ada", "org": "acme", "permissions": ["members:read"]}).json["url"].split("#login=")[1]
    token = give_token(stage, "acme", "members:read,members:manage")["Authorization"].split()[1]
    for shown in ({"token": token}, {"link": link}):
        cookie = {"Cookie": must(201, ask, "POST", SESSION, shown).headers["Set-Cookie"].split(";")[0]}
        must(200, ask, "GET", SESSION, headers=cookie)
        must(200, ask, "GET", ORG + "/managers", headers=cookie)
        must(403, ask, "DELETE", SESSION, headers={**cookie, "Sec-Fetch-Site": "cross-site"})
        must(200, daemon.admin, "GET", "/api/v1/tokens?org=acme")
        must(204, ask, "DELETE", SESSION, headers={**cookie, "Sec-Fetch-Site": "same-origin"})
    must(401, ask, "POST", SESSION, {"link": link})
    must(409, daemon.admin, "DELETE", SESSION)
    must(204, ask, "GET", SESSION)


def invite(stage, daemon):
    """From the directory into the team, with mail and without."""
    ask = daemon.admin
    people = [p["id"] for p in must(200, ask, "GET", ORG + "/directory-users?unmatched=true&q=&limit=50").json["items"]]
    must(409, ask, "GET", BARE + "/directory-users")
    must(409, ask, "POST", BARE + "/invitations", {"directory_user_ids": people[:1]})
    results = must(200, ask, "POST", ORG + "/invitations", {"directory_user_ids": [*people[:2], "404"]}).json["items"]
    first, second = (f'{ORG}/members/{result["member"]["id"]}' for result in results[:2])
    mailer = stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"]},
                                mail={"url": "smtp://127.0.0.1:1", "from": "team@acme.example"}, **SETTINGS)
    must(202, mailer.admin, "POST", second + "/invitation")
    assert mailer.stop() == 0
    link = urlsplit(must(200, ask, "POST", first + "/invitation").json["url"]).path
    for method in ("GET", "POST"):
        must(404, daemon.request, method, "/invitations/unknown")
        must(200, daemon.request, method, link)
    must(409, ask, "POST", first + "/invitation")


def consent(stage):
    """Somebody connects their directory in a browser; and what may come between."""
    google = {"auth_url": stage.sandbox_url + "/o/oauth2/v2/auth", "client_id": "sandbox-client",
              "client_secret": "sandbox-secret"}
    daemon = stage.start_daemon(server={"listen": [f"127.0.0.1:{free_port()}"]}, google=google, **SETTINGS)
    ask = daemon.request
    path = BARE + "/connection/authorize"
    token = give_token(stage, "bare", "integrations:manage")
    stage.control("PATCH", "/settings", {"consent_automatic": 1})

    def begin():
        """Where Google sends the browser back to, and the browser's cookie."""
        reply = must(200, ask, "GET", path + "?subject=admin@acme.example", headers=token)
        place = urlsplit(reply.json["url"])
        sent = exchange(http.client.HTTPConnection(place.netloc), "GET", f"{place.path}?{place.query}")
        back = urlsplit(sent.headers["Location"])
        return f"{back.path}?state={re.search('state=([^&]*)', back.query)[1]}&code={re.search('code=([^&]*)', back.query)[1]}", {
            "Cookie": reply.headers["Set-Cookie"].split(";")[0]}

    must(302, ask, "GET", path, headers={**token, "Accept": "text/html"})
    back, _ = begin()
    must(200, ask, "GET", back)  # another browser: it is asked
    must(200, ask, "POST", back)
    for method in ("GET", "POST"):
        must(404, ask, method, back)
        must(400, ask, method, CALLBACK)
        must(403, ask, method, CALLBACK + "?error=access_denied")
        back, cookie = begin()
        stage.control("POST", "/faults", {"on": "token", "kind": "refused", "message": "Malformed auth code."})
        must(422, ask, method, back, headers=cookie)
        stage.control("DELETE", "/faults")
    must(204, ask, "DELETE", BARE + "/connection", headers=token)
    assert daemon.stop() == 0
