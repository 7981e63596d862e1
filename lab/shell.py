"""A shell on a machine's serial console: a login, and commands with their exit status and output."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from lab.console import Console, ConsoleClosed, ConsoleTimeout
from lab.waiting import Deadline

PROMPT = r"^[^\n]*[#$] (?:\x1b\[6n)?$"  # busybox asks the terminal where its cursor is
SPOILT_PROMPT = r"login: |Password: |[#$] "  # with a line of the kernel's behind it
# The kernel's lines would come in the middle of a command's output; they are in its log all the same.
HUSH = "read loud rest </proc/sys/kernel/printk; echo 1 >/proc/sys/kernel/printk"
SPEAK = "echo $loud >/proc/sys/kernel/printk"


@dataclass
class Ran:
    """A command's end."""

    status: int
    output: str


class Shell:
    """Of whatever has a console."""

    @property
    def console(self) -> Console:
        raise NotImplementedError

    def login(self, timeout: float = 300, user: str = "root", password: str = "") -> None:
        """At the login prompt, or straight at a shell's."""
        match = self._prompt(rf"login: $|{PROMPT}", timeout)
        if "login" in match[0]:
            self.console.send_line(user)
            match = self._prompt(rf"Password: |{PROMPT}", 120)
            if "Password" in match[0]:
                self.console.send_line(password)
                self._prompt(PROMPT, 120)
        self.run("stty -echo cols 4000; export TERM=dumb SYSTEMD_COLORS=0 SYSTEMD_PAGER= PS1='# '")

    def _prompt(self, wanted: str, timeout: float) -> re.Match[str]:
        """The prompt; Enter brings a new one where the kernel has spoilt it."""
        deadline = Deadline(timeout)
        while True:
            left = deadline.left()
            try:
                return self.console.expect(wanted, min(left, 10))
            except ConsoleClosed:
                raise
            except ConsoleTimeout:
                if left <= 10:
                    raise
            if re.search(SPOILT_PROMPT, self.console.text[self.console.position :]):
                self.console.send_line("")

    def run(self, command: str, timeout: float = 120) -> Ran:
        """Run in the shell on the console; marks that the echo can't contain frame the output."""
        mark = secrets.token_hex(4)
        self.console.skip()
        self.console.send_line(f"{HUSH}; echo '<<'{mark}; {{ {command}; }} 2>&1; s=$?; echo; echo '>>'{mark} $s")
        self.console.expect(rf"<<{mark}\n", timeout)
        start = self.console.position
        end = self.console.expect(rf"\n>>{mark} (\d+)\n", timeout)
        self.console.send_line(SPEAK)
        return Ran(int(end[1]), self.console.text[start : end.start()].strip("\n"))

    def check(self, command: str, timeout: float = 120) -> str:
        """run(), and what it printed; its failure is the test's."""
        ran = self.run(command, timeout)
        assert ran.status == 0, f"{command}: exit status {ran.status}\n{ran.output}"
        return ran.output
