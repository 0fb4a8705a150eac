#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Google's own Node client (npm @googleapis/admin) works against the sandbox. Without an npm registry
# the test is skipped, and says so.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
sandbox_pid=
trap '[[ -n $sandbox_pid ]] && kill "$sandbox_pid" 2>/dev/null; rm -rf "$work"' EXIT

cp "$here"/google_client/* "$work"
cd "$work"
if ! npm ci --no-audit --no-fund --loglevel=error >npm.log 2>&1; then
    echo "skipped: npm cannot install the client here:"
    tail -n 5 npm.log
    exit 77
fi

mkfifo ready
"$TS_BIN/teamsync-sandbox" --people 60 --write-key key.json >ready &
sandbox_pid=$!
read -r line <ready
url=${line#listening on }
node client.mjs "$url" key.json
kill "$sandbox_pid"
wait "$sandbox_pid"
sandbox_pid=
