# SPDX-License-Identifier: MIT
"""A private stage for the demo, the end-to-end tests and the benchmarks: a redis-server on a Unix
socket, a teamsync-sandbox, and any number of daemons, all in one temporary folder and all gone when
it closes, however the script ends."""
import ctypes
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from redis_line import RedisLine

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1

HURRY = """
    for _, text in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
        if string.find(text, '"nonce"') then redis.call('ZADD', KEYS[1], 'XX', 0, text) end
    end"""


class Failure(Exception):
    """The stage did not come up, or something that was waited for did not happen."""


class Reply:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text) if self.text else None

    def __repr__(self):
        return f"{self.status} {self.text[:400]}"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def exchange(connection, method, path, body=None, headers=None):
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read().decode())
    finally:
        connection.close()


def tell(chapters, *whom):
    """A story, chapter by chapter: each is run, and named when it is through."""
    for chapter in chapters:
        chapter(*whom)
        print(chapter.__name__.replace("_", " "), flush=True)


def wait_for(condition, what, seconds=20, pause=0.01):
    """The first true value of condition(), asked again and again; Failure after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"waited {seconds} s in vain for: {what}")
        time.sleep(pause)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_mib(pid, field="VmRSS"):
    return int(re.search(field + r":\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


class Daemon:
    def __init__(self, process, log, address, admin_socket):
        self.process, self.log, self.address, self.admin_socket = process, log, address, admin_socket

    @property
    def pid(self):
        return self.process.pid

    def request(self, method, path, body=None, headers=None, timeout=15):
        """Over TCP, as the outside would."""
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
        return exchange(connection, method, path, body, headers)

    def admin(self, method, path, body=None, headers=None, timeout=15):
        """Over the admin socket, with every permission."""
        return exchange(UnixConnection(self.admin_socket, timeout), method, path, body, headers)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


class Stage:
    def __init__(self, bin_dir=None, quiet=True):
        self.bin = pathlib.Path(bin_dir or os.environ.get("TS_BIN") or ROOT / "build/release/bin")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="teamsync-stage-"))
        self.quiet = quiet
        self.processes = []
        self.daemons = []
        self.redis_socket = str(self.folder / "redis.sock")
        self.redis_url = f"unix://{self.redis_socket}"  # where daemons go
        self.redis_words = ["-s", self.redis_socket]  # where redis-cli goes
        self.prefix = "teamsync:"
        self.sandbox_url = None
        self.port = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind and not issubclass(kind, (KeyboardInterrupt, SystemExit)):
            self.tell_logs()
        self.close()

    def tell_logs(self):
        """What everybody on the stage said last: for whoever asks why something went wrong."""
        for log in sorted([*self.folder.glob("*.log"), *self.folder.glob("*/*.log")]):
            print(f"--- {log.relative_to(self.folder)}\n{log.read_text()[-3000:]}")

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(self, words, **options):
        process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL,
            preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), **options)
        self.processes.append(process)
        return process

    # Redis

    def start_redis(self, *options, append_only=True, port=0):
        process = self.spawn(["redis-server", "--port", port, "--unixsocket", self.redis_socket,
                              "--dir", self.folder, "--save", "", "--logfile", "redis.log",
                              "--appendonly", "yes" if append_only else "no", *options],
                             stdout=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(self.redis_socket) and self.redis("PING") == "PONG",
                 "redis-server to answer")
        return process

    def redis(self, *words):
        done = subprocess.run(["redis-cli", *map(str, [*self.redis_words, *words])],
                              capture_output=True, text=True, check=False)
        return done.stdout.rstrip("\n")

    def redis_at_once(self, *words):
        """As redis(), but without a process of its own: a fraction of a millisecond."""
        if not hasattr(self, "redis_line"):
            self.redis_line = RedisLine(self.redis_socket)
        value = self.redis_line.ask(*words)
        return value if value is None else str(value)

    # The stand-in for Google Workspace

    def start_sandbox(self, *options):
        self.key_file = self.folder / "service-account.json"
        process = self.spawn([self.bin / "teamsync-sandbox", "--write-key", self.key_file, *options],
                             stdout=subprocess.PIPE, stderr=open(self.folder / "sandbox.log", "w"),
                             text=True)
        line = process.stdout.readline()
        if "listening on " not in line:
            raise Failure("the sandbox did not start: "
                          + (self.folder / "sandbox.log").read_text()[-2000:])
        self.sandbox_url = line.split("listening on ")[1].strip()
        return process

    def control(self, method, path, body=None):
        """The sandbox's control API: what people and administrators do over there."""
        host, port = self.sandbox_url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        reply = exchange(connection, method, "/control" + path, body)
        if reply.status >= 300:
            raise Failure(f"sandbox: {method} {path}: {reply}")
        return reply.json

    # The daemon

    def config_text(self, number, settings):
        """The configuration as YAML: {"section": {"key": value}} over what the stage needs."""
        if self.port is None:
            self.port = free_port()  # the same over restarts
        sections = {
            "server": {"listen": [f"127.0.0.1:{self.port}"],
                       "public_url": f"http://127.0.0.1:{self.port}",
                       "admin_socket": str(self.folder / f"admin-{number}.sock")},
            "redis": {"url": self.redis_url, "key_prefix": self.prefix},
            "google": {"api_url": self.sandbox_url, "token_url": self.sandbox_url + "/token",
                       "requests_per_minute": 1000000},
            "secrets": {"key_file": str(self.folder / "secret.key")},
        }
        for section, keys in settings.items():
            sections.setdefault(section, {}).update(keys)
        return "".join(f"{name}: {json.dumps(keys)}\n" for name, keys in sections.items())

    def start_daemon(self, log_to=None, number=None, **settings):
        """One daemon, ready to work. Further ones need a `server={"listen": …}` of their own. With the
        `number` of an earlier one it takes that one's place."""
        number = len(self.daemons) if number is None else number
        config = self.folder / f"teamsync-{number}.yaml"
        config.write_text(self.config_text(number, settings))
        log = self.folder / f"daemon-{number}.log"
        process = self.spawn([self.bin / "teamsyncd", "-c", config], stderr=open(log_to or log, "w"))
        log = pathlib.Path(log_to or log)

        listen = settings.get("server", {}).get("listen", [f"127.0.0.1:{self.port}"])[0]
        daemon = Daemon(process, log, listen, str(self.folder / f"admin-{number}.sock"))

        def is_ready():
            if process.poll() is not None:
                raise Failure(f"the daemon ended with {process.returncode}:\n{log.read_text()[-4000:]}")
            try:
                return daemon.admin("GET", "/readyz").status == 200
            except OSError:
                return False

        wait_for(is_ready, "the daemon to be ready")
        self.daemons[number:number + 1] = [daemon]
        return daemon

    # Setting up

    def connect_org(self, daemon, org="acme", name="Acme", admin="admin@acme.example"):
        """An org with a verified connection and auto-sync on."""
        reply = daemon.admin("POST", "/api/v1/orgs", {"id": org, "name": name})
        if reply.status >= 300:
            raise Failure(f"setting up {org}: {reply}")
        self.connect(daemon, org, admin)

    def connect(self, daemon, org="acme", admin="admin@acme.example"):
        def must(reply):
            if reply.status >= 300:
                raise Failure(f"connecting {org}: {reply}")
            return reply.json

        must(daemon.admin("PUT", f"/api/v1/orgs/{org}/connection", {
            "provider": "google-workspace",
            "credentials": {"type": "service_account", "subject": admin,
                            "key": json.loads(self.key_file.read_text())}}))
        must(daemon.admin("PUT", f"/api/v1/orgs/{org}/connection/auto-sync", {"enabled": True}))
        wait_for(lambda: self.control("GET", "/channels")["channels"], "a notification channel")

    def rest(self, seconds=60):
        """Waits until no job waits or runs."""
        wait_for(lambda: self.redis("XLEN", self.prefix + "jobs") == "0", "the queue to be empty", seconds)

    def hurry(self):
        """What is to be tried again later is tried now."""
        self.redis_at_once("EVAL", HURRY, 1, self.prefix + "jobs:delayed")
