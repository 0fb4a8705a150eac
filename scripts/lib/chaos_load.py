# SPDX-License-Identifier: MIT
"""The load of the chaos test. The harness plays Google: it changes people in the sandbox, which tells
nobody, and posts the notifications itself, to either daemon, until one of them accepts. So it knows what
was promised. It reads off the histories in Redis what became of it."""
import asyncio
import json
import time

from redis_line import RedisError, RedisLine

PATIENCE_S = 6  # for the answer to a notification; a daemon without Redis takes five
BOSSES, LEAVERS = 3, 8  # in each org: the first ones, and the last ones


class Change:
    """One change of one person: the entry it must leave in the history, and when it was what."""

    def __init__(self, field, after):
        self.field, self.after = field, after
        self.sent_at = self.accepted_at = self.applied_at = None  # the attempt that was accepted
        self.daemon = None  # who accepted it

    @property
    def entry(self):
        return self.field, self.after

    def __repr__(self):
        return f"{self.field} → {self.after!r}"


class Person:
    def __init__(self, org, index):
        self.org, self.index = org, index
        self.email = f"p{index}.{org.name}@acme.example"
        self.department, self.manager, self.is_suspended = "Start", None, False
        self.id = self.member_id = None
        self.changes = []
        self.change = None  # the one under way

    def as_seed(self):
        return {"primaryEmail": self.email, "department": self.department, "manager": self.manager,
                "suspended": self.is_suspended}


class Org:
    def __init__(self, name, size):
        self.name = name
        self.people = [Person(self, index) for index in range(size)]
        self.channel = None
        self.last_entry = "0-0"  # of the history, as far as it was read


class Load:
    """Everything here runs in the event loop, but waiting for the end."""

    def __init__(self, orgs, dice, rate, ports, sandbox_port, redis_socket):
        self.orgs, self.dice, self.rate = orgs, dice, rate
        self.ports, self.sandbox_port, self.redis_socket = ports, sandbox_port, redis_socket
        self.people = [person for org in orgs for person in org.people]
        self.by_member = {}
        self.applied = []  # changes, in the order in which they were seen to be
        self.is_over = False  # no more changes
        self.tasks = set()
        self.number = 0
        self.counts = dict.fromkeys(("sent", "accepted", "refused", "unreachable", "twice", "starved"), 0)
        self.surprises = []  # answers that Google would not understand

    def is_settled(self):
        return not any(person.change for person in self.people)

    def wait_until_settled(self, seconds):
        """Whoever is not idle then has lost something."""
        self.is_over = True
        until = time.monotonic() + seconds
        while time.monotonic() < until and not (self.is_settled() and not self.tasks):
            time.sleep(0.01)

    async def begin(self):
        self.start(self.watch())
        self.start(self.press())

    # The rate

    async def press(self):
        due = time.monotonic()
        while not self.is_over:
            idle = [person for person in self.people if not person.change]
            if idle:
                self.start(self.change(self.dice.choice(idle)))
            else:
                self.counts["starved"] += 1
            due += 1 / self.rate
            await asyncio.sleep(max(0, due - time.monotonic()))

    def start(self, story):
        task = asyncio.get_running_loop().create_task(story)
        self.tasks.add(task)
        task.add_done_callback(self.on_done)

    def on_done(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.surprises.append(repr(task.exception()))

    # One change, from the directory to the acceptance of its notification

    async def change(self, person):
        person.change = change = self.make_up(person)
        person.changes.append(change)
        await self.tell_sandbox(person)
        while not change.accepted_at:
            sent_at = time.monotonic()
            daemon = self.dice.randrange(len(self.ports))
            if await self.notify(person, daemon):
                change.sent_at, change.daemon = sent_at, daemon
                change.accepted_at = time.monotonic()
            else:
                await asyncio.sleep(self.dice.uniform(0.1, 0.4))
        if self.dice.random() < 0.1:
            self.counts["twice"] += 1
            self.start(self.notify(person, self.dice.randrange(len(self.ports))))
        self.look_after(person)

    def make_up(self, person):
        """What happens to them. Whoever is suspended comes back before anything else does."""
        luck, colleagues = self.dice.random(), person.org.people
        if person.is_suspended or (luck < 0.3 and person.index >= len(colleagues) - LEAVERS):
            person.is_suspended = not person.is_suspended
            return Change("status", "suspended (suspended)" if person.is_suspended else "active")
        if luck < 0.5 and person.index >= BOSSES:
            bosses = [boss.email for boss in colleagues[:BOSSES] if boss.email != person.manager]
            person.manager = self.dice.choice(bosses)
            return Change("manager", person.manager)
        self.number += 1
        person.department = f"Team {self.number}"
        return Change("team", person.department)

    async def tell_sandbox(self, person):
        """The model knew first: a sandbox that dies meanwhile comes back with the change."""
        body = dict(person.as_seed(), notify=False)
        while True:
            try:
                status = await exchange(self.sandbox_port, "PATCH", f"/control/users/{person.id}", {}, body)
                assert status == 200, f"the sandbox answers {status}"
                return
            except OSError:
                await asyncio.sleep(0.1)

    async def notify(self, person, daemon):
        """One attempt, as the sandbox would make it. Whether it was accepted."""
        channel = person.org.channel
        headers = {
            "X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel["token"],
            "X-Goog-Resource-ID": channel["resourceId"], "X-Goog-Resource-State": "update",
            "X-Goog-Message-Number": str(self.counts["sent"] + 2),
        }
        body = {"kind": "admin#directory#user", "id": person.id, "primaryEmail": person.email}
        self.counts["sent"] += 1
        try:
            status = await asyncio.wait_for(
                exchange(self.ports[daemon], "POST", "/webhooks/google-workspace", headers, body), PATIENCE_S)
        except OSError:  # a time-out too
            self.counts["unreachable"] += 1
            return False
        if status == 204:
            self.counts["accepted"] += 1
        elif status == 503:
            self.counts["refused"] += 1
        else:
            self.surprises.append(f"a notification was answered with {status}")
        return status == 204

    # What became of it

    def look_after(self, person):
        """Accepted and applied, in whichever order we learn of it: then they are idle again."""
        change = person.change
        if change and change.accepted_at and change.applied_at:
            self.applied.append(change)
            person.change = None

    async def watch(self):
        """Reads the histories as they grow."""
        line = None
        while not (self.is_over and self.is_settled()):
            try:
                line = line or RedisLine(self.redis_socket)
                for org, entries in zip(self.orgs, await asyncio.to_thread(line.ask_all, self.questions())):
                    self.read(org, entries)
            except (OSError, RedisError):  # it is dead, or reads what it had written
                line = None
            await asyncio.sleep(0.01 if line else 0.1)

    def questions(self):
        return [("XRANGE", f"teamsync:history:{org.name}", "(" + org.last_entry, "+") for org in self.orgs]

    def read(self, org, entries):
        for entry_id, fields in entries:
            entry = dict(zip(fields[::2], fields[1::2]))
            person = self.by_member[entry["member"]]
            org.last_entry = entry_id
            if person.change and person.change.entry == (entry["field"], entry["after"]):
                person.change.applied_at = person.change.applied_at or time.monotonic()
                self.look_after(person)


async def exchange(port, method, path, headers, body):
    """One request on a connection of its own; the status. OSError when there is no answer."""
    text = json.dumps(body)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write((f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{head}"
                      f"Content-Type: application/json; utf-8\r\nContent-Length: {len(text)}\r\n\r\n{text}")
                     .encode())
        answer = await reader.read()
        if not answer.startswith(b"HTTP/1.1 "):
            raise ConnectionError("no answer")
        return int(answer.split()[1])
    finally:
        writer.close()
