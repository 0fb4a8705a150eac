# SPDX-License-Identifier: MIT
"""One connection to Redis that is kept: a fraction of a millisecond for a question, and many questions
in one go."""
import socket


class RedisError(Exception):
    """What Redis answered instead."""


class RedisLine:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.replies = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.replies.close()
        self.socket.close()

    def ask(self, *words):
        return self.ask_all([words])[0]

    def ask_all(self, commands):
        """The replies to all of them, in order; the first error is raised when all are read."""
        self.socket.sendall(b"".join(self.encode(words) for words in commands))
        replies = [self.reply() for _ in commands]
        for reply in replies:
            if isinstance(reply, RedisError):
                raise reply
        return replies

    @staticmethod
    def encode(words):
        texts = [str(word).encode() for word in words]
        return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%s\r\n" % (len(text), text) for text in texts)

    def reply(self):
        line = self.replies.readline()
        if not line:
            raise ConnectionError("Redis has closed the connection")
        kind, rest = line[:1], line[1:].rstrip().decode()
        if kind == b"-":
            return RedisError(rest)
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest
        if int(rest) < 0:
            return None
        if kind == b"$":
            return self.replies.read(int(rest) + 2)[:-2].decode()
        return [self.reply() for _ in range(int(rest))]
