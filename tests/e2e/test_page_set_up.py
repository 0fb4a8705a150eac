#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole way in a browser, in each language: from an empty Redis to a team that follows its directory. The operator
has teamsync, everybody else nothing but the two pages."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage  # noqa: E402


def operate(stage, daemon, *words):
    done = subprocess.run([stage.bin / "teamsync", *words], capture_output=True, text=True, check=False,
                          env={**os.environ, "TEAMSYNC_SOCKET": daemon.admin_socket})
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.strip()


for language in ("en", "de"):
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "24")
        daemon = stage.start_daemon()
        operate(stage, daemon, "org", "create", "acme", "--name", "Acme")
        operate(stage, daemon, "member", "add", "acme", "admin@acme.example", "--name", "Avery Admin", "--role", "owner",
                "--status", "active")
        for name, team in (("Ada Marlowe", "Set by hand"), ("Grace Okafor", "Operations")):
            operate(stage, daemon, "member", "add", "acme", f"{name.split()[0].lower()}@acme.example", "--name", name,
                    "--team", team, "--status", "active")
        link = operate(stage, daemon, "login-link", "--org", "acme", "--name", "Avery Admin", "--quiet")
        tell(stage, daemon, "set_up", language=language, link=link, key=str(stage.key_file))
