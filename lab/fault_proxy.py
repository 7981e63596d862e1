"""Between the Pi and its target: passes iSCSI on, PDU by PDU, and does what a test asks for.

    python3 -m lab.fault_proxy --control SOCKET --listen ADDRESS:PORT --target ADDRESS:PORT

Requests (lab/control.py); lab/faults.py has a method for each:
    {"do": "cut", "how": "rst" | "fin"}             every connection, now
    {"do": "set", "silent": true}                   accept and acknowledge everything, pass nothing on
    {"do": "set", "idle": true}                     logins and pings go on, SCSI commands get lost
    {"do": "set", "standby": true}                  connections that come now have their SCSI commands turned
                                                    down, as by a portal on standby
    {"do": "go-to-standby", "transition": 3.0, "announced": true}   all connections have them turned down from now on:
                                                    for so long, because the portal is going over to another state,
                                                    then because it is on standby; a unit attention comes first
    {"do": "set", "delay": [0.0, 0.2]}              seconds that each PDU waits, in its order
    {"do": "set", "split": true}                    each PDU of commands and data in two segments, at another byte
                                                    each time; any other PDU byte by byte
    {"do": "corrupt", "from": "initiator" | "target", "part": "header" | "data"}   one byte, of the next one
    {"do": "cut-commands", "times": 200, "after": [1, 30]}   reset at that SCSI command of the kernel's
    {"do": "count"}                                 what has happened
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import struct

from lab import control
from lab.pdu_frames import DATA_IN, DATA_OUT, LOGIN_RESPONSE, R2T, SCSI_COMMAND, SCSI_RESPONSE, Digests, Frames, Pdu

# Positions tried one after the other: the header, its digest, and the beginning of the data. Then any in the data.
FIRST_BYTES = 64
SPLIT_PAUSE = 0.004  # seconds between the two segments, so that they arrive as two
CRUMB_PAUSE = 0.001  # the same where each byte is one
DIVIDED_IN_TWO = (SCSI_COMMAND, SCSI_RESPONSE, DATA_OUT, DATA_IN, R2T)

Sense = tuple[int, int, int]
GOING_OVER: Sense = (2, 0x04, 0x0A)
ON_STANDBY: Sense = (2, 0x04, 0x0B)
ACCESS_CHANGED: Sense = (6, 0x2A, 0x06)


def refusal(command: Pdu, sense: Sense) -> bytes:
    """CHECK CONDITION, without digests. The target never hears of the command: its count of them is over."""
    header = bytearray(48)
    header[0], header[1], header[3] = SCSI_RESPONSE, 0x80, 2
    key, code, qualifier = sense
    data = struct.pack("!HBBB4xB4xBB4x", 18, 0x70, 0, key, 10, code, qualifier)
    header[5:8] = len(data).to_bytes(3, "big")
    header[16:20] = command.raw[16:20]  # task tag
    header[24:28] = command.raw[28:32]  # StatSN: the one that it expects
    following = int.from_bytes(command.raw[24:28], "big") + 1
    header[28:32] = (following % 2**32).to_bytes(4, "big")  # ExpCmdSN
    header[32:36] = ((following + 31) % 2**32).to_bytes(4, "big")  # MaxCmdSN
    return bytes(header) + data


class Faults:
    """What is to be done now, and what has been done."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.passing = asyncio.Event()
        self.passing.set()
        self.delay: tuple[float, float] = (0, 0)
        self.split = False
        self.idle = False
        self.standby = False
        self.change: tuple[float, bool] | None = None  # when it is over, by the loop's clock; announced
        self.to_corrupt: list[tuple[str, str]] = []
        self.cuts_left = 0
        self.cut_after: tuple[int, int] = (1, 1)
        self.connections: set[Connection] = set()
        self.count = {"connections": 0, "logins": 0, "pdus": 0, "cuts": 0, "corrupted": 0, "turned down": 0}
        self.split_at: dict[tuple[str, int], int] = {}
        self.splits: dict[str, set[int]] = {}

    def answer(self, request: dict) -> dict:
        if request["do"] == "cut":
            for connection in list(self.connections):
                connection.cut(request["how"])
        elif request["do"] == "set":
            self.split = request.get("split", self.split)
            self.idle = request.get("idle", self.idle)
            self.standby = request.get("standby", self.standby)
            least, most = request.get("delay", self.delay)
            self.delay = (least, most)
            if "silent" in request:
                self.passing.clear() if request["silent"] else self.passing.set()
        elif request["do"] == "go-to-standby":
            over = asyncio.get_running_loop().time() + request["transition"]
            self.change = (over, request["announced"])
        elif request["do"] == "corrupt":
            self.to_corrupt.append((request["from"], request["part"]))
        elif request["do"] == "cut-commands":
            first, last = request["after"]
            self.cuts_left, self.cut_after = request["times"], (first, last)
        elif request["do"] != "count":
            raise ValueError(f"nothing to do: {request['do']}")
        splits = {name: sorted(positions) for name, positions in self.splits.items()}
        return {**self.count, "open": len(self.connections), "cuts_left": self.cuts_left,
                "corruptions_left": len(self.to_corrupt), "splits": splits}

    def corrupt(self, side: str, pdu: Pdu, digests: Digests) -> None:
        """Where a digest would tell; the lengths stay as they are, or the stream would hang."""
        for part, protected in (("header", digests.header), ("data", digests.data and pdu.data_length > 0)):
            if protected and (side, part) in self.to_corrupt:
                self.to_corrupt.remove((side, part))
                self.count["corrupted"] += 1
                begin, end = (pdu.data_begin, pdu.data_begin + pdu.data_length) if part == "data" else (8, 48)
                place = self.random.randrange(begin, end)
                pdu.raw[place] ^= 1 << self.random.randrange(8)

    def split_positions(self, side: str, pdu: Pdu) -> list[int]:
        """Where it is divided: another place for each PDU of a kind, until all have had their turn; or everywhere."""
        every = list(range(1, len(pdu.raw)))
        turn = self.split_at.get((side, pdu.opcode), 0)
        self.split_at[side, pdu.opcode] = turn + 1
        if pdu.opcode not in DIVIDED_IN_TWO:
            positions = every
        elif turn % (2 * FIRST_BYTES) < FIRST_BYTES:
            positions = [every[turn % min(len(every), FIRST_BYTES)]]
        else:
            positions = [self.random.choice(every)]
        self.splits.setdefault(f"{pdu.opcode:#04x}", set()).update(positions[:FIRST_BYTES])
        return positions


class Connection:
    """An initiator's connection and the one to the target that belongs to it."""

    def __init__(self, faults: Faults, initiator: tuple, target: tuple) -> None:
        self.faults = faults
        self.initiator, self.target = initiator, target
        self.digests = Digests()
        self.standby = faults.standby
        self.knows_of_change = False
        self.refused: set[bytes] = set()  # task tags, whose data go nowhere either
        self.commands_left = faults.random.randint(*faults.cut_after)
        for _, writer in (initiator, target):
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def run(self) -> None:
        self.faults.connections.add(self)
        try:
            directions = [asyncio.ensure_future(self._pass("initiator", self.initiator[0], self.target[1])),
                          asyncio.ensure_future(self._pass("target", self.target[0], self.initiator[1]))]
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            for direction in directions:
                direction.cancel()
        finally:
            self._end("fin")

    async def _pass(self, side: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(self.digests)
        try:
            while chunk := await reader.read(262144):
                frames.feed(chunk)
                while pdu := frames.next():
                    await self._pass_pdu(side, pdu, writer)
        except (ConnectionError, OSError):
            pass  # an end like any other

    async def _pass_pdu(self, side: str, pdu: Pdu, writer: asyncio.StreamWriter) -> None:
        faults = self.faults
        if self not in faults.connections:
            return  # what was behind the command that went is lost with it, and is no further cut
        faults.count["pdus"] += 1
        if pdu.opcode == SCSI_COMMAND and pdu.of_the_kernel and faults.cuts_left > 0:
            self.commands_left -= 1
            if self.commands_left <= 0:
                faults.cuts_left -= 1
                return self.cut("rst")
        if side == "initiator" and pdu.opcode in (SCSI_COMMAND, DATA_OUT) and (faults.idle or self._turns_down(pdu)):
            return
        faults.corrupt(side, pdu, self.digests)
        if any(faults.delay):
            await asyncio.sleep(faults.random.uniform(*faults.delay))
        await faults.passing.wait()
        if pdu.opcode == LOGIN_RESPONSE:
            self.digests.look_at(pdu)
            faults.count["logins"] += pdu.ends_login()
        positions = faults.split_positions(side, pdu) if faults.split else []
        for begin, end in zip([0, *positions], positions):
            writer.write(pdu.raw[begin:end])
            await writer.drain()
            await asyncio.sleep(SPLIT_PAUSE if len(positions) == 1 else CRUMB_PAUSE)
        writer.write(pdu.raw[positions[-1] if positions else 0 :])
        await writer.drain()

    def _turns_down(self, pdu: Pdu) -> bool:
        """A command, or its data; those of commands that came before go on."""
        tag = bytes(pdu.raw[16:20])
        if pdu.opcode != SCSI_COMMAND:
            return tag in self.refused
        sense = self._sense()
        if sense is None:
            self.refused.discard(tag)
            return False
        self.refused.add(tag)
        self.faults.count["turned down"] += 1
        self.initiator[1].write(refusal(pdu, sense))
        return True

    def _sense(self) -> Sense | None:
        if self.standby:
            return ON_STANDBY
        if self.faults.change is None:
            return None
        over, announced = self.faults.change
        if announced and not self.knows_of_change:
            self.knows_of_change = True
            return ACCESS_CHANGED
        return GOING_OVER if asyncio.get_running_loop().time() < over else ON_STANDBY

    def cut(self, how: str) -> None:
        """"rst" tells both sides that it broke; "fin" ends it properly."""
        self.faults.count["cuts"] += 1
        self._end(how)

    def _end(self, how: str) -> None:
        if self not in self.faults.connections:
            return
        self.faults.connections.discard(self)
        for _, writer in (self.initiator, self.target):
            if how == "rst":
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
            else:
                writer.close()


def place(text: str) -> tuple[str, int]:
    host, port = text.rsplit(":", 1)
    return host, int(port)


async def run(options: argparse.Namespace) -> None:
    faults = Faults(options.seed)

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        faults.count["connections"] += 1
        await faults.passing.wait()
        try:
            target = await asyncio.open_connection(*place(options.target))
        except OSError:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return writer.transport.abort()
        await Connection(faults, (reader, writer), target).run()

    server = await asyncio.start_server(accepted, *place(options.listen))
    await control.serve(options.control, faults.answer)
    await server.serve_forever()


if __name__ == "__main__":
    control.run_program(__doc__, run, "--listen", "--target")
