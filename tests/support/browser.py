# SPDX-License-Identifier: MIT
"""Stories that are told in a browser (tests/e2e/browser): what they need is installed once, beside the build. Without
an npm registry a test is skipped, and says so."""
import fcntl
import json
import os
import shutil
import subprocess
import sys

from stage import ROOT

STORIES = ROOT / "tests/e2e/browser"
SKIPPED = 77
EVERYTHING = ["members:read", "members:manage", "integrations:manage", "operate"]
MANAGER = EVERYTHING[:3]
READER = EVERYTHING[:1]
INTEGRATOR = ["members:read", "integrations:manage"]


def installed(stage):
    """The folder where the browser's driver is; skips the test when that cannot be had."""
    folder = stage.bin.parent / "browser"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run beside each other
        wanted = (STORIES / "package-lock.json").read_text()
        mark = folder / "installed"
        if not mark.exists() or mark.read_text() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(STORIES / name, folder)
            done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retry-mintimeout=500",
                                   "--fetch-retry-maxtimeout=2000"], cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                print("skipped: npm cannot install the browser's driver here:", done.stderr[-500:], sep="\n")
                sys.exit(SKIPPED)
            mark.write_text(wanted)
        for source in STORIES.glob("*.mjs"):  # node looks for packages beside the file
            shutil.copy(source, folder / "new")
            os.replace(folder / "new", folder / source.name)  # another test may be reading it
    return folder


def make_token(daemon, name, permissions, org="acme"):
    reply = daemon.admin("POST", "/api/v1/tokens", {"name": name, "org": org, "permissions": permissions})
    assert reply.status == 201, reply
    return reply.json["token"]


def people(daemon):
    """Tokens of those whom the stories know: of somebody who manages acme, who may only look, who manages its
    integrations alone, who runs it all."""
    return {"manager": make_token(daemon, "Mia Manager", MANAGER), "reader": make_token(daemon, "Rita Reader", READER),
            "integrator": make_token(daemon, "Ivo Integrator", INTEGRATOR),
            "operator": make_token(daemon, "Olaf Operator", EVERYTHING, org="*")}


def tell(stage, daemon, story, **settings):
    """Runs a story; its exit status is the test's."""
    folder = installed(stage)
    given = {"url": f"http://{daemon.address}", "sandbox": stage.sandbox_url, "source": str(ROOT), "tokens": people(daemon),
             **settings}
    # The browser's profile is on the stage, too; and it goes with the driver, which goes with us.
    driver = stage.spawn(["node", folder / f"{story}.mjs"],
                         env={**os.environ, "TS_STORY": json.dumps(given), "TMPDIR": str(stage.folder)})
    assert driver.wait() == 0, f"the story {story} failed"
