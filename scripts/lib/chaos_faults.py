# SPDX-License-Identifier: MIT
"""What goes wrong in the chaos test, one thing after another, dealt by the seed. A fault is a method: it
does its worst, undoes it, and returns when it was over and which daemon (if only one) it had hit."""
import json
import signal
import socket
import statistics
import time

from redis_line import RedisLine
from stage import wait_for

RECOVERY_S = 90  # a bound, no measure: somebody may be in the middle of their retries
DIRECTORY_FAULTS = [
    {"kind": "status", "status": 503}, {"kind": "status", "status": 429, "retry_after_s": 1},
    {"kind": "reset"}, {"kind": "truncate"}, {"kind": "bad_json"},
]


class Storm:
    def __init__(self, stage, load, dice, redis_links, sandbox_link, sandbox_port):
        self.stage, self.load, self.dice = stage, load, dice
        self.redis_links, self.sandbox_link, self.sandbox_port = redis_links, sandbox_link, sandbox_port
        self.appendfsync = None
        self.lives = [0, 0]
        self.struck = {}  # kind → [(when it began, when it was over, seconds to the first effect)]
        self.began = time.monotonic()
        self.nobody = socket.socket()  # a port that nobody listens on, and nobody else gets
        self.nobody.bind(("127.0.0.1", 0))

    # The parts of the stage, as they are started again and again

    def start_redis(self):
        self.redis = self.stage.start_redis("--appendfsync", self.appendfsync)

    def start_sandbox(self):
        """With the people as the load knows them, and the service account as it was."""
        seed = self.stage.folder / "people.json"
        seed.write_text(json.dumps([person.as_seed() for person in self.load.people]))
        old_key = self.stage.folder / "service-account.json"
        self.sandbox = self.stage.start_sandbox(
            "--listen", f"127.0.0.1:{self.sandbox_port}", "--url", f"http://127.0.0.1:{self.sandbox_link.entry}",
            "--seed-file", seed, *(["--read-key", old_key] if old_key.exists() else []))

    def start_daemon(self, number):
        self.lives[number] += 1
        directory = f"http://127.0.0.1:{self.sandbox_link.entry}"
        return self.stage.start_daemon(
            number=number, log_to=self.stage.folder / f"daemon-{number}.{self.lives[number]}.log",
            server={"listen": [f"127.0.0.1:{self.load.ports[number]}"]},
            redis={"url": f"unix://{self.redis_links[number].entry}"},
            google={"api_url": directory, "token_url": directory + "/token"},
            sync={"guard_min": 1000, "reread_after_s": [], "resync_interval_s": 604800},
            queue={"claim_after_s": 2}, log={"level": "info"})

    # One fault after another

    def kinds(self):
        return [self.daemon_killed, self.daemon_stopped, self.daemon_replaced, self.daemon_without_redis,
                self.redis_killed, self.redis_stopped, self.redis_read_only, self.redis_out_of_memory,
                self.scripts_flushed, self.sandbox_killed, self.sandbox_stopped, self.sandbox_unreachable,
                self.directory_in_trouble]

    def deal(self):
        """Every kind comes up before any comes up again."""
        while True:
            yield from self.dice.sample(self.kinds(), len(self.kinds()))

    def rage(self, seconds):
        """Half of the time with either policy of writing; Redis dies under both."""
        deck = self.deal()
        for part, policy in enumerate(self.dice.sample(["everysec", "always"], 2), 1):
            self.appendfsync = policy
            self.ask("CONFIG", "SET", "appendfsync", policy)
            print(f"appendfsync {policy}", flush=True)
            self.strike(self.redis_killed)
            while time.monotonic() < self.began + seconds * part / 2:
                self.strike(next(deck))

    def strike(self, fault):
        kind = fault.__name__.replace("_", " ")
        time.sleep(self.dice.uniform(0, 1))
        at = time.monotonic()
        over_at, hit = fault()
        took = wait_for(lambda: self.recovery(over_at, hit), f"an effect after: {kind}", RECOVERY_S)
        self.struck.setdefault(kind, []).append((at, over_at, took))
        print(f"{at - self.began:6.1f} s  {kind}, {over_at - at:.1f} s; an effect {took:.2f} s later", flush=True)

    def recovery(self, over_at, hit):
        """From the end of a fault to the first effect of a notification that was sent after it."""
        assert not self.load.surprises, self.load.surprises
        effects = [change.applied_at for change in reversed(self.load.applied[-500:])
                   if change.sent_at >= over_at and hit in (None, change.daemon)]
        return min(effects) - over_at if effects else None

    def pause(self):
        """Mostly short; now and then longer than anybody waits for an answer."""
        time.sleep(self.dice.uniform(5, 8) if self.dice.random() < 0.2 else self.dice.uniform(0.2, 3))

    def ask(self, *words):
        with RedisLine(self.stage.redis_socket) as line:
            return line.ask(*words)

    # The faults

    def stop_and_go(self, process):
        process.send_signal(signal.SIGSTOP)
        self.pause()
        process.send_signal(signal.SIGCONT)
        return time.monotonic()

    def daemon_killed(self):
        number = self.dice.randrange(2)
        self.stage.daemons[number].kill()
        self.pause()
        self.start_daemon(number)
        return time.monotonic(), number

    def daemon_stopped(self):
        number = self.dice.randrange(2)
        return self.stop_and_go(self.stage.daemons[number].process), number

    def daemon_replaced(self):
        """As when a new version is rolled out: one after the other, under load."""
        for number in self.dice.sample([0, 1], 2):
            self.end(number)
            self.start_daemon(number)
        return time.monotonic(), None

    def end(self, number):
        daemon = self.stage.daemons[number]
        status = daemon.stop()
        assert status == 0, f"daemon {number} ended with {status}:\n{daemon.log.read_text()[-4000:]}"

    def cut(self, link):
        link.cut(self.dice.choice(["silent", "mute", "reset"]))
        self.pause()
        link.mend()
        return time.monotonic()

    def daemon_without_redis(self):
        number = self.dice.randrange(2)
        return self.cut(self.redis_links[number]), number

    def redis_killed(self):
        """Under everysec, Redis answers before it writes while the last fsync is under way; what is not
        written it does not promise. So the writers are held, and it dies when all is written."""
        if self.appendfsync == "everysec":
            self.ask("CLIENT", "PAUSE", 10000, "WRITE")
            wait_for(lambda: "aof_pending_bio_fsync:0" in (told := self.ask("INFO", "persistence"))
                     and "aof_buffer_length:0" in told, "Redis to have written everything")
        self.redis.kill()
        self.redis.wait()
        self.pause()
        self.start_redis()
        return time.monotonic(), None

    def redis_stopped(self):
        return self.stop_and_go(self.redis), None

    def redis_read_only(self):
        """A replica whose master is dead keeps its data, and takes no writes."""
        self.ask("REPLICAOF", "127.0.0.1", self.nobody.getsockname()[1])
        self.pause()
        self.ask("REPLICAOF", "NO", "ONE")
        return time.monotonic(), None

    def redis_out_of_memory(self):
        self.ask("CONFIG", "SET", "maxmemory", "1mb")
        self.pause()
        self.ask("CONFIG", "SET", "maxmemory", "0")
        return time.monotonic(), None

    def scripts_flushed(self):
        self.ask("SCRIPT", "FLUSH")
        return time.monotonic(), None

    def sandbox_killed(self):
        self.sandbox.kill()
        self.sandbox.wait()
        self.pause()
        self.start_sandbox()
        return time.monotonic(), None

    def sandbox_stopped(self):
        return self.stop_and_go(self.sandbox), None

    def sandbox_unreachable(self):
        return self.cut(self.sandbox_link), None

    def directory_in_trouble(self):
        fault = dict(self.dice.choice(DIRECTORY_FAULTS), on="users.get", probability=self.dice.choice([0.3, 1]))
        self.stage.control("POST", "/faults", fault)
        self.pause()
        self.stage.control("DELETE", "/faults")
        return time.monotonic(), None

    # The figures

    def report(self):
        """For each kind: when the first effect came after its end, and the last of those it held up."""
        print("seconds after the end of a fault: to the first effect of a notification sent then,\n"
              "and to the last one of those that were accepted meanwhile (each: median, at most)")
        for kind, struck in sorted(self.struck.items()):
            firsts = [took for _, _, took in struck]
            lasts = [self.last_held_up(at, over_at) for at, over_at, _ in struck]
            print(f"  {kind:20} {len(struck):3} times  {statistics.median(firsts):5.2f} {max(firsts):5.2f}"
                  f"  {statistics.median(lasts):6.2f} {max(lasts):5.2f}")

    def last_held_up(self, at, over_at):
        """A worker that dies has jobs in hand: those accepted a moment before it began count too."""
        return max((change.applied_at - over_at for change in self.load.applied
                    if at - 0.2 <= change.accepted_at <= over_at < change.applied_at), default=0)
