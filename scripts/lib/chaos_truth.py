# SPDX-License-Identifier: MIT
"""What must be true when the storm is over: each change whose notification was accepted stands in the
history once, in order, and in the roster; nobody else is suspended; nothing is left in the queue; and no
resync has mended what a notification should have brought."""

from redis_line import RedisLine

LOG_LINES_MAX = 40


class Truth:
    def __init__(self, stage, load):
        self.stage, self.load = stage, load
        self.lost = self.doubled = 0
        self.wrong = []  # sentences

    def admin(self, path):
        reply = self.stage.daemons[0].admin("GET", "/api/v1" + path)
        assert reply.status == 200, f"{path}: {reply}"
        return reply.json["items"]

    def ask(self, *words):
        with RedisLine(self.stage.redis_socket) as line:
            return line.ask(*words)

    def check(self, first_entries, first_runs):
        for org in self.load.orgs:
            self.check_histories(org, first_entries[org.name])
            self.check_roster(org)
            self.check_runs(org, first_runs[org.name])
        self.check_queue()
        self.wrong += self.load.surprises
        return self.wrong

    def check_histories(self, org, first_entry):
        found = {person.member_id: [] for person in org.people}
        for _, fields in self.ask("XRANGE", f"teamsync:history:{org.name}", "(" + first_entry, "+"):
            entry = dict(zip(fields[::2], fields[1::2]))
            found[entry["member"]].append((entry["field"], entry["after"]))
        for person in org.people:
            self.check_history(person, [change.entry for change in person.changes], found[person.member_id])

    def check_history(self, person, expected, found):
        if expected == found:
            return
        rest = list(found)
        lost = [entry for entry in expected if entry not in rest or rest.remove(entry)]
        self.lost += len(lost)
        self.doubled += len(rest)
        self.complain(person, f"lost {lost}, too much {rest}" if lost or rest
                      else f"another order: expected {expected}, found {found}")

    def check_roster(self, org):
        members = {member["id"]: member for member in self.admin(f"/orgs/{org.name}/members?limit=500")}
        assert len(members) == len(org.people)
        for person in org.people:
            member = members[person.member_id]
            found = (member["team"], member["manager"] and member["manager"]["email"], member["status"])
            expected = (person.department, person.manager, "suspended" if person.is_suspended else "active")
            if found != expected:
                self.complain(person, f"expected {expected}, the roster says {found}")

    def check_runs(self, org, known):
        for run in self.admin(f"/orgs/{org.name}/resyncs"):
            if run["id"] not in known:
                self.wrong.append(f"a resync nobody asked for: {run}")

    def check_queue(self):
        depth = self.ask("XLEN", "teamsync:jobs")
        if depth > 0:
            self.wrong.append(f"{depth} jobs are left in the queue")
        for letter in self.ask("XRANGE", "teamsync:jobs:dead", "-", "+"):
            self.wrong.append(f"a dead letter: {letter}")

    def complain(self, person, what):
        """With what the daemons logged about them."""
        lines = [line for log in sorted(self.stage.folder.glob("daemon-*.log"))
                 for line in log.read_text().splitlines() if person.id in line]
        self.wrong.append("\n  ".join([f"{person.email} ({person.id}): {what}", *sorted(lines)[-LOG_LINES_MAX:]]))
