# SPDX-License-Identifier: MIT
"""Redis servers as they are run in earnest, on loopback ports and in the stage's folder: alone,
under sentinels, as a cluster; and what they say about themselves."""
import hashlib
import pathlib
import re
import signal
import subprocess

from stage import ROOT, free_port, wait_for


def cli(port, *words, check=True):
    done = subprocess.run(["redis-cli", "-p", str(port), *map(str, words)], capture_output=True, text=True, check=check)
    return done.stdout.rstrip("\n")


def cli_lines(port, *lines):
    """Commands on one connection; their replies, a line each."""
    done = subprocess.run(["redis-cli", "-p", str(port)], input="\n".join(lines), capture_output=True, text=True,
                          check=True)
    return done.stdout.splitlines()


def info(port, section):
    return dict(line.split(":", 1) for line in cli(port, "INFO", section).splitlines() if ":" in line)


class Server:
    def __init__(self, stage, *options, port=None):
        self.stage, self.port, self.options = stage, port or free_port(), options
        self.folder = stage.folder / f"redis-{self.port}"
        self.folder.mkdir()
        self.start()

    def start(self):
        self.process = self.stage.spawn(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--logfile", "redis.log", *self.options], stdout=subprocess.DEVNULL)
        wait_for(lambda: cli(self.port, "PING", check=False) == "PONG", "a redis-server to answer")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()


class Replicated:
    """A master, a replica, and three sentinels of which two decide."""
    NAME = "main"
    CONFIG = """
port {port}
bind 127.0.0.1
dir {folder}
logfile sentinel.log
sentinel monitor main 127.0.0.1 {master} 2
sentinel down-after-milliseconds main 1000
sentinel failover-timeout main 5000
"""

    def __init__(self, stage):
        first = Server(stage, "--repl-diskless-sync-delay", "0")
        second = Server(stage, "--repl-diskless-sync-delay", "0", "--replicaof", f"127.0.0.1 {first.port}")
        self.servers = [first, second]
        self.sentinels = [self.start_sentinel(stage, first.port) for _ in range(3)]
        self.url = "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in self.sentinels) + "/" + self.NAME
        self.settle()

    def start_sentinel(self, stage, master):
        port = free_port()
        folder = stage.folder / f"sentinel-{port}"
        folder.mkdir()
        (folder / "sentinel.conf").write_text(self.CONFIG.format(port=port, folder=folder, master=master))
        stage.spawn(["redis-server", folder / "sentinel.conf", "--sentinel"], stdout=subprocess.DEVNULL)
        wait_for(lambda: cli(port, "PING", check=False) == "PONG", "a sentinel to answer")
        return port

    def master(self):
        """As the sentinels see it, when they agree."""
        seen = {cli(port, "SENTINEL", "get-master-addr-by-name", self.NAME).split()[1] for port in self.sentinels}
        return next((s for s in self.servers if {str(s.port)} == seen), None)

    def settle(self):
        """Everybody knows everybody, and the replica has what the master has."""
        def is_settled():
            master = self.master()
            if not master or not all(cli(port, "SENTINEL", "ckquorum", self.NAME).startswith("OK 3")
                                     for port in self.sentinels):
                return False
            views = [cli(port, "SENTINEL", "replicas", self.NAME).split("\n") for port in self.sentinels]
            flags = [view[view.index("flags") + 1] for view in views if "flags" in view]
            return flags == ["slave"] * 3 and "state=online" in info(master.port, "replication").get("slave0", "")

        wait_for(is_settled, "master, replica and sentinels to be in order", 60, 0.1)


class Cluster:
    """Three nodes without replicas."""
    def __init__(self, stage):
        self.stage = stage
        self.ports = [self.start_node() for _ in range(3)]
        subprocess.run(["redis-cli", "--cluster", "create", *[f"127.0.0.1:{port}" for port in self.ports],
                        "--cluster-replicas", "0", "--cluster-yes"], check=True, stdout=subprocess.DEVNULL)
        wait_for(lambda: all("cluster_state:ok" in cli(port, "CLUSTER", "INFO") for port in self.ports),
                 "the cluster to stand", 60, 0.1)
        self.ids = {port: cli(port, "CLUSTER", "MYID") for port in self.ports}

    def start_node(self):
        return Server(self.stage, "--cluster-enabled", "yes", "--cluster-port", free_port(),
                      "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0").port

    def add_replica(self, master):
        port = self.start_node()
        subprocess.run(["redis-cli", "--cluster", "add-node", f"127.0.0.1:{port}", f"127.0.0.1:{master}",
                        "--cluster-slave", "--cluster-master-id", self.ids[master]], check=True,
                       stdout=subprocess.DEVNULL)
        self.ids[port] = cli(port, "CLUSTER", "MYID")

        def is_known():
            return (info(port, "replication").get("master_link_status") == "up"
                    and all(self.ids[port] in cli(p, "CLUSTER", "REPLICAS", self.ids[master]) for p in self.ports))

        wait_for(is_known, "the replica to follow, and all to know it", 60, 0.1)
        self.ports.append(port)
        return port

    def owner(self, slot):
        """The port of who has it, when they all agree."""
        seen = set()
        for port in self.ports:
            for line in cli(port, "CLUSTER", "NODES").splitlines():
                words = line.split()
                for part in words[8:]:
                    first, _, last = part.partition("-")
                    if not part.startswith("[") and int(first) <= slot <= int(last or first):
                        seen.add(int(words[1].split("@")[0].rsplit(":", 1)[1]))
        return seen.pop() if len(seen) == 1 else None


def errors(*ports):
    """{code: how often} of the errors that these servers answered with."""
    counts = {}
    for port in ports:
        for name, value in info(port, "errorstats").items():
            code = name.removeprefix("errorstat_")
            counts[code] = counts.get(code, 0) + int(value.removeprefix("count="))
    return counts


def with_included(text):
    return re.sub(r'--#include "([^"]+)"', lambda m: with_included((ROOT / "src" / m[1]).read_text()), text)


def scripts():
    """{name: SHA-1} of the scripts as the build embeds them."""
    found = {}
    for path in pathlib.Path(ROOT / "src").glob("*/*.lua"):
        if path.parent.name == "lua":
            continue
        found[path.stem] = hashlib.sha1(with_included(path.read_text()).encode()).hexdigest()
    return found


def scripts_not_seen(*ports):
    """The scripts that none of these servers was ever sent."""
    return {name for name, sha1 in scripts().items()
            if not any(cli(port, "SCRIPT", "EXISTS", sha1).endswith("1") for port in ports)}
