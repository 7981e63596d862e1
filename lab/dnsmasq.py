"""A real dnsmasq: DHCP, TFTP and DNS of the lab, started, stopped and changed at will."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lab.network import NETMASK, SERVER, SWITCH, Host
from lab.processes import Process, tool
from lab.waiting import wait_until

DOMAIN = "lab"


def root_path(target: str, server: str = SERVER, lun: str = "1", port: str = "", protocol: str = "") -> str:
    """RFC 4173. tgt's disk is LUN 1."""
    return f"iscsi:{server}:{protocol}:{port}:{lun}:{target}"


@dataclass
class DhcpOptions:
    """What this server offers. Every field may differ from test to test."""

    root_path: str | None = None  # option 17
    mode: str | None = None  # option 224
    initiator: str | None = None  # option 203
    tftp_root: Path | None = None
    network_boot: bool = True  # answers a Pi's firmware (option 43)
    ping_check: bool = False  # dnsmasq's own: 3 s for each fresh lease
    names: dict[str, str] = field(default_factory=dict)  # DNS: name in .lab to address
    first: str = "10.77.0.100"
    last: str = "10.77.0.199"
    lease: str = "1h"
    router: str | None = SERVER
    dns: str | None = SERVER
    extra: list[str] = field(default_factory=list)  # further lines of configuration


def configuration(options: DhcpOptions, directory: Path, interface: str) -> str:
    lines = [
        f"interface={interface}", "except-interface=lo", "bind-interfaces",
        "no-resolv", "no-hosts", f"domain={DOMAIN}", f"local=/{DOMAIN}/",
        "log-dhcp", "log-facility=-", f"dhcp-leasefile={directory / 'leases'}",
        f"dhcp-range={options.first},{options.last},{NETMASK},{options.lease}",
        "dhcp-authoritative",
    ]
    lines += [] if options.ping_check else ["no-ping"]
    for code, value in ((17, options.root_path), (224, options.mode), (203, options.initiator)):
        # A comma separates values, hence the quotes-free form only where there is none.
        lines += [f"dhcp-option-force={code},{value}"] if value is not None else []
    lines.append(f"dhcp-option=3,{options.router}" if options.router else "dhcp-option=3")
    lines.append(f"dhcp-option=6,{options.dns}" if options.dns else "dhcp-option=6")
    lines += [f"address=/{name}.{DOMAIN}/{address}" for name, address in options.names.items()]
    if options.tftp_root:
        lines += ["enable-tftp", f"tftp-root={options.tftp_root}", "tftp-no-fail"]
    if options.network_boot:
        lines.append('pxe-service=0,"Raspberry Pi Boot   "')
    return "\n".join([*lines, *options.extra]) + "\n"


class Dnsmasq:
    """On the switch's own address (or another interface of the servers), or on another host of the lab."""

    def __init__(
        self, options: DhcpOptions, directory: Path, host: Host | None = None, interface: str = SWITCH
    ) -> None:
        self.options = options
        self.directory = directory
        self.host = host
        self.interface = "eth0" if host else interface
        self.process: Process | None = None

    def start(self) -> "Dnsmasq":
        self.directory.mkdir(parents=True, exist_ok=True)
        file = self.directory / "dnsmasq.conf"
        file.write_text(configuration(self.options, self.directory, self.interface))
        # Debug mode stays the user it is: in a user namespace there is no other.
        words = [tool("dnsmasq"), "--no-daemon", f"--conf-file={file}"]
        log = self.directory / "dnsmasq.log"
        seen = len(log.read_text(errors="replace")) if log.exists() else 0
        process = self.process = self.host.start(words, log) if self.host else Process(words, log)
        process.await_start("dnsmasq", lambda: "started, version" in process.output()[seen:])
        return self

    def stop(self) -> None:
        if self.process:
            self.process.stop()
            self.process = None

    def restart(self, forget_leases: bool = False) -> None:
        self.stop()
        if forget_leases:
            (self.directory / "leases").unlink(missing_ok=True)
        self.start()

    def log(self) -> str:
        file = self.directory / "dnsmasq.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def await_ack(self, seconds: float = 200) -> None:
        """Until it has granted or extended one more lease."""
        seen = self.log().count("DHCPACK")
        wait_until(lambda: self.log().count("DHCPACK") != seen, "a lease that is granted or extended", seconds, 0.5)

    def leases(self) -> list[str]:
        """One line per lease, as dnsmasq keeps it: expiry, MAC, address, name, client id."""
        file = self.directory / "leases"
        return file.read_text().splitlines() if file.exists() else []
