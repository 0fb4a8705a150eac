#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The sandbox's own page, in a browser: a newcomer plays Google's side, and sees what teamsync is told."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import http.client  # noqa: E402

from browser import tell  # noqa: E402
from stage import Stage, exchange  # noqa: E402


def pages_of_others_change_nothing(stage):
    """What a form, or a script without leave, could send from any web page that somebody has open."""
    address = stage.sandbox_url.removeprefix("http://")
    port = address.split(":")[1]
    body = b'{"department": "Elsewhere"}'
    ada = "/control/users/ada@acme.example"
    json_type = {"Content-Type": "application/json"}

    def ask(method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return exchange(http.client.HTTPConnection(address, timeout=15), method, path, body, headers).status

    before = stage.control("GET", "/users/ada@acme.example")
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"https://127.0.0.1:{port}", f"http://127.0.0.1:{port}.evil.example"):
        assert ask("PATCH", ada, body, Content_Type="application/json", Origin=origin) == 403, origin
        assert ask("POST", ada + "/delete", Origin=origin) == 403, origin
        assert ask("DELETE", "/control/faults", Origin=origin) == 403, origin
    rebound = f"evil.example:{port}"  # a name of theirs that leads here
    assert ask("POST", ada + "/delete", Host=rebound, Origin=f"http://{rebound}") == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"):
        assert ask("PATCH", ada, body, Content_Type=kind) == 415, kind
        assert ask("POST", ada + "/rename", b'{"primaryEmail": "x@acme.example"}', Content_Type=kind) == 415, kind
    assert ask("PATCH", ada, body) == 415
    assert stage.control("GET", "/users/ada@acme.example") == before
    assert ask("PATCH", ada, b"{}", **json_type, Origin=f"http://{address}") == 200
    assert ask("PATCH", ada, b"{}", **json_type, Host=f"localhost:{port}", Origin=f"http://localhost:{port}") == 200
    assert ask("PATCH", ada, b"{}", Content_Type="application/json; charset=utf-8") == 200


with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", "59")
    daemon = stage.start_daemon()
    stage.connect_org(daemon)
    pages_of_others_change_nothing(stage)
    tell(stage, daemon, "sandbox")
