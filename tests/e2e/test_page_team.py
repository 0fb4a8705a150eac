#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Team page, in a browser: who is in it, how it is searched, and how it follows what happens."""
import concurrent.futures
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage, wait_for  # noqa: E402

PEOPLE = 25
CROWD = 2000
AT_ONCE = 16


def must(reply, status=201):
    assert reply.status == status, reply
    return reply.json


def add_people(stage, daemon):
    """Everybody of the directory but the last three, who are there to be added later; and one whom it does not know."""
    users = stage.control("GET", "/users?limit=100")["users"]
    for user in users[:-3]:
        must(daemon.admin("POST", "/api/v1/orgs/acme/members", {
            "email": user["primaryEmail"], "name": user["name"]["fullName"], "status": "active"}))
    must(daemon.admin("POST", "/api/v1/orgs/acme/members", {"email": "guest@elsewhere.example", "name": "Zoë Guest"}))

    def are_synced():
        members = daemon.admin("GET", "/api/v1/orgs/acme/members?limit=100&sync=synced").json["items"]
        return len(members) >= PEOPLE - 6 and any(member["manager"] for member in members)

    wait_for(are_synced, "the team to be in step")
    stage.rest()
    return [user["primaryEmail"] for user in users]


def add_crowd(daemon):
    """An org without a directory, with many members: some of each team, and none like another."""
    must(daemon.admin("POST", "/api/v1/orgs", {"id": "crowd", "name": "Crowd"}))

    def add(number):
        must(daemon.admin("POST", "/api/v1/orgs/crowd/members", {
            "email": f"p{number:04}@crowd.example", "name": f"Person {number:04}", "team": f"Team {number % 8:02}",
            "status": "active" if number % 10 else "invited"}))

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(add, range(CROWD)))
    must(daemon.admin("POST", "/api/v1/orgs", {"id": "empty", "name": "Empty"}))


with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", PEOPLE)
    daemon = stage.start_daemon()
    stage.connect_org(daemon)
    people = add_people(stage, daemon)
    add_crowd(daemon)
    tell(stage, daemon, "team", people=people, crowd=CROWD)
