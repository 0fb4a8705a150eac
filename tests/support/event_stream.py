# SPDX-License-Identifier: MIT
"""A stream of server-sent events, read as a browser reads one."""
import json
import socket
import time

from stage import Failure


class Event:
    def __init__(self, name, id, data):
        self.name, self.id, self.data = name, id, data

    def __repr__(self):
        return f"{self.name} {self.id} {self.data}"


class EventStream:
    """Over the admin socket, or with a token or a cookie over TCP. AssertionError when it is refused, EOFError when it has
    ended, ConnectionError when it was cut."""

    def __init__(self, daemon, path, last_id=None, query=None, token=None, cookie=None):
        self.retry, self.raw, self.text, self.heard, self.has_ended = None, b"", b"", b"", False
        self.socket = self.connect(daemon, token or cookie)
        lines = [f"GET {path}{'?last_event_id=' + query if query else ''} HTTP/1.1", "Host: x"]
        lines += [f"Authorization: {token}"] if token else []
        lines += [f"Cookie: {cookie}"] if cookie else []
        lines += [f"Last-Event-ID: {last_id}"] if last_id else []
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.raw:
            self.receive(15)
        head, self.raw = self.raw.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        assert self.head.startswith("HTTP/1.1 200 "), self.head
        self.unpack()

    @staticmethod
    def connect(daemon, is_tcp):
        if not is_tcp:
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.connect(daemon.admin_socket)
            return line
        host, port = daemon.address.rsplit(":", 1)
        return socket.create_connection((host, int(port)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def receive(self, seconds):
        self.socket.settimeout(max(seconds, 0.001))
        got = self.socket.recv(1 << 16)
        if not got:
            raise ConnectionError("the stream was cut")
        self.raw += got

    def unpack(self):
        """Chunks that are whole become text."""
        while not self.has_ended and b"\r\n" in self.raw:
            size, rest = self.raw.split(b"\r\n", 1)
            length = int(size, 16)
            if len(rest) < length + 2:
                break
            self.text += rest[:length]
            self.raw = rest[length + 2:]
            self.has_ended = length == 0

    def block(self, deadline):
        """The next lines up to an empty one; None when there are none in time."""
        while b"\n\n" not in self.text:
            if self.has_ended:
                raise EOFError("the stream has ended")
            try:
                self.receive(deadline - time.monotonic())
            except TimeoutError:
                return None
            self.unpack()
        block, self.text = self.text.split(b"\n\n", 1)
        self.heard += block + b"\n\n"
        return block.decode().split("\n")

    def next(self, seconds=20):
        """The next event; None when there is none in time."""
        deadline = time.monotonic() + seconds
        while (lines := self.block(deadline)) is not None:
            fields = {}
            for line in lines:
                name, _, value = line.partition(": ")
                fields.setdefault(name, []).append(value)
            if "retry" in fields:
                self.retry = int(fields["retry"][0])
            if "data" in fields:
                return Event(fields["event"][0], fields.get("id", [None])[0], json.loads("\n".join(fields["data"])))
        return None

    def wait(self, is_it, what, seconds=20):
        """The next event that is_it() is true of."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            event = self.next(deadline - time.monotonic())
            if event and is_it(event):
                return event
        raise Failure(f"waited {seconds} s in vain for an event: {what}")

    def wait_for_end(self, seconds):
        """Its proper one."""
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                self.next(deadline - time.monotonic())
        except EOFError:
            return
        raise Failure(f"the stream has not ended within {seconds} s")
