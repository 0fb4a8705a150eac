#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""teamsync, the operator's command line: an org's whole life with a real daemon and directory, as scripts
and as people at a terminal live it; then its manners, with an API that answers what it is told."""
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [os.path.join(os.path.dirname(__file__), folder) for folder in ("../../scripts/lib", "../support")]
from command_line import PROGRAM, CommandLine, at_terminal  # noqa: E402
from fake_api import Broken, FakeApi  # noqa: E402
from stage import Stage, tell, wait_for  # noqa: E402

ORG = "/api/v1/orgs/acme"
ESCAPE = "\x1b["


# --- with a daemon ---

def an_org_is_made_and_set(cli, stage):
    assert cli.run("help").out == cli.run("--help").out and "Commands" in cli.run("help").out.title()
    assert cli.run("help", "resync").out == cli.run("resync", "--help").out
    assert cli.run("help", "hold").out == cli.run("hold", "--help").out
    assert "no orgs" in cli.run("org", "list").err
    assert "Acme 東京" in cli.run("org", "create", "acme", "--name", "Acme 東京").out
    assert "exists" in cli.run("org", "create", "acme", code=1).err
    org = json.loads(cli.run("org", "set", "acme", "--clear-missing", "yes", "--json").out)
    assert org["sync"] == {"team_from": "department", "clear_missing": True}, org
    assert [o["id"] for o in json.loads(cli.run("org", "list", "--json").out)["items"]] == ["acme"]
    refused = cli.run("org", "show", "nobody", code=1)
    assert refused.err == "teamsync: there is no such org\n  teamsync org list shows what there is\n", refused
    assert "not connected: teamsync connect acme" in cli.run("status").out


def it_is_connected(cli, stage):
    key = stage.key_file.read_text()
    refused = cli.run("connect", "acme", "--key", stage.key_file, "--subject", "nobody@acme.example", code=1)
    assert "not an account of this Workspace" in refused.err, refused
    assert "no key file" in cli.run("connect", "acme", "--key", "-", "--subject", "a@b.c", stdin="[]", code=1).err
    for file, why in (("/nope", "No such file"), ("/", "Is a directory"), ("/dev/zero", "too large")):
        assert why in cli.run("connect", "acme", "--key", file, "--subject", "a@b.c", code=1).err
    cli.run("connect", "acme", code=2)
    cli.run("connect", "acme", "--key", "x", "--consent", code=2)
    done = cli.run("connect", "acme", "--key", "-", "--subject", "admin@acme.example", stdin=key)
    assert "connected" in done.out and "private" not in done.out, done
    assert json.loads(cli.run("connect", "acme", "--show", "--json").out)["suspends"] is True
    assert "auto-sync is off: teamsync enable acme" in cli.run("status").out


def members_are_added(cli, stage):
    for email in stage.people:
        cli.run("member", "add", "acme", email, "--name", email.split("@")[0].title(), "--status", "active", "--team", "Ours")
    assert "a member's already" in cli.run("member", "add", "acme", stage.people[0], code=1).err
    boss = json.loads(cli.run("member", "show", "acme", stage.people[0], "--json").out)
    own = cli.run("member", "add", "acme", "x@other.example", "--manager", stage.people[0], "--protected", "--json")
    own = json.loads(own.out)
    assert own["manager"]["id"] == boss["id"] and own["protected"] is True, own


def auto_sync_is_enabled_after_a_look(cli, stage):
    done = cli.run("enable", "acme", code=2)
    assert "--yes" in done.err and done.out == "", done
    shown = cli.terminal("enable", "acme", say=[("[y/N]", "n\n")], code=1).out
    assert "Ours → " in shown and "overwritten by the directory" in shown and "nothing was done" in shown, shown
    assert json.loads(cli.run("connect", "acme", "--show", "--json").out)["state"] == "connected"
    figures = json.loads(cli.run("preview", "acme", "--json").out)["figures"]
    assert figures["changed"] == len(stage.people), figures
    assert "active" in cli.terminal("enable", "acme", say=[("[y/N]", "y\n")]).out
    wait_for(lambda: stage.control("GET", "/channels")["channels"], "a notification channel")
    stage.rest()


def members_are_listed_and_searched(cli, stage):
    whole = cli.run("members", "acme", "--all").out.splitlines()
    assert whole[0].split()[:4] == ["EMAIL", "NAME", "STATUS", "SYNC"] and len(whole) == len(stage.people) + 2
    some = cli.run("members", "acme", "--limit", 3)
    assert len(some.out.splitlines()) == 4 and "(3 shown; for more" in some.err, some
    found = json.loads(cli.run("members", "acme", "--search", stage.people[4].upper(), "--json").out)
    assert [m["email"] for m in found["items"]] == [stage.people[4]], found
    assert json.loads(cli.run("members", "acme", "--sync", "unmatched", "--json").out)["items"][0]["email"] == "x@other.example"
    assert "no such members" in cli.run("members", "acme", "--status", "suspended").err
    sorted_ones = [json.loads(cli.run("members", "acme", "--all", "--sort", "email", "--order", order, "--json").out)["items"]
                   for order in ("asc", "desc")]
    assert [m["email"] for m in sorted_ones[0]] == sorted(m["email"] for m in sorted_ones[1]), sorted_ones
    assert sorted_ones[0] == sorted_ones[1][::-1]
    several = json.loads(cli.run("member", "show", "acme", *stage.people[:2], "--json").out)
    assert [m["email"] for m in several] == stage.people[:2]
    partly = cli.run("member", "show", "acme", "nobody@acme.example", stage.people[0], code=1)
    assert stage.people[0] in partly.out and "no member nobody@acme.example" in partly.err, partly
    assert "team" in cli.run("member", "history", "acme", stage.people[0]).out


def each_deed_is_a_line_of_the_log(cli, stage):
    cli.run("member", "protect", "acme", stage.people[0])
    done = [line for line in stage.daemons[0].log.read_text().splitlines() if 'msg="request done"' in line]
    assert "method=PATCH" in done[-1] and "/members/m_" in done[-1] and 'by="admin socket"' in done[-1], done[-1]
    assert not any("method=GET" in line for line in done)
    cli.run("member", "unprotect", "acme", stage.people[0])


def a_resync_is_followed_to_its_end(cli, stage):
    assert "queued" in cli.run("resync", "acme").out
    stage.rest()
    run = json.loads(cli.run("resync", "acme", "--wait", "--json").out)
    assert (run["state"], run["mode"]) == ("done", "apply"), run
    run = json.loads(cli.run("resync", "acme", "--preview", "--wait", "--json").out)
    assert (run["state"], run["mode"]) == ("done", "preview"), run
    stage.control("PATCH", "/settings", {"latency_ms": 300})
    shown = cli.terminal("resync", "acme", "--wait").out
    stage.control("PATCH", "/settings", {"latency_ms": 0})
    assert " of 41 users" in shown and "\r" in shown and "done" in shown, shown
    assert len(json.loads(cli.run("resyncs", "acme", "--json").out)["items"]) >= 4
    stage.control("POST", "/faults", {"on": "users.list", "kind": "missing_users"})
    assert "failed" in cli.run("resync", "acme", "--wait", code=1).out
    stage.control("DELETE", "/faults")
    stage.hurry()
    stage.rest()


def what_changes_is_followed(cli, stage):
    process = subprocess.Popen([PROGRAM, "history", "acme", "--follow", "--limit", "2"], env=cli.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert [process.stdout.readline().split()[0] for _ in range(2)][0] == "AT" and process.stdout.readline()
    for department in ("Followed", "Followed-too"):
        stage.control("PATCH", f"/users/{stage.people[3]}", {"department": department})
        words = process.stdout.readline().split()
        assert stage.people[3] in words and department in words, words
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "") and process.returncode == -signal.SIGINT
    as_json = subprocess.Popen([PROGRAM, "history", "acme", "-f", "--json"], env=cli.environment, stdout=subprocess.PIPE, text=True)
    last = [json.loads(as_json.stdout.readline())["after"] for _ in range(10)]
    assert last[-2:] == ["Followed", "Followed-too"], last
    as_json.kill()
    as_json.communicate()
    cli.run("history", "nobody", "--follow", code=1)


def what_is_held_is_decided_by_a_person(cli, stage):
    stage.control("POST", "/faults", {"on": "notification", "kind": "drop"})
    for email in stage.people[10:20]:
        stage.control("POST", f"/users/{email}/suspend")
    done = cli.run("resync", "acme", "--wait", code=3)
    assert "teamsync hold show acme" in done.err, done
    stage.rest()
    hold = json.loads(cli.run("hold", "show", "acme", "--json").out)
    assert len(hold["items"]) == 5, hold
    assert hold["items"][0]["email"] in cli.run("hold", "show", "acme").out
    assert "5 suspensions wait" in cli.run("status", "acme").out
    assert "holds is 1" in cli.run("health", code=1).out
    assert "DIGEST" in cli.run("hold", "approve", "acme", code=2).err
    cli.run("hold", "approve", "acme", "0" * 40, code=1)
    shown = cli.terminal("hold", "approve", "acme", say=[("[y/N]", "\n")], code=1).out
    assert hold["items"][0]["email"] in shown and "nothing was done" in shown, shown
    assert "approved, for 5 members" in cli.run("hold", "approve", "acme", hold["digest"]).out
    stage.rest()
    assert "nothing is held" in cli.run("hold", "show", "acme").out
    assert len(json.loads(cli.run("members", "acme", "--status", "suspended", "--json").out)["items"]) == 10
    run = [r for r in json.loads(cli.run("resyncs", "acme", "--json").out)["items"] if r["suspended"]][0]
    cli.run("undo", "acme", run["id"], code=2)
    assert "suspensions were lifted" in cli.run("undo", "acme", run["id"], "-y").out
    for email in stage.people[20:22]:
        stage.control("POST", f"/users/{email}/suspend")
    cli.run("resync", "acme", "--wait", code=3)
    stage.rest()
    assert "rejected, for 2" in cli.terminal("hold", "reject", "acme", say=[("[y/N]", "yes\n")]).out
    stage.control("DELETE", "/faults")


def jobs_that_died_are_looked_at(cli, stage):
    assert "no job was given up" in cli.run("dead", "list").err
    for user in ("one@acme.example", "two@acme.example"):
        stage.redis("XADD", "teamsync:jobs", "*", "type", "user", "org", "nowhere", "user", user)
    letters = wait_for(lambda: (x := json.loads(cli.run("dead", "list", "--json").out)["items"]) and len(x) == 2 and x,
                       "two dead letters")
    assert "jobs were given up: teamsync dead list" in cli.run("status").out
    assert "nowhere" in cli.run("dead", "list").out
    assert letters[1]["reason"] in cli.run("dead", "show", letters[1]["id"]).out
    assert "no dead letter 1-1" in cli.run("dead", "show", "1-1", code=1).err
    assert "queued anew" in cli.run("dead", "retry", letters[0]["id"]).out
    cli.run("dead", "retry", code=2)
    wait_for(lambda: json.loads(cli.run("queue", "--json").out)["dead"] == 2, "it to die again")
    assert cli.run("dead", "retry", "--all").out.count("queued anew") == 2
    wait_for(lambda: json.loads(cli.run("queue", "--json").out)["dead"] == 2, "both to die again")
    ids = [x["id"] for x in json.loads(cli.run("dead", "list", "--json").out)["items"]]
    assert cli.run("health", code=1).out.startswith("WARNING - dead is 2; ")
    assert cli.run("health", "--max-dead", 1, code=2).out.startswith("CRITICAL - dead is 2; ")
    partly = cli.run("dead", "drop", ids[0], "9-9", ids[1], code=1)
    assert partly.out.count("dropped") == 2, partly
    assert json.loads(cli.run("queue", "--json").out)["dead"] == 0
    assert "given up:           0" in cli.run("queue").out


def health_is_told_to_monitoring(cli, stage):
    line = cli.run("health", "--max-depth", 100, "--max-age", "5m", "--max-dead", 3).out
    assert line.startswith("OK - depth=") and " | depth=" in line and ";50;100 " in line and ";150;300 " in line, line
    assert " dead=0;0;3 " in line and line.count("\n") == 1, line
    assert json.loads(cli.run("health", "--json").out)["health"] == "OK"
    cli.run("health", "--max-age", "soon", code=3)
    assert "cannot be reached" in cli.run("health", code=2, TEAMSYNC_SOCKET="/nope").out


def a_token_opens_the_door_over_tcp(cli, stage):
    def give(secret, org, permissions):
        digest = hashlib.sha256(secret.encode()).hexdigest()
        stage.redis("HSET", f"teamsync:token:{digest}", "org", org, "permissions", permissions, "name", "Grace")

    give("ts_all", "*", "members:read,members:manage,integrations:manage,operate")
    give("ts_acme", "acme", "members:read")
    url = f"http://{stage.daemons[0].address}"
    file = stage.folder / "token"
    file.write_text("ts_all\n")
    assert "acme" in cli.run("org", "list", "--url", url, "--token-file", file).out
    assert "acme" in cli.run("org", "list", TEAMSYNC_URL=url, TEAMSYNC_TOKEN="ts_all").out
    refused = cli.run("org", "list", "--url", url, code=1)
    assert "TEAMSYNC_TOKEN" in refused.err, refused
    refused = cli.run("org", "list", "--url", url, TEAMSYNC_TOKEN="ts_acme", code=1)
    assert "does not permit" in refused.err and "token list" in refused.err, refused
    limited = json.loads(cli.run("status", "--json", TEAMSYNC_URL=url, TEAMSYNC_TOKEN="ts_acme", TEAMSYNC_ORG="acme").out)
    assert limited["queue"] is None and limited["orgs"][0]["org"] == "acme", limited
    assert "cannot be read" in cli.run("org", "list", "--url", url, "--token-file", "/nope", code=2).err
    assert "use https" in cli.run("org", "list", "--url", "http://192.0.2.1", code=2).err
    assert cli.run("health", "--url", url, code=3).out.startswith("UNKNOWN"), "orgs are not for everybody"
    assert cli.run("health", "--url", url, TEAMSYNC_TOKEN="ts_all").out.startswith("OK")
    assert stage.daemons[0].request("GET", "/healthz").json == {"alive": True}, "nor is the version"


def colours_are_for_terminals(cli, stage):
    stage.control("POST", "/faults", {"on": "users.list", "kind": "status", "status": 403,
                                      "reason": "insufficientPermissions"})
    cli.run("resync", "acme", "--wait", code=1)
    assert "failing is 1" in cli.run("health", code=1).out
    assert "\x1b[31m! acme: failing: " in cli.terminal("status", columns=200).out
    for words, environment in ((["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})):
        assert ESCAPE not in cli.terminal("status", *words, **environment).out
    plain = cli.run("status").out
    assert "! acme: failing: " in plain and ESCAPE not in plain
    lines = cli.terminal("members", "acme", "--all", "--no-color", columns=40).out.splitlines()
    assert all(len(line) <= 40 for line in lines) and lines[1].endswith("…"), lines[:3]
    status = json.loads(cli.run("status", "--json").out)
    assert status["version"] and status["orgs"][0]["members"]["active"] > 20, status
    stage.control("DELETE", "/faults")
    cli.run("resync", "acme", "--wait")


def a_daemon_that_is_away_is_said_to_be(cli, stage):
    assert stage.daemons[0].stop() == 0
    refused = cli.run("status", code=1)
    assert "cannot be reached: No such file" in refused.err and "is teamsyncd running?" in refused.err, refused
    cli.run("health", code=2)


def with_a_daemon():
    with Stage() as stage:
        stage.start_redis()
        stage.start_sandbox("--people", "40")
        daemon = stage.start_daemon(sync={"reread_after_s": [], "resync_interval_s": 3600})
        people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
        stage.people = [email for email in people if not email.startswith("admin@")][:30]
        cli = CommandLine(daemon.admin_socket)
        tell((an_org_is_made_and_set, it_is_connected, members_are_added, auto_sync_is_enabled_after_a_look,
              members_are_listed_and_searched, each_deed_is_a_line_of_the_log, what_changes_is_followed, a_resync_is_followed_to_its_end, what_is_held_is_decided_by_a_person,
              jobs_that_died_are_looked_at, health_is_told_to_monitoring, a_token_opens_the_door_over_tcp,
              colours_are_for_terminals, a_daemon_that_is_away_is_said_to_be), cli, stage)


# --- with an API that answers what it is told ---

def member(number, **more):
    return {"id": f"m_{number}", "email": f"m{number}@acme.example", "name": f"Member {number}", "role": "member",
            "status": "active", "team": "Sales", "sync": {"state": "synced", "fields": {}}, "protected": False, **more}


class Team:
    """So many members, made when they are asked for."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, part):
        return [member(number) for number in range(*part.indices(self.count))]


def asked(api, method):
    return [(path, body) for verb, path, body in api.asked if verb == method]


def no_text_of_others_steers_a_terminal(cli, api):
    evil = member(1, name="\x1b]0;owned\x07\x9b31mEve\u202e", team="a\nb")
    api.answers[f"GET {ORG}/members"] = api.list_of([evil])
    api.answers[f"GET {ORG}/members/m_1"] = evil
    api.answers[f"POST {ORG}/members/m_1/suspend"] = (409, {"detail": "no\x1b[2J, \x9b really", "mend": "go\x1b away"})
    for done in (cli.run("members", "acme"), cli.run("member", "show", "acme", "m_1"),
                 cli.run("member", "show", "acme", "m_1", "--json"), cli.run("members", "acme", "--json"),
                 cli.run("member", "suspend", "acme", "m_1", code=1),
                 cli.terminal("member", "show", "acme", "m_1", "--no-color")):
        assert not set(done.out + done.err) & {"\x1b", "\x9b", "\x07", "\u202e"}, repr(done.out + done.err)
    assert json.loads(cli.run("member", "show", "acme", "m_1", "--json").out) == evil, "JSON means the same"


def lists_come_page_by_page(cli, api):
    api.answers[f"GET {ORG}/members"] = api.list_of([member(n) for n in range(1, 1202)])
    api.asked.clear()
    assert len(cli.run("members", "acme", "--all").out.splitlines()) == 1202
    assert [path.split("?")[1] for path, _ in asked(api, "GET")] == [
        "limit=500", "limit=500&cursor=500", "limit=500&cursor=1000"]
    api.asked.clear()
    page = json.loads(cli.run("members", "acme", "--limit", "510", "--json").out)
    assert len(page["items"]) == 510 and page["next_cursor"] == "510", page["next_cursor"]
    assert [path.split("?")[1] for path, _ in asked(api, "GET")] == ["limit=500", "limit=10&cursor=500"]
    assert len(cli.run("members", "acme").out.splitlines()) == 101
    api.asked.clear()
    shown = cli.terminal("members", "acme", "--search", "member 12", "--team", "R&D", "--limit", 5, columns=200).out.splitlines()
    assert len(shown) == 7 and "for more" in shown[-1], shown
    assert asked(api, "GET")[-1][0].endswith("/members?team=R%26D&q=member%2012&limit=5"), api.asked
    cli.run("members", "acme", "--sort", "team", "--order", "desc", "--limit", 5)
    assert asked(api, "GET")[-1][0].endswith("/members?sort=team&order=desc&limit=5"), api.asked
    assert "--sort is one of name|email|team|created" in cli.run("members", "acme", "--sort", "role", code=2).err


def a_list_of_any_length_takes_the_same_memory(cli, api):
    def peak_kib(count):
        api.answers[f"GET {ORG}/members"] = api.list_of(Team(count))
        environment = {**cli.environment, "ASAN_OPTIONS": "quarantine_size_mb=1:detect_leaks=0"}
        process = subprocess.Popen([PROGRAM, "members", "acme", "--all"], env=environment, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_maxrss

    small, large = peak_kib(2000), peak_kib(100000)
    assert large < small + 8192, (small, large)
    print(f"  {small} KiB for 2,000 members, {large} KiB for 100,000")


def a_reader_that_leaves_is_no_trouble(cli, api):
    api.answers[f"GET {ORG}/members"] = api.list_of(Team(20000))
    api.answers[f"GET {ORG}/history/export"] = "x" * 5_000_000
    for words in (["members", "acme", "--all"], ["history", "acme", "--export", "csv"]):
        process = subprocess.Popen([PROGRAM, *words], env=cli.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
        process.wait(60)
        process.stderr.close()
        assert said == b"" and process.returncode != 0, (words, said, process.returncode)
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "members", "acme", "--all"], env=cli.environment, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "No space left" in done.stderr, done


def answers_that_are_none(cli, api):
    api.answers["GET /api/v1/queue"] = (503, {"detail": "Redis does not answer"}, {"Retry-After": "7"})
    assert cli.run("queue", code=1).err == "teamsync: Redis does not answer\n  try again in 7 s\n"
    api.answers["GET /api/v1/queue"] = (502, "<html>Bad gateway</html>")
    assert "answered 502" in cli.run("queue", code=1).err
    api.answers["GET /api/v1/queue"] = "<html>hello</html>"
    assert "not JSON" in cli.run("queue", code=1).err
    api.answers["GET /api/v1/queue"] = Broken('{"depth":')
    assert "broke off" in cli.run("queue", code=1).err
    for odd in ({}, {"items": 7}, {"items": [7, None, "x", {"id": 5}]}, {"items": [], "next_cursor": 9}):
        api.answers["GET /api/v1/dead-letters"] = odd
        done = cli.run("dead", "list", code=0 if isinstance(odd.get("items"), list) else 1)
        assert done.code == 0 or "no list" in done.err, done
    api.answers.update({"GET /readyz": {"ready": True}, "GET /metrics": "up 1\n", "GET /api/v1/orgs": api.list_of([])})
    assert "UNKNOWN" in cli.run("health", code=3).out, "another service is fine, perhaps; but this one?"
    api.answers["GET /api/v1/dead-letters"] = {"items": [{"id": "5-0"}], "next_cursor": "5-0"}
    assert "in a circle" in cli.run("dead", "list", "--all", code=1).err
    api.answers[f"GET {ORG}/connection/preview"] = {"items": {}, "figures": []}
    api.answers[f"GET {ORG}/hold"] = {"open": True, "items": None}
    cli.run("preview", "acme")
    cli.run("hold", "show", "acme")
    api.answers[f"GET {ORG}/members"] = api.list_of([member(1)])  # of a daemon that knows no ?email=
    assert "no member ada" in cli.run("member", "show", "acme", "ada@acme.example", code=1).err
    assert "older version" in cli.run("key", "rotate", code=1).err


def a_connection_says_how_to_mend_it(cli, api):
    api.answers[f"PUT {ORG}/connection"] = (422, {
        "detail": "the delegation is missing", "code": "delegation_missing",
        "mend": "In the Admin console: Security, API controls, Domain-wide delegation."})
    connect = ["connect", "acme", "--key", "-", "--subject", "admin@acme.example"]
    other = cli.run(*connect, stdin='{"installed":{}}', code=1)
    assert "not the key file of a service account" in other.err and asked(api, "PUT") == [], other
    refused = cli.run(*connect, stdin='{"type":"service_account"}', code=1)
    assert refused.err == ("teamsync: the delegation is missing\n"
                           "  In the Admin console: Security, API controls, Domain-wide delegation.\n"), refused
    assert asked(api, "PUT")[-1][1]["credentials"] == {"type": "service_account", "subject": "admin@acme.example",
                                                        "key": {"type": "service_account"}}
    looks = []

    def connection(*_):
        looks.append(1)
        return {"state": "active" if len(looks) > 1 else "disconnected", "connected_at": "2026-11-24T18:00:00.000Z"
                if len(looks) > 2 else None, "notice": "no admin: nobody is suspended", "channels": []}

    api.answers[f"GET {ORG}/connection"] = connection
    api.answers[f"GET {ORG}/connection/authorize"] = {"url": "https://accounts.example/x?y=z", "expires_at": None}
    done = cli.run("connect", "acme", "--consent", "--subject", "admin@acme.example")
    assert done.out.startswith("https://accounts.example/x?y=z\n") and "nobody is suspended" in done.out, done
    assert len(looks) == 3 and f"{ORG}/connection/authorize?subject=admin%40acme.example" in [p for p, _ in asked(api, "GET")]
    looks.clear()
    assert json.loads(cli.run("connect", "acme", "--consent", "--no-wait", "--json").out)["url"]
    api.answers[f"GET {ORG}/connection"] = {"state": "disconnected", "connected_at": None}
    api.answers[f"GET {ORG}/connection/authorize"] = {"url": "https://x", "expires_at": "2020-01-01T00:00:00Z"}
    assert "nobody has agreed" in cli.run("connect", "acme", "--consent", code=1).err
    api.answers[f"DELETE {ORG}/connection"] = (204, None)
    assert "terminal" in cli.run("disconnect", "acme", code=2).err
    assert "is disconnected" in cli.run("disconnect", "acme", "--yes").out


def members_are_changed(cli, api):
    people = {"ada@acme.example": member(1, email="ada@acme.example"), "grace@acme.example": member(2, email="grace@acme.example")}
    api.answers[f"GET {ORG}/members"] = lambda query, _: {
        "items": [m for e, m in people.items() if e == query["email"]], "next_cursor": None}
    api.answers[f"PATCH {ORG}/members/m_1"] = {**people["ada@acme.example"], "warnings": ["the directory will overwrite team"]}
    api.answers[f"PATCH {ORG}/members/m_2"] = people["grace@acme.example"]
    done = cli.run("member", "edit", "acme", "ada@acme.example", "--team", "", "--manager", "grace@acme.example", "--role", "admin")
    assert asked(api, "PATCH")[-1] == (f"{ORG}/members/m_1", {"role": "admin", "team": None, "manager_id": "m_2"})
    assert "changed" in done.out and "will overwrite" in done.err, done
    cli.run("member", "edit", "acme", "m_1", "--manager", "", "--name", "Ada")
    assert asked(api, "PATCH")[-1][1] == {"name": "Ada", "manager_id": None}
    cli.run("member", "edit", "acme", "m_1", code=2)
    cli.run("member", "edit", "acme", "m_1", "--manager", "nobody@acme.example", code=1)
    cli.run("member", "protect", "acme", "m_1", "grace@acme.example")
    assert [body for _, body in asked(api, "PATCH")[-2:]] == [{"protected": True}] * 2
    cli.run("member", "unprotect", "acme", "m_1")
    assert asked(api, "PATCH")[-1][1] == {"protected": False}
    for verb in ("suspend", "unsuspend"):
        api.answers[f"POST {ORG}/members/m_1/{verb}"] = people["ada@acme.example"]
        assert json.loads(cli.run("member", verb, "acme", "m_1", "--json").out)["id"] == "m_1"
    api.answers[f"DELETE {ORG}/members/m_1"] = (204, None)
    cli.run("member", "delete", "acme", "m_1", code=2)
    assert "Delete ada@acme.example from acme?" in cli.terminal("member", "delete", "acme", "ada@acme.example",
                                                                 say=[("[y/N]", "y\n")]).out
    partly = cli.run("member", "delete", "acme", "m_1", "m_9", "-y", code=1)
    assert partly.out == "m_1: deleted\n", partly
    api.answers[f"POST {ORG}/members/m_1/sync"] = {"member": people["ada@acme.example"], "steps": [
        {"step": "connected", "ok": True, "text": "acme is connected"},
        {"step": "read", "ok": False, "text": "the directory does not know ada"}]}
    assert cli.run("member", "sync", "acme", "m_1").out == (
        "m_1\n  ✓ acme is connected\n  ✗ the directory does not know ada\n")


def people_are_invited(cli, api):
    people = [{"id": str(100 + n), "email": f"p{n}@acme.example", "name": f"P {n}", "suspended": False, "member": None}
              for n in range(150)]
    api.answers[f"GET {ORG}/directory-users"] = lambda query, body: api.list_of(
        [p for p in people if query.get("q", "") in p["email"]])(query, body)
    api.answers[f"POST {ORG}/invitations"] = lambda _, body: {"items": [
        {"directory_user_id": i, "status": "failed" if i == "249" else "invited", "detail": None, "member": None}
        for i in body["directory_user_ids"]]}
    assert len(cli.run("invite", "acme", "--list", "--all").out.splitlines()) == 151
    few = cli.run("invite", "acme", "--list", "--limit", 3)
    assert len(few.out.splitlines()) == 4 and "(3 shown; for more" in few.err, few
    assert asked(api, "GET")[-1][0].endswith("limit=500"), "a small page may hold nobody: few requests find them"
    assert json.loads(cli.run("invite", "acme", "--list", "--limit", 3, "--json").out)["next_cursor"] is None
    assert asked(api, "GET")[-1][0].startswith(f"{ORG}/directory-users?unmatched=true&limit=")
    cli.run("invite", "acme", code=2)
    cli.run("invite", "acme", "100", "--search", "p", code=2)
    done = cli.run("invite", "acme", "101", "p2@acme.example", "--role", "admin")
    assert asked(api, "POST")[-1][1] == {"directory_user_ids": ["101", "102"], "role": "admin"} and "invited" in done.out
    assert "nobody@acme.example is a member already, or not in the directory" in cli.run("invite", "acme", "nobody@acme.example", code=1).err
    assert "nobody is found" in cli.run("invite", "acme", "--search", "zz", "-y", code=1).err
    cli.run("invite", "acme", "--search", "p1", code=2)
    shown = cli.terminal("invite", "acme", "--search", "p14", say=[("[y/N]", "y\n")], code=1).out  # one fails
    assert "Invite these 11 to acme?" in shown, shown
    before = len(asked(api, "POST"))
    cli.run("invite", "acme", "--search", "p", "-y", "--json", code=1)
    assert [len(b["directory_user_ids"]) for _, b in asked(api, "POST")[before:]] == [100, 50]


def history_is_shown_and_exported(cli, api):
    folder = pathlib.Path(api.socket).parent
    entry = {"at": "2026-11-24T18:00:00.000Z", "member": "m_1", "email": "ada@acme.example", "field": "team",
             "before": None, "after": "Sales", "cause": "push", "job": "5-0"}
    api.answers[f"GET {ORG}/history"] = api.list_of([entry])
    api.answers[f"GET {ORG}/members"] = {"items": [member(1, email="ada@acme.example")], "next_cursor": None}
    done = cli.run("history", "acme", "--member", "ada@acme.example", "--field", "team", "--since", "2026-11-01", "--until", "1d")
    query = asked(api, "GET")[-1][0].split("?")[1]
    assert query.startswith("since=2026-11-01T00%3A00%3A00.000Z&until=20") and "&member=m_1&field=team&limit=100" in query, query
    assert done.out.splitlines()[1].split() == ["2026-11-24", "18:00:00Z", "ada@acme.example", "team", "-", "Sales", "push",
                                                "5-0"]
    cli.run("history", "acme", "--since", "yesterday", code=2)
    cli.run("history", "acme", "-o", "x", code=2)
    cli.run("history", "acme", "--follow", "--member", "ada@acme.example", code=2)
    file = folder / "history.csv"
    text = "at,member\n" + "2026,m_1\n" * 100000
    api.answers[f"GET {ORG}/history/export"] = text
    assert cli.run("history", "acme", "--export", "csv").out == text
    cli.run("history", "acme", "--export", "csv", "-o", file)
    assert file.read_text() == text and file.stat().st_mode & 0o777 == 0o666 & ~current_umask()
    assert asked(api, "GET")[-1][0] == f"{ORG}/history/export?format=csv"
    cli.run("history", "acme", "--export", "csv", "-o", "/dev/null")
    for wrong in (Broken("at,member\n2026"), (503, {"detail": "Redis does not answer"})):
        api.answers[f"GET {ORG}/history/export"] = wrong
        other = folder / "other.csv"
        cli.run("history", "acme", "--export", "csv", "-o", other, code=1)
        assert not other.exists() and len(list(folder.glob("*.csv*"))) == 1
        cli.run("history", "acme", "--export", "csv", "-o", file, code=1)
        assert file.read_text() == text, "what was whole stays"
    refused = cli.run("history", "acme", "--export", "csv", code=1)
    assert refused.out == "" and "Redis does not answer" in refused.err, "a refusal is no part of an export"
    assert "cannot be written" in cli.run("history", "acme", "--export", "csv", "-o", "/nope/x", code=1).err


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def changes_are_followed_from_one_stream_to_the_next(cli, api):
    def entry(number):
        return {"id": f"{number}-0", "at": "2026-11-24T18:00:00.000Z", "member": "m_1", "email": "ada@acme.example",
                "field": "team", "before": None, "after": f"Team {number}", "cause": "push", "job": None}

    def event(number):
        return f"event: member\nid: {number}-0\ndata: {json.dumps(entry(number))}\n\n"

    streams = iter([
        "retry: 2000\n\nevent: connection\nid: 2-0\ndata: {\"state\":\"active\"}\n\n" + event(3),
        Broken(event(4) + "event: member\nid: 5-0\ndata: {\"id\":"),
        (503, {"detail": "Redis does not answer"}),
        ":\n\nevent: reset\nid: 8-0\ndata: {}\n\n" + event(9),
        (401, {"detail": "this token is unknown, or expired"})])
    api.answers[f"GET {ORG}/history"] = {"items": [entry(2), entry(1)], "next_cursor": None}
    api.answers[f"GET {ORG}/events"] = lambda *_: next(streams)
    done = cli.run("history", "acme", "--follow", "--json", code=1)
    assert [json.loads(line)["after"] for line in done.out.splitlines()] == [f"Team {n}" for n in (1, 2, 3, 4, 9)], done
    assert "is missing: teamsync history acme" in done.err and "this token is unknown" in done.err, done
    places = [path.split("last_event_id=")[1] for path, *_ in asked(api, "GET") if "/events" in path]
    assert places == ["2-0", "3-0", "4-0", "4-0", "9-0"], places


def tokens_are_given_and_taken(cli, api):
    token = {"id": "t_1", "name": "Grace", "org": "acme", "permissions": ["members:read"], "created_by": "admin socket",
             "created_at": None, "expires_at": None, "last_used_at": None}
    api.answers["POST /api/v1/tokens"] = (201, {**token, "token": "ts_secret"})
    api.answers["DELETE /api/v1/tokens/t_1"] = (204, None)
    words = ["token", "create", "--org", "acme", "--permission", "members:read", "--permission", "operate", "--name", "Grace"]
    done = cli.run(*words, "--expires", "90d")
    assert done.out == "ts_secret\n" and "not shown again" in done.err, done
    assert asked(api, "POST")[-1][1] == {"name": "Grace", "org": "acme", "permissions": ["members:read", "operate"],
                                          "expires_in_s": 7776000}
    quiet = cli.run(*words, "-q")
    assert (quiet.out, quiet.err) == ("ts_secret\n", "") and "expires_in_s" not in asked(api, "POST")[-1][1]
    assert json.loads(cli.run(*words, "--json").out)["token"] == "ts_secret"
    cli.run(*words, "--expires", "soon", code=2)
    cli.run("token", "create", "--org", "acme", code=2)
    cli.run("token", "create", "--permission", "operate", code=2)
    cli.run("token", "create", "--org", "*", "--permission", "everything", code=2)
    api.answers["GET /api/v1/tokens"] = api.list_of([{**token, "kind": "token"}, {**token, "id": "web_1", "kind": "session"}])
    listed = cli.run("token", "list", "--org", "acme").out
    assert "members:read" in listed and re.search(r"web_1 +session ", listed), listed
    assert asked(api, "GET")[-1][0] == "/api/v1/tokens?org=acme&limit=100"
    assert cli.run("token", "revoke", "t_1").out == "t_1: revoked\n"
    link = {"url": "https://sync.example.com/#login=secret", "expires_at": "2026-11-25T10:00:00Z"}
    api.answers["POST /api/v1/login-links"] = (201, link)
    done = cli.run("login-link", "--name", "Ada")
    assert done.out == link["url"] + "\n" and "for *; it is good once, until 2026-11-25 10:00:00Z" in done.err, done
    assert asked(api, "POST")[-1][1] == {"name": "Ada", "org": "*", "permissions": [
        "members:read", "members:manage", "integrations:manage", "operate"]}
    quiet = cli.run("login-link", "--org", "acme", "-q")
    assert (quiet.out, quiet.err) == (link["url"] + "\n", ""), quiet
    assert asked(api, "POST")[-1][1]["permissions"] == ["members:read", "members:manage", "integrations:manage"]
    assert json.loads(cli.run("login-link", "--org", "acme", "--permission", "members:read", "--json").out) == link
    assert asked(api, "POST")[-1][1]["org"] == "acme" and asked(api, "POST")[-1][1]["permissions"] == ["members:read"]
    cli.run("login-link", "acme", code=2)
    cli.run("login-link", "--permission", "everything", code=2)
    api.answers["POST /api/v1/secrets/rotate"] = {"resealed": 3, "failed": 0}
    assert "3 credentials" in cli.run("key", "rotate").out
    api.answers["POST /api/v1/secrets/rotate"] = {"resealed": 2, "failed": 1}
    assert "1 credentials could not be opened" in cli.run("key", "rotate", code=1).err


def a_resync_of_another_is_not_taken_for_ours(cli, api):
    runs = [{"id": "run_1", "mode": "apply", "state": "running", "users": 10, "changed": 1, "held": 0}]
    polls = []

    def listed(*_):
        polls.append(1)
        if len(polls) == 3:
            runs[0]["state"] = "failed"  # the one that ran before
        if len(polls) == 4:
            runs.insert(0, {"id": "run_2", "mode": "preview", "state": "done", "users": 1, "changed": 0, "held": 0})
        if len(polls) == 5:
            runs.insert(0, {"id": "run_3", "mode": "apply", "state": "running", "users": 5, "changed": 0, "held": 0})
            runs.insert(0, {"id": "run_4", "mode": "apply", "state": "failed", "users": 9, "changed": 9, "held": 0})
        if len(polls) == 7:
            runs[1]["state"] = "held"
            runs[1]["error"] = "team would be lost"
        return {"items": runs, "next_cursor": None}

    api.answers[f"GET {ORG}/resyncs"] = listed
    api.answers[f"POST {ORG}/resync"] = (202, {"job": "1-0", "coalesced": False})
    api.answers[f"GET {ORG}/connection"] = {"state": "active", "directory_users": 50}
    done = cli.terminal("resync", "acme", "--wait", code=3)
    assert "it waits for its turn" in done.out and " 10 %  5 of 50 users" in done.out and "team would be lost" in done.out, done


# --- the shells ---

def what_the_daemon_knows_is_offered(ask, folder):
    with tempfile.TemporaryDirectory(prefix="teamsync-cli-") as own, FakeApi(own) as api:
        socket = {"TEAMSYNC_SOCKET": api.socket}
        api.answers["GET /api/v1/orgs"] = api.list_of([{"id": "acme"}, {"id": "beta"}])
        api.answers[f"GET {ORG}/members"] = api.list_of([
            member(1, email="ada@acme.example"), member(2, email="$(touch${IFS}evil)@acme.example")])
        assert ask("teamsync", "members", "b", **socket) == ["beta"]
        assert ask("teamsync", "--org", "a", **socket) == ["acme"]
        assert ask("teamsync", "status", "ac", **socket) == ["acme"]
        assert ask("teamsync", "member", "show", "acme", "a", **socket) == ["ada@acme.example"]
        assert "q=a&limit=50" in asked(api, "GET")[-1][0], api.asked
        assert ask("teamsync", "member", "show", "acme", "", **socket)[0] == "ada@acme.example"
        assert not (folder / "evil").exists(), "the shell does nothing for a name"
        assert ask("teamsync", "history", "acme", "--member", "ad", **socket) == ["ada@acme.example"]
        assert ask("teamsync", "members", "", TEAMSYNC_ORG="acme", **socket)[0] == "--all"
    assert ask("teamsync", "members", "b", TEAMSYNC_SOCKET="/nowhere") == []


def bash_completes_its_words(folder):
    def ask(*words, **environment):
        script = ("source <({0} completion bash); COMP_WORDS=({1}); COMP_CWORD={2}; _teamsync; "
                  "printf '%s\\n' \"${{COMPREPLY[@]}}\"").format(PROGRAM, " ".join(f"'{w}'" for w in words), len(words) - 1)
        done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, cwd=folder, check=False,
                              env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", **environment})
        assert done.returncode == 0 and done.stderr == "", (words, done)
        return done.stdout.split()

    (pathlib.Path(folder) / "key.json").write_text("{}")
    assert ask("teamsync", "mem") == ["members", "member"]
    assert set(ask("teamsync", "member", "s")) == {"show", "suspend", "sync"}
    assert ask("teamsync", "members", "acme", "--st") == ["--status"]
    assert ask("teamsync", "members", "acme", "--status", "a") == ["active"]
    assert ask("teamsync", "member", "add", "acme", "--status", "") == ["invited", "active"]
    assert ask("teamsync", "--socket", "members", "hold", "a") == ["approve"], "an option's value is no command"
    assert ask("teamsync", "connect", "acme", "--key", "ke") == ["key.json"]
    assert ask("teamsync", "completion", "z") == ["zsh"]
    assert ask("teamsync", "members", "acme", "--team", "") == []
    assert ask("teamsync", "key", "")[0] == "rotate"
    what_the_daemon_knows_is_offered(ask, pathlib.Path(folder))
    registered = subprocess.run(["bash", "-c", f"source <({PROGRAM} completion bash); complete -p teamsync"],
                                capture_output=True, text=True, check=True)
    assert registered.stdout == "complete -F _teamsync teamsync\n", registered


def zsh_completes_its_words(folder):
    """Typed at a real one: what the keys gave is what runs."""
    environment = {**os.environ, "HOME": folder, "ZDOTDIR": folder, "PS1": "ready> ", "TERM": "dumb",
                   "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    at_terminal(["zsh", "-f", "-i"], environment, columns=200, say=[
        ("> ", "source <(teamsync completion zsh); echo SOUR''CED\n"),
        ("SOURCED", "teamsync hold ap\t--help\n"),
        ("usage: teamsync hold approve", ""),
        ("the version of this program", "teamsync members acme --stat\tac\t--help\n"),
        ("usage: teamsync members", ""),
        ("the version of this program", "exit\n")])
    script = subprocess.run([PROGRAM, "completion", "zsh"], capture_output=True, text=True, check=True).stdout
    (pathlib.Path(folder) / "_teamsync").write_text(script)
    at_terminal(["zsh", "-f", "-i"], environment, columns=200, say=[
        ("> ", f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; echo LOAD''ED\n"),
        ("LOADED", "teamsync hold ap\t--help\n"),  # the first time, too
        ("usage: teamsync hold approve", "exit\n")])


def with_a_fake():
    with tempfile.TemporaryDirectory(prefix="teamsync-cli-") as folder, FakeApi(folder) as api:
        cli = CommandLine(api.socket)
        for chapter in (no_text_of_others_steers_a_terminal, lists_come_page_by_page,
                        a_list_of_any_length_takes_the_same_memory, a_reader_that_leaves_is_no_trouble,
                        answers_that_are_none, a_connection_says_how_to_mend_it, members_are_changed, people_are_invited,
                        history_is_shown_and_exported, changes_are_followed_from_one_stream_to_the_next, tokens_are_given_and_taken,
                        a_resync_of_another_is_not_taken_for_ours):
            api.answers, api.asked = {}, []
            chapter(cli, api)
            print(chapter.__name__.replace("_", " "), flush=True)
        tell((bash_completes_its_words, zsh_completes_its_words), folder)


if __name__ == "__main__":
    began = time.monotonic()
    with_a_fake()
    with_a_daemon()
    print(f"in {time.monotonic() - began:.0f} s")
