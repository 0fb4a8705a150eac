#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pages of whoever runs the service, in a browser: how it does, and which orgs there are."""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import make_token, tell  # noqa: E402
from stage import Stage, wait_for  # noqa: E402

MINUTE_MS = 60000
STORM = 400  # jobs, 200 minutes ago
GAP = range(300, 340)  # minutes ago


def depth_at(minutes_ago):
    """A storm that lasts half an hour, and little else."""
    storm = STORM - 26 * abs(minutes_ago - 200)
    return max(storm, minutes_ago * 7 % 11 if minutes_ago % 90 < 35 else 0)


def write_history(stage):
    """A day of samples, as daemons would have left them. Returns when the storm was at its height."""
    now = int(time.time() * 1000) // MINUTE_MS
    came = 5000
    for ago in range(1400, 0, -1):
        came += 12 + ago * 13 % 17 + (25 if 190 < ago < 212 else 0)
        if ago in GAP:
            continue
        depth = depth_at(ago)
        stage.redis_at_once("XADD", "teamsync:queue:history", (now - ago) * MINUTE_MS, "depth", depth, "delayed", 3,
                            "dead", 0, "oldest_ms", depth * 450, "enqueued", came)
    stage.redis("XGROUP", "CREATE", "teamsync:jobs", "workers", "0", "MKSTREAM")
    stage.redis("XSETID", "teamsync:jobs", "1-0", "ENTRIESADDED", came + 5, "MAXDELETEDID", "0-0")
    return (now - 200) * MINUTE_MS


def hold_two(stage, daemon):
    """Three of acme's members leave at once, where one may."""
    people = [user["primaryEmail"] for user in stage.control("GET", "/users?limit=12")["users"]]
    leaving = [email for email in people if not email.startswith("admin@")][:3]
    for email in leaving:
        daemon.admin("POST", "/api/v1/orgs/acme/members", {"email": email})

    def are_linked():
        items = daemon.admin("GET", "/api/v1/orgs/acme/members").json["items"]
        return all(member["sync"]["directory_user_id"] for member in items)

    wait_for(are_linked, "the members to be linked")
    for email in leaving:
        stage.control("PATCH", f"/users/{email}", {"suspended": True})
    wait_for(lambda: len(daemon.admin("GET", "/api/v1/orgs/acme/hold").json["items"]) == 2, "two to be held")


def make_failing(stage, daemon, org):
    """Its directory refuses us from now on."""
    stage.redis("HSET", f"teamsync:connection:{org}", "state", "failing", "refused", "The key is not good any more.")


def keep_redis(stage, redis, wanted):
    """Redis comes back when the story asks for it. (It would not outlive the thread that starts it.)"""
    redis.wait()
    wait_for(wanted.exists, "the story to want Redis back", 60)
    stage.start_redis().wait()


with Stage() as stage:
    redis = stage.start_redis()
    storm_at = write_history(stage)
    stage.start_sandbox("--people", "12")
    daemon = stage.start_daemon(sync={"guard_min": 1, "guard_percent": 1, "reread_after_s": [1]})
    stage.connect_org(daemon)
    hold_two(stage, daemon)
    stage.connect_org(daemon, "zeta", "Zeta Works")
    make_failing(stage, daemon, "zeta")
    for number in range(60):
        daemon.admin("POST", "/api/v1/orgs", {"id": f"branch-{number}", "name": f"Branch {number:02}"})
    stage.rest()
    wanted = stage.folder / "redis.wanted"
    keeper = threading.Thread(target=keep_redis, args=(stage, redis, wanted), daemon=True)
    keeper.start()
    more = {"everywhere": make_token(daemon, "Eva Everywhere", ["members:read"], org="*")}
    tell(stage, daemon, "operations", storm_at=storm_at, more=more,
         redis={"socket": stage.redis_socket, "pid": redis.pid, "wanted": str(wanted)})
