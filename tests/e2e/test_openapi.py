#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The description that the daemon serves is OpenAPI 3.1, and true: whatever the API takes and answers
in the whole story, and in every kind of refusal, is as described, and whatever is described is seen.
Without an npm registry the test is skipped, and says so."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from api_story import Refusals, connect, consent, contradict, decide, invite, listen, must, notify, operate, sign_in  # noqa: E402
from stage import Stage  # noqa: E402
from whole_story import SETTINGS, WholeStory  # noqa: E402

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
            said = {"method": method, "path": path, "request": body if isinstance(body, dict) else None,
                    "status": reply.status, "reply": reply.text}
            headers = {name.lower(): value for name, value in reply.headers.items()}
            self.exchanges.setdefault(json.dumps(said), json.dumps({**said, "headers": headers}))
            return reply
        return asked

    def start_daemon(self, *words, **settings):
        daemon = super().start_daemon(*words, **settings)
        daemon.admin = self.recording(daemon.admin)
        daemon.request = self.recording(daemon.request)
        return daemon


def record(folder):
    """What the daemons took and answered; in files for the check."""
    with RecordingStage() as stage:
        redis = stage.start_redis()
        WholeStory(stage).tell()
        daemon = stage.start_daemon(**SETTINGS)
        must(200, daemon.request, "GET", "/healthz")
        connect(stage, daemon)
        notify(stage, daemon)
        contradict(stage, daemon)
        decide(daemon)
        listen(stage, daemon)
        invite(stage, daemon)
        operate(daemon)
        sign_in(stage, daemon)
        consent(stage)
        refusals = Refusals(stage, daemon)
        refusals.without_permission()
        refusals.without_patience()
        refusals.without_sense()
        refusals.beside_the_paths()
        refusals.without_redis(redis)
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
