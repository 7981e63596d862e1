"""A log server: takes syslog over UDP and keeps what came, by sender."""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import dataclass

from lab.network import SERVER
from lab.waiting import wait_until

# RFC 5424: <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG
FORM = re.compile(r"<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|\[.*?\]) (.*)", re.DOTALL)


@dataclass
class Message:
    sender: str
    severity: int
    time: str
    host: str
    app: str
    process: str
    text: str


class LogServer:
    """On the switch's own address, in a thread."""

    def __init__(self, port: int = 514) -> None:
        self.messages: list[Message] = []
        self.malformed: list[bytes] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((SERVER, port))
        self._socket.settimeout(0.2)  # a thread that waits would keep the port beyond close()
        self._closing = False
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        while not self._closing:
            try:
                datagram, sender = self._socket.recvfrom(65536)
            except TimeoutError:
                continue
            match = FORM.fullmatch(datagram.decode("utf-8", "replace"))
            if not match:
                self.malformed.append(datagram)
                continue
            priority, when, host, app, process, _, _, text = match.groups()
            self.messages.append(Message(sender[0], int(priority) % 8, when, host, app, process, text))

    def texts(self) -> str:
        return "\n".join(message.text for message in self.messages)

    def expect(self, pattern: str, timeout: float = 60) -> Message:
        """The first message that matches, once it is there."""

        def matching(messages: list[Message]) -> list[Message]:
            return [message for message in messages if re.search(pattern, message.text)]

        return matching(wait_until(lambda: list(self.messages), f"a message /{pattern}/", timeout, fits=matching))[0]

    def close(self) -> None:
        self._closing = True
        self._thread.join()
        self._socket.close()
