#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rule that the README gives for teamsync's user is enough for the whole story, and names no
command that nobody uses."""
import os
import re
import shlex
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from redises import errors, scripts_not_seen  # noqa: E402
from stage import ROOT, Stage, free_port  # noqa: E402
from whole_story import WholeStory  # noqa: E402


def rule_of_the_readme():
    """The words after "redis-cli"."""
    found = re.search(r"redis-cli (ACL SETUSER teamsync (?:.*\\\n)*.*)\n", (ROOT / "README.md").read_text())
    return shlex.split(found[1].replace("\\\n", " "))


def check_against_the_sources(rule):
    allowed = {word[1:].replace("|", " ").upper() for word in rule if word.startswith("+")}
    text = "\n".join(path.read_text() for kind in ("*.c", "*.lua") for path in (ROOT / "src").rglob(kind))
    called = {" ".join(filter(None, words)) for words in
              re.findall(r"redis\.p?call\('(\w+)'(?:, '(CREATE|CONSUMERS|DELCONSUMER|STREAM)')?", text)}
    assert called <= allowed, f"the scripts call, but the rule lacks: {sorted(called - allowed)}"
    spoken = called | {" ".join(words).replace('"', "") for words in re.findall(r'"([A-Z]+)"(?:, "([A-Z]+)")?', text)}
    spoken |= set(re.findall(r'"([A-Z]{3,})"', text))
    assert allowed <= spoken, f"the rule names, but nobody uses: {sorted(allowed - spoken)}"


def main():
    rule = rule_of_the_readme()
    check_against_the_sources(rule)
    password = next(word[1:] for word in rule if word.startswith(">"))
    with Stage() as stage:
        port = free_port()
        stage.start_redis(port=port)
        assert stage.redis(*rule) == "OK", stage.redis(*rule)
        stage.redis_url = f"redis://teamsync:{password}@127.0.0.1:{port}"
        WholeStory(stage).tell()
        # CONFIG shows Redis' own passwords: the rule leaves it out, and the daemon says so.
        refused = stage.redis("ACL", "LOG").split("\n")
        objects = {refused[i + 1] for i, word in enumerate(refused) if word == "object"}
        assert objects == {"config|get"}, "\n".join(refused)
        assert all("Redis does not tell its settings" in daemon.log.read_text() for daemon in stage.daemons)
        told = errors(port)
        assert told.keys() <= {"NOPERM", "NOSCRIPT", "BUSYGROUP", "NOGROUP"}, told
        assert told["NOPERM"] == 2 * len(stage.daemons), told
        assert not scripts_not_seen(port), scripts_not_seen(port)


main()
