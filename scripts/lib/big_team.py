# SPDX-License-Identifier: MIT
"""A directory in which every user is a member of one org, for benchmarks."""
import http.client
import json

from stage import Failure, UnixConnection, wait_for

ORG = "/api/v1/orgs/acme"


class Line:
    """One connection for very many requests."""

    def __init__(self, connection):
        self.connection = connection

    def request(self, method, path, body=None):
        self.connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Failure(f"{method} {path}: {answer.status} {text[:200]}")
        return json.loads(text) if text else None


def to_sandbox(stage):
    return Line(http.client.HTTPConnection(stage.sandbox_url.removeprefix("http://"), timeout=60))


def all_addresses(sandbox):
    after, addresses = "", []
    while True:
        page = sandbox.request("GET", f"/control/users?limit=1000&after={after}")["users"]
        addresses += [user["primaryEmail"] for user in page]
        if len(page) < 1000:
            return addresses
        after = addresses[-1]


def gather(stage, people):
    """A daemon, whose org has just been connected, and everybody's addresses. Nobody is told of changes."""
    stage.start_sandbox("--people", str(people - 1))  # and the admin
    daemon = stage.start_daemon(sync={"reread_after_s": [], "field_loss_percent": 100}, log={"level": "warning"})
    api = Line(UnixConnection(daemon.admin_socket, 60))
    addresses = all_addresses(to_sandbox(stage))
    api.request("POST", "/api/v1/orgs", {"id": "acme", "name": "Acme"})
    for address in addresses:
        api.request("POST", ORG + "/members", {"email": address, "status": "active"})
    stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
    api.request("PUT", ORG + "/connection", {
        "provider": "google-workspace",
        "credentials": {"type": "service_account", "subject": "admin@acme.example",
                        "key": json.loads(stage.key_file.read_text())}})
    api.request("PUT", ORG + "/connection/auto-sync", {"enabled": True})
    return daemon, addresses


def first_resync(daemon):
    """Its figures, when it is through: everybody is linked."""
    return wait_for(lambda: [r for r in daemon.admin("GET", ORG + "/resyncs").json["items"]
                             if r["state"] == "done"], "the first resync", 3600, 0.1)[0]
