"""A bad cable between two network interfaces: loses, delays, reorders and repeats frames.

    python3 -m lab.wire --control SOCKET --near INTERFACE --far INTERFACE

tc's netem does the same where the kernel has it; this needs nothing but packet sockets. Requests
(lab/control.py): {"do": "be", "lose": 0.01, "delay": 0.1, "reorder": 0.1, "repeat": 0.01}, each the
probability of a frame's fate; {"do": "count"}.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket

from lab import control

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING, ETH_P_ALL = 263, 15, 23, 3
VNET_HEADER = 10
LARGEST = 65536 + VNET_HEADER + 64
LATE = (0.005, 0.05)  # seconds, of a frame that is overtaken
SLOW = 0.02  # seconds, of one that holds up those behind it


class Wire:
    def __init__(self, near: str, far: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.faults: dict[str, float] = {}
        self.counts = {"frames": 0, "lose": 0, "delay": 0, "reorder": 0, "repeat": 0, "stuck": 0}
        self.ends = [self._open(near), self._open(far)]
        self.busy_until = [0.0, 0.0]

    @staticmethod
    def _open(interface: str) -> socket.socket:
        """Frames as they are, segmentation and checksums still to be done included."""
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        end.bind((interface, 0))
        end.setblocking(False)
        return end

    def start(self) -> None:
        for number in (0, 1):
            asyncio.get_running_loop().add_reader(self.ends[number], self._receive, number)

    def _receive(self, number: int) -> None:
        for _ in range(64):
            try:
                frame = self.ends[number].recv(LARGEST)
            except BlockingIOError:
                return
            self.counts["frames"] += 1
            self._pass(1 - number, frame)

    def _happens(self, fate: str) -> bool:
        happens = self.random.random() < self.faults.get(fate, 0)
        self.counts[fate] += happens
        return happens

    def _pass(self, to: int, frame: bytes) -> None:
        loop = asyncio.get_running_loop()
        if self._happens("lose"):
            return
        if self._happens("reorder"):
            loop.call_later(self.random.uniform(*LATE), self._send, to, frame)
            return
        now = loop.time()
        if self._happens("delay"):
            self.busy_until[to] = max(now, self.busy_until[to]) + SLOW
        for _ in range(2 if self._happens("repeat") else 1):
            if self.busy_until[to] > now:
                loop.call_at(self.busy_until[to], self._send, to, frame)
            else:
                self._send(to, frame)

    def _send(self, to: int, frame: bytes) -> None:
        try:
            self.ends[to].send(frame)
        except OSError:
            self.counts["stuck"] += 1  # a queue that is full loses frames, as in a real switch

    def answer(self, request: dict) -> dict:
        if request["do"] == "be":
            self.faults = {name: float(value) for name, value in request.items() if name != "do"}
            if unknown := set(self.faults) - set(self.counts):
                raise ValueError(f"no such fate: {unknown}")
        return self.counts


async def run(options: argparse.Namespace) -> None:
    wire = Wire(options.near, options.far, options.seed)
    wire.start()
    await control.serve(options.control, wire.answer)
    await asyncio.Event().wait()


if __name__ == "__main__":
    control.run_program(__doc__, run, "--near", "--far")
