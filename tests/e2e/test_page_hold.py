#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What waits for a person is looked at and decided on in a browser: exactly what is seen, by two at once, by
keyboard; and a list of a thousand beside a field that would be emptied."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts/lib"))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import tell  # noqa: E402
from stage import Stage  # noqa: E402

ORG = "/api/v1/orgs/acme"
MANY = """
    for i = 1, 1000 do
        local id = string.format('m_%04d', i)
        redis.call('HSET', ARGV[1] .. 'member:acme:' .. id, 'id', id, 'email', 'person' .. i .. '@acme.example',
            'name', 'Person Nº ' .. i, 'status', 'active', 'role', 'member', 'sync_state', 'held', 'version', 1)
        redis.call('HSET', ARGV[1] .. 'hold:acme', 'member:' .. id,
            '{"reason":"deleted","since_us":"1764000000000000"}', 'opened_us', '1764000000000000')
    end
    redis.call('HSET', ARGV[1] .. 'hold:acme', 'loss', '{"field":"team","members":"8","linked":"40","digest":"d"}')
    redis.call('PEXPIRE', ARGV[1] .. 'hold:acme', 86400000)"""

with Stage() as stage:
    stage.start_redis()
    stage.start_sandbox("--people", "30")
    daemon = stage.start_daemon(sync={"reread_after_s": [], "resync_interval_s": 3600, "guard_min": 2})
    stage.connect_org(daemon)
    people = [p["primaryEmail"] for p in stage.control("GET", "/users?limit=100")["users"]]
    for email in people:
        name = email.split("@")[0].replace(".", " ").title()
        made = daemon.admin("POST", ORG + "/members", {"email": email, "name": name, "status": "active"})
        assert made.status == 201, made
    stage.rest()
    assert daemon.admin("POST", ORG + "/resync", {"mode": "apply"}).status == 202
    stage.rest()
    tell(stage, daemon, "hold", people=[email for email in people if not email.startswith("admin@")])
    stage.redis("EVAL", MANY, 0, stage.prefix)
    tell(stage, daemon, "hold_many")
