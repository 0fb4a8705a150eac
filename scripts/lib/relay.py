# SPDX-License-Identifier: MIT
"""A link that can be cut. What connects to the relay's entry is passed on to its exit and back; the
link can go silent (nothing is lost, nothing arrives, as with a cable that is pulled), mute (questions
arrive, answers do not), or be reset (every connection ends at once, and no new one stands)."""
import asyncio
import socket
import struct

RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, no time: closing sends RST


class Relay:
    """An entry or exit is the path of a Unix socket, or a port of 127.0.0.1. All methods but cut() and
    mend() are the event loop's."""

    def __init__(self, loop, entry, exit):
        self.loop, self.entry, self.exit = loop, entry, exit
        self.there, self.back = asyncio.Event(), asyncio.Event()
        self.is_reset = False
        self.ends = set()
        self.open()
        asyncio.run_coroutine_threadsafe(self.listen(), loop).result()

    async def listen(self):
        if isinstance(self.entry, int):
            self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.entry)
        else:
            self.server = await asyncio.start_unix_server(self.serve, self.entry)

    def connect(self):
        if isinstance(self.exit, int):
            return asyncio.open_connection("127.0.0.1", self.exit)
        return asyncio.open_unix_connection(self.exit)

    async def serve(self, reader, writer):
        self.ends.add(writer)
        far_writer = None
        try:
            if self.is_reset:
                raise ConnectionError("the link is cut")
            far_reader, far_writer = await self.connect()
            self.ends.add(far_writer)
            pumps = [asyncio.create_task(self.pump(reader, far_writer, self.there)),
                     asyncio.create_task(self.pump(far_reader, writer, self.back))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
        except OSError:
            pass
        finally:
            for end in {writer, far_writer} - {None}:
                self.ends.discard(end)
                end.close()

    @staticmethod
    async def pump(source, sink, gate):
        try:
            while data := await source.read(65536):
                await gate.wait()
                sink.write(data)
                await sink.drain()
            await gate.wait()  # the end does not arrive either
        except OSError:
            pass

    # How it is cut

    def cut(self, how):
        self.loop.call_soon_threadsafe(getattr(self, how))

    def mend(self):
        self.loop.call_soon_threadsafe(self.open)

    def open(self):
        self.is_reset = False
        self.there.set()
        self.back.set()

    def silent(self):
        self.there.clear()
        self.back.clear()

    def mute(self):
        self.back.clear()

    def reset(self):
        self.is_reset = True
        for end in list(self.ends):
            if isinstance(self.entry, int):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.transport.abort()
