#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random changes in the directory, told of badly: notifications are dropped, doubled, delayed and
overtake each other, reads fail or lag, page tokens and access tokens expire, one of two daemons is
killed now and then, and a person edits, suspends and replaces members. When it rests, each roster is what an independent model says, and nobody was ever
suspended whom the directory had not let go at that moment.

Each seed is an org with people of its own; some seeds run together, as a wave. SEED=n runs one alone,
SEEDS=n that many. What is left to chance is the machine's timing."""
import datetime
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
from stage import Failure, Stage, free_port, wait_for  # noqa: E402

WAVE = 10
CHANGES = 30
PACE_S = 0.2  # a wave's changes take longer than a read may be late, or lateness would excuse everything
LATENESS_S = 2  # from what a read by id shows (half a second old at most) to its commit
TEAMS = ["Engineering", "Sales", "Legal", "People", "Finance", "Support"]

READ_FAULTS = [
    {"on": "users.get", "kind": "status", "status": 500},
    {"on": "users.get", "kind": "status", "status": 403, "reason": "rateLimitExceeded"},
    {"on": "users.get", "kind": "status", "status": 429, "retry_after_s": 1},
    {"on": "users.get", "kind": "reset"},
    {"on": "users.get", "kind": "truncate"},
    {"on": "users.get", "kind": "bad_json"},
    {"on": "users.get", "kind": "wrong_id"},
    {"on": "users.get", "kind": "missing_suspended"},
    {"on": "users.get", "kind": "expired_token"},
    {"on": "users.list", "kind": "status", "status": 503},
    {"on": "users.list", "kind": "truncate"},
    {"on": "users.list", "kind": "missing_users"},
    {"on": "users.list", "kind": "missing_suspended"},
    {"on": "users.list", "kind": "cycling_page_token"},
    {"on": "users.list", "kind": "expired_page_token"},
    {"on": "users.list", "kind": "expired_token"},
    {"on": "users.watch", "kind": "status", "status": 503},
    {"on": "token", "kind": "status", "status": 503},
]
PUSH_FAULTS = [
    {"on": "notification", "kind": "drop"},
    {"on": "notification", "kind": "duplicate"},
    {"on": "notification", "kind": "delay", "delay_ms": 400},
    {"on": "notification", "kind": "unknown_user"},
]


class Person:
    """What the directory says of somebody, and when it said that they were gone."""

    def __init__(self, email):
        self.email, self.first_email, self.addresses = email, email, [email]
        self.department = self.manager = None  # a manager is an address
        self.id = None
        self.flags = set()  # suspended, archived, deleted
        self.gone = []      # [from, to], wall-clock seconds; to is None while it lasts
        self.is_barred = False  # suspended by a person

    def note(self):
        if self.flags and (not self.gone or self.gone[-1][1] is not None):
            self.gone.append([time.time(), None])
        elif not self.flags and self.gone and self.gone[-1][1] is None:
            self.gone[-1][1] = time.time()

    def was_gone(self, at):
        return any(start - 0.1 <= at and (end is None or at - LATENESS_S <= end) for start, end in self.gone)


class World:
    """One seed: an org, its people in the directory, the changes they see, and what must come of it."""

    def __init__(self, stage, seed):
        self.stage, self.seed = stage, seed
        self.dice = random.Random(seed)
        self.org = f"s{seed}"
        self.path = f"/api/v1/orgs/{self.org}"
        self.people = [Person(f"p{i}.s{seed}@acme.example") for i in range(14)]
        self.managers, self.ordinary, self.leavers = self.people[:4], self.people[4:8], self.people[8:12]
        self.stranger, self.late = self.people[12:]  # in the directory, but no member (yet)
        self.protected = self.leavers[0]
        self.contractor = f"contractor.s{seed}@acme.example"
        self.renamed = 0  # so often somebody was: each address is a new one
        self.successor = None  # whoever got the address of one who was deleted

    def control(self, method, person, body=None, action=""):
        return self.stage.control(method, f"/users/{person.id or person.email}{action}", body)

    def admin(self, method, path, body=None):
        reply = self.stage.daemons[-1].admin(method, self.path + path, body)
        if reply.status >= 300:
            raise Failure(f"{method} {self.path}{path}: {reply}")
        return reply.json

    def hire(self, person):
        person.department = self.dice.choice(TEAMS)
        person.id = self.stage.control("POST", "/users", {
            "primaryEmail": person.email, "department": person.department})["id"]

    def set_up(self):
        self.stage.connect_org(self.stage.daemons[-1], org=self.org, name=f"Seed {self.seed}")
        for person in self.people[:12]:
            self.add_member(person.email, protected=person is self.protected)
        self.add_member(self.contractor, team="Elsewhere")

    def add_member(self, email, **more):
        self.admin("POST", "/members", dict(more, email=email, status="active"))

    # What happens in the directory

    def step(self):
        dice = self.dice
        deed = dice.choice([self.move_team] * 4 + [self.set_manager] * 3 + [self.leave_or_return] * 5
                           + [self.rename, self.clear_team, self.join_late, self.recycle]
                           + [self.ask_for_resync] * 2 + [self.edit, self.bar, self.replace])
        deed()

    def move_team(self):
        person = self.dice.choice(self.people)
        if "deleted" not in person.flags:
            person.department = self.dice.choice(TEAMS)
            self.control("PATCH", person, {"department": person.department})

    def clear_team(self):
        person = self.dice.choice(self.ordinary)
        person.department = None
        self.control("PATCH", person, {"department": ""})

    def set_manager(self):
        """Always somebody further up, so that the order of the changes makes no difference."""
        index = self.dice.randrange(1, 12)
        person = self.people[index]
        boss = self.dice.choice(self.people[:min(index, 8)] + [self.stranger, self.late, None])
        if "deleted" not in person.flags:
            person.manager = self.dice.choice(boss.addresses) if boss else None
            self.control("PATCH", person, {"manager": person.manager})

    def rename(self):
        person = self.dice.choice(self.managers + self.ordinary)
        self.renamed += 1
        person.email = f"r{self.renamed}.s{self.seed}@acme.example"
        person.addresses.insert(0, person.email)
        self.control("POST", person, {"primaryEmail": person.email}, "/rename")

    def leave_or_return(self):
        person = self.dice.choice(self.leavers)
        if "deleted" in person.flags:
            if person is not self.leavers[3] or not self.successor:
                self.control("POST", person, action="/undelete")
                person.flags.discard("deleted")
        else:
            flag = self.dice.choice(["suspended", "archived", "deleted"])
            verb = {"suspended": "suspend", "archived": "archive", "deleted": "delete"}[flag]
            if flag in person.flags:
                person.flags.discard(flag)
                verb = "un" + verb
            else:
                person.flags.add(flag)
                person.note()  # before the directory knows: a suspension may come at once
            self.control("POST", person, action="/" + verb)
        person.note()

    def join_late(self):
        if len(self.late.addresses) == 1:  # once
            self.add_member(self.late.email)
            self.late.addresses.append(self.late.email)

    def recycle(self):
        """Somebody new is given the address of one who is gone for good."""
        person = self.leavers[3]
        if "deleted" in person.flags and not self.successor:
            self.successor = Person(person.email)
            self.hire(self.successor)

    def ask_for_resync(self):
        self.admin("POST", "/resync")

    # What a person decides about members

    def path_of(self, person):
        members = self.admin("GET", "/members?limit=500")["items"]
        return "/members/" + next(m["id"] for m in members if m["email"] in person.addresses)

    def edit(self):
        """The sync takes it back: the directory always has a team for these."""
        self.admin("PATCH", self.path_of(self.dice.choice(self.managers)), {"team": "By hand"})

    def bar(self):
        person = self.dice.choice(self.ordinary + self.leavers)
        person.is_barred = not person.is_barred
        self.admin("POST", self.path_of(person) + ("/suspend" if person.is_barred else "/unsuspend"))

    def replace(self):
        """Deleted by mistake, and invited anew: somebody else to us, the same to the directory."""
        person = self.dice.choice(self.managers + self.ordinary)
        self.admin("DELETE", self.path_of(person))
        self.add_member(person.email)
        person.is_barred = False

    # What must come of it

    def member_of(self, address):
        """Who a manager's address stands for."""
        for person in self.people[:12] + ([self.late] if len(self.late.addresses) > 1 else []):
            if address in person.addresses:
                return person
        return None

    def expected(self):
        expected = {self.contractor: ("active", "Elsewhere", None)}
        for person in self.people[:12] + ([self.late] if len(self.late.addresses) > 1 else []):
            is_gone = person.flags and person is not self.protected
            status = "suspended" if is_gone or person.is_barred else "active"
            boss = self.member_of(person.manager) if person.manager else None
            expected[person.first_email] = (status, person.department, boss and boss.first_email)
        return expected

    def found(self, members):
        emails = {m["id"]: self.first_email_of(m["email"]) for m in members}
        return {emails[m["id"]]: (m["status"], m["team"], m["manager"] and emails[m["manager"]["id"]])
                for m in members}

    def first_email_of(self, email):
        return next((p.first_email for p in self.people if email in p.addresses), email)

    def check(self):
        members = self.admin("GET", "/members?limit=500")["items"]
        expected, found = self.expected(), self.found(members)
        for email in set(expected) | set(found):
            # Of somebody who is gone for good, the last thing that was seen stands.
            person = next((p for p in self.people if p.first_email == email), None)
            fields = 1 if person and "deleted" in person.flags else 3
            want, have = expected.get(email), found.get(email)
            if not want or not have or want[:fields] != have[:fields]:
                member = next((m for m in members if self.first_email_of(m["email"]) == email), {"id": "none"})
                story = self.admin("GET", f"/members/{member['id']}/history?limit=100")["items"]
                raise AssertionError("\n".join(map(str, (email, "expected", want, "found", member, *story))))
        for member in members:
            self.check_history(member)

    def check_history(self, member):
        email = self.first_email_of(member["email"])
        person = next((p for p in self.people if p.first_email == email), None)
        for entry in self.admin("GET", f"/members/{member['id']}/history?limit=500")["items"]:
            is_by_sync = not entry["cause"].startswith("suspended by")
            if entry["field"] == "status" and entry["after"].startswith("suspended") and is_by_sync:
                at = datetime.datetime.fromisoformat(entry["at"].replace("Z", "+00:00")).timestamp()
                assert person and person is not self.protected, (email, "must never be suspended", entry)
                assert person.was_gone(at), (email, "was not gone then", entry, person.gone)

    def runs(self):
        return self.admin("GET", "/resyncs")["items"]

    def is_over(self, known):
        return [r for r in self.runs() if r["id"] not in known and r["state"] in ("done", "held")
                and r["mode"] == "apply"]

    def tear_down(self):
        self.admin("PUT", "/connection/auto-sync", {"enabled": False})

    def disband(self):
        """Nobody listens any more; the next seeds are to find a directory of the same size."""
        for person in self.people + ([self.successor] if self.successor else []):
            if "deleted" not in person.flags:
                self.control("POST", person, action="/delete")


class Storm:
    """The faults of a wave, and the daemons that live through it."""

    def __init__(self, stage, dice):
        self.stage, self.dice = stage, dice

    def begin(self):
        dice = self.dice
        for fault in dice.sample(READ_FAULTS, 6):
            self.stage.control("POST", "/faults", dict(fault, probability=round(dice.uniform(0.02, 0.15), 2)))
        for fault in dice.sample(PUSH_FAULTS, 2):
            self.stage.control("POST", "/faults", dict(fault, probability=round(dice.uniform(0.1, 0.5), 2)))
        self.stage.control("PATCH", "/settings", {
            "get_lag_ms": dice.choice([0, 0, 200, 500]), "list_lag_ms": dice.choice([0, 300, 5000]),
            "notification_reorder_ms": dice.choice([0, 100, 300])})

    def end(self):
        self.stage.control("DELETE", "/faults")
        self.stage.control("PATCH", "/settings", {
            "get_lag_ms": 0, "list_lag_ms": 0, "notification_reorder_ms": 0})

    def strike(self):
        if self.dice.random() < 0.01:
            self.stage.control("POST", "/expire-tokens")
        if self.dice.random() < 0.006:
            self.kill()

    def kill(self):
        """The first daemon dies and comes back; the second one is who answers our questions."""
        self.stage.daemons[0].kill()
        second = self.stage.daemons.pop()
        self.stage.daemons.clear()
        start_daemon(self.stage, 0)
        self.stage.daemons.append(second)


def start_daemon(stage, number):
    return stage.start_daemon(
        server={"listen": [f"127.0.0.1:{stage.ports[number]}"], "public_url": f"http://127.0.0.1:{stage.ports[1]}",
                "admin_socket": str(stage.folder / f"admin-{number}.sock")},
        queue={"claim_after_s": 1}, sync={"reread_after_s": [1]}, log={"level": "info"})


HURRY = """
    for _, text in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
        if string.find(text, '"nonce"') then redis.call('ZADD', KEYS[1], 'XX', 0, text) end
    end
    return redis.call('ZCOUNT', KEYS[1], 0, 0) + redis.call('XLEN', KEYS[2])"""


def rest(stage):
    """Nothing waits, runs, or is to be tried again; tries that are far off are hurried."""
    quiet = 0

    def is_quiet():
        nonlocal quiet
        quiet = quiet + 1 if stage.redis_at_once("EVAL", HURRY, 2, "teamsync:jobs:delayed", "teamsync:jobs") == "0" else 0
        return quiet >= 3

    wait_for(is_quiet, "the queue to be empty", 90, 0.02)


def resync(stage, worlds):
    known = {world.org: {run["id"] for run in world.runs()} for world in worlds}
    for world in worlds:
        world.admin("POST", "/resync")
    for world in worlds:
        wait_for(lambda: world.is_over(known[world.org]), f"the resync of {world.org}", 60, 0.02)
    rest(stage)


def decide(stage, worlds):
    """A person looks at each hold, finds it right, and approves."""
    for _ in range(3):
        held = [(world, world.admin("GET", "/hold")) for world in worlds]
        held = [(world, hold) for world, hold in held if hold["open"]]
        if not held:
            return
        for world, hold in held:
            world.admin("POST", "/hold/approve", {"digest": hold["digest"]})
        rest(stage)
        resync(stage, [world for world, _ in held])


def run_wave(stage, seeds):
    worlds = [World(stage, seed) for seed in seeds]
    dice = random.Random(seeds[0] * 7919)
    for world in worlds:
        for person in world.people:
            world.hire(person)
    for world in worlds:
        world.set_up()
    rest(stage)
    resync(stage, worlds)  # all are linked; nobody is a stranger any more
    storm = Storm(stage, dice)
    storm.begin()
    for _ in range(CHANGES):
        for world in worlds:
            world.step()
            storm.strike()
        time.sleep(PACE_S)
    storm.end()
    rest(stage)
    resync(stage, worlds)
    decide(stage, worlds)
    for world in worlds:
        try:
            world.check()
        except AssertionError as wrong:
            raise AssertionError(f"SEED={world.seed} (in a wave with {seeds}): {wrong}") from None
    for world in worlds:
        world.tear_down()
    rest(stage)
    for world in worlds:
        world.disband()


def main():
    first = int(os.environ.get("FIRST", random.randrange(1, 10 ** 9)))
    count = int(os.environ.get("SEEDS", 100))
    seeds = [int(os.environ["SEED"])] if "SEED" in os.environ else list(range(first, first + count))
    print(f"seeds {seeds[0]} … {seeds[-1]}", flush=True)
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "510")
        stage.ports = [free_port(), free_port()]
        start_daemon(stage, 0)
        start_daemon(stage, 1)
        began = time.monotonic()
        for i in range(0, len(seeds), WAVE):
            run_wave(stage, seeds[i:i + WAVE])
            print(f"{i + len(seeds[i:i + WAVE])} seeds, {time.monotonic() - began:.0f} s", flush=True)
        dead = stage.redis_at_once("XLEN", "teamsync:jobs:dead")
        assert dead == "0", f"{dead} dead letters"


main()
