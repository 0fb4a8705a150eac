# SPDX-License-Identifier: MIT
"""The Team page of a large org in a headless Chromium: from where somebody goes there to the first member that is seen,
with an empty cache and with a full one. Absolute times are this machine's."""
import argparse
import sys

from big_team import first_resync, gather
from stage import ROOT, Stage

sys.path.insert(0, str(ROOT / "tests/support"))
from browser import tell  # noqa: E402


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100000)
    options.add_argument("--runs", type=int, default=9)
    options = options.parse_args()
    with Stage() as stage:
        stage.start_redis(append_only=False)
        daemon, _ = gather(stage, options.people)
        first_resync(daemon)
        stage.rest(600)
        tell(stage, daemon, "bench_page", runs=options.runs, people=options.people)


sys.exit(main())
