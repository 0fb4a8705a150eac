# SPDX-License-Identifier: MIT
"""The demonstration: a team of 25 is set up with teamsync, and a story told change by change: what
happened in the directory, the member before and after, and the time from notification to effect."""
import argparse
import os
import re
import shlex
import signal
import subprocess
import sys

from stage import Failure, Stage, wait_for

ORG = "/api/v1/orgs/acme"


class Terminal:
    colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    @classmethod
    def paint(cls, code, text):
        return f"\033[{code}m{text}\033[0m" if cls.colours else text

    @classmethod
    def title(cls, text):
        print(cls.paint("1", text))

    @classmethod
    def line(cls, head, text):
        print(f"  {cls.paint('2', head.ljust(8))} {text}")


def describe(member):
    manager = member["manager"]["email"] if member["manager"] else "nobody"
    status = member["status"]
    if member["suspended"]:
        status += f" ({member['suspended']['reason']} in the directory)"
    if member["sync"]["pending_manager"]:
        manager += f", waiting for {member['sync']['pending_manager']}"
    return f"{status} · team {member['team'] or '–'} · manager {manager} · {member['sync']['state']}"


class Demo:
    def __init__(self, stage):
        self.stage = stage

    def command(self, *words, quiet=False):
        """Runs teamsync, as a person would have typed it. Returns what a quiet one prints."""
        if not quiet:
            print()
            Terminal.title("$ " + shlex.join(["teamsync", *words]))
            sys.stdout.flush()
        done = subprocess.run([self.stage.bin / "teamsync", *words], cwd=self.stage.folder, check=False,
                              env={**os.environ, "TEAMSYNC_SOCKET": self.daemon.admin_socket},
                              stdout=subprocess.PIPE if quiet else None, text=True)
        if done.returncode != 0:
            raise Failure(f"teamsync {shlex.join(words)} ended with {done.returncode}")
        return done.stdout

    def start(self):
        stage = self.stage
        stage.start_redis()
        stage.start_sandbox("--people", "24")
        self.daemon = stage.start_daemon()
        self.people = stage.control("GET", "/users?limit=25")["users"]
        print("A daemon, a private Redis and a stand-in Google Workspace are up. Setting up an org takes four\n"
              "commands: the org, its directory, its team, and the switch.")
        self.command("org", "create", "acme", "--name", "Acme")
        self.command("connect", "acme", "--key", stage.key_file.name, "--subject", "admin@acme.example")
        for number, person in enumerate(self.people):
            email = person["primaryEmail"]
            self.command("member", "add", "acme", email, "--name", person["name"]["fullName"], "--status", "active",
                         *(["--role", "owner"] if email.startswith("admin@") else []), quiet=number > 0)
        print(f"(and so on: {len(self.people)} members)")
        self.command("enable", "acme", "--yes")
        wait_for(lambda: stage.control("GET", "/channels")["channels"], "a notification channel")
        stage.rest()

    def members(self):
        return {m["email"]: m for m in
                self.daemon.admin("GET", ORG + "/members?limit=100").json["items"]}

    def effect(self):
        """How many notifications have taken effect so far, and the seconds they took in all."""
        text = self.daemon.admin("GET", "/metrics").text
        found = dict(re.findall(r"^teamsync_push_to_effect_seconds_(sum|count) (\S+)$", text, re.M))
        return int(found.get("count", 0)), float(found.get("sum", 0))

    def step(self, what, email, change, is_done):
        before = self.members()[email]
        count, seconds = self.effect()
        change()
        after = wait_for(lambda: (m := self.members()[email]) and is_done(m) and m, what)
        new_count, new_seconds = wait_for(
            lambda: (e := self.effect()) and e[0] > count and e, "the effect to be counted")
        took = (new_seconds - seconds) / (new_count - count) * 1000
        print()
        Terminal.title(f"{what}")
        Terminal.line("before", describe(before))
        Terminal.line("after", describe(after))
        Terminal.line("took", Terminal.paint("32", f"{took:.1f} ms") + " from notification to effect")

    def tell(self):
        team = [p["primaryEmail"] for p in self.people if not p["primaryEmail"].startswith("admin@")]
        members = self.members()
        hero = next(e for e in team[5:] if members[e]["manager"])
        boss = next(e for e in team if e not in (hero, members[hero]["manager"]["email"])
                    and (not members[e]["manager"] or members[e]["manager"]["email"] != hero))
        hero_id = members[hero]["sync"]["directory_user_id"]
        name, boss_name = members[hero]["name"], members[boss]["name"]
        user = f"/users/{hero}"

        print(f"\n{len(members)} members, {sum(m['sync']['state'] == 'synced' for m in members.values())} of them synced. "
              "Now things happen in the directory:")
        self.step(f"{name} moves to another department.", hero,
                  lambda: self.stage.control("PATCH", user, {"department": "Research"}),
                  lambda m: m["team"] == "Research")
        self.step(f"{name} gets a new manager, {boss_name}.", hero,
                  lambda: self.stage.control("PATCH", user, {"manager": boss}),
                  lambda m: m["manager"] and m["manager"]["email"] == boss)
        self.step(f"{name} leaves: the account is deleted.", hero,
                  lambda: self.stage.control("POST", user + "/delete"),
                  lambda m: m["status"] == "suspended")
        self.step(f"{name} returns: the account is restored.", hero,
                  lambda: self.stage.control("POST", f"/users/{hero_id}/undelete"),
                  lambda m: m["status"] == "active")
        self.command("member", "history", "acme", hero)
        self.command("status")

    def keep(self):
        stage, daemon = self.stage, self.daemon
        somebody = self.people[3]["primaryEmail"]
        link = self.command("login-link", "--org", "acme", "--name", "Avery Admin", "--quiet", quiet=True).strip()
        print(f"""
Everything stays up until Ctrl-C. Open both sides in two windows of a browser:

  {link}
      teamsync, signed in as somebody who manages Acme. The link is good once, for ten minutes.
  {stage.sandbox_url}/
      Google's side: change somebody there, and watch the team follow.

Or in another terminal:

  export PATH={stage.bin}:$PATH TEAMSYNC_SOCKET={daemon.admin_socket}

  teamsync members acme                    # the team
  teamsync member show acme {somebody}
  teamsync member sync acme {somebody}     # now, and why
  teamsync history acme
  teamsync resync acme --wait
  teamsync login-link --org acme --name Ada  # a new link; without --org to operate all of it
  teamsync --help

Change something in the directory, and look again:

  curl -X PATCH {stage.sandbox_url}/control/users/{somebody} -d '{{"department":"Sales"}}' -H 'Content-Type: application/json'
  curl -X POST {stage.sandbox_url}/control/users/{somebody}/suspend
  curl {stage.sandbox_url}/control         # what else it can do

Or look behind the scenes:

  curl http://{daemon.address}/api/v1/openapi.json
  redis-cli -s {stage.redis_socket} XADD teamsync:jobs '*' type user org acme user {somebody}
  redis-cli -s {stage.redis_socket} XADD teamsync:jobs '*' type nonsense; teamsync dead list
  tail -f {daemon.log}""", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("\nCleaning up.")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--keep", action="store_true", help="stay up and print what to try")
    keep = options.parse_args().keep
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Stage() as stage:
            demo = Demo(stage)
            demo.start()
            demo.tell()
            if keep:
                demo.keep()
    except KeyboardInterrupt:
        return 130
    except Failure as failure:
        print(f"The demo failed: {failure}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
