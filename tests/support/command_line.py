# SPDX-License-Identifier: MIT
"""Running teamsync as scripts do, and as a person at a terminal does."""
import fcntl
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import termios
import time

PROGRAM = pathlib.Path(os.environ["TS_BIN"]) / "teamsync"


class Done:
    def __init__(self, code, out, err=""):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def at_terminal(words, environment, say=(), columns=80):
    """On a pseudo-terminal. `say`: [(what is waited for, what is typed then)…], in this order."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        os.execvpe(str(words[0]), [str(word) for word in words], environment)
    shown, seen, say = "", 0, list(say)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # the other end is closed
                break
        if say and say[0][0] in shown[seen:]:
            seen = shown.index(say[0][0], seen) + len(say[0][0])
            os.write(terminal, say.pop(0)[1].encode())
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    assert not say, (words, say, shown)
    return Done(os.waitstatus_to_exitcode(status), shown)


class CommandLine:
    def __init__(self, socket, **environment):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("TEAMSYNC_") and name != "NO_COLOR"}
        self.environment = {**kept, "TEAMSYNC_SOCKET": socket, "TERM": "xterm", **environment}

    def run(self, *words, stdin="", code=0, **environment):
        """Without a terminal. `code`: what it has to end with."""
        done = subprocess.run([PROGRAM, *map(str, words)], input=stdin, capture_output=True, text=True,
                              env={**self.environment, **environment}, timeout=120, check=False)
        result = Done(done.returncode, done.stdout, done.stderr)
        assert result.code == code, (words, result)
        return result

    def terminal(self, *words, say=(), code=0, columns=80, **environment):
        """As a person does."""
        result = at_terminal([PROGRAM, *words], {**self.environment, **environment}, say, columns)
        assert result.code == code, (words, result)
        return result
