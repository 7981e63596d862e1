"""What init says, as loosely as a test can bear: the wording may change, the facts may not.

Each is a regular expression for a part of one line.
"""

from __future__ import annotations

import re

# The disk's own init has started (tiny disks).
TINY_UP = r"tiny: up"

WARNING = r"warning: "
FAILED = r"failed: "

# Network and DHCP
NO_DHCP_ANSWER = r"no (usable )?DHCP (answer|offer)"
OFFER_WITHOUT_ROOT = r"DHCP offer without root path|without .*option 17|no option 17"
NAK = r"refuses"
NO_LINK = r"no link|link is down|no carrier"
IN_USE = r"in use"

# iSCSI
NOTHING_LISTENS = r"nothing listens"
NO_SUCH_TARGET = r"no such target|does not exist|not found|no target|has no target"
# Four ways of CHAP to fail, word for word: their words also stand where it works.
NOT_AUTHENTICATED = r"authentication failed \(status 0201\)"
CHAP_WANTED = r"the target asks for CHAP, and there is no user name and secret"
PROOF_WRONG = r"the target did not know the mutual secret"
SECRETS_EQUAL = r"the secrets of both directions are the same"
LUN_SUBSTITUTED = r"taking the only disk"
NOT_A_DISK = r"is not a disk"
SESSION_LOST = r"the connection to .* is lost"
SESSION_BACK = r"the session is back"

# Settings
UNUSABLE = r"is not usable"
FROM_COMMAND_LINE = r"from the kernel command line"
FROM_DEFAULT = r"from the built-in default"


def from_option(number: int) -> str:
    return rf"from DHCP option {number}\b"


def field(name: str, value: str, source: str) -> str:
    """The line that says where a field came from."""
    return rf"{name} [^\n]*{re.escape(value)}[^\n]*, {source}"


def more_about(topic: str) -> str:
    """The line behind a failure that names a section of docs/troubleshooting.md."""
    return rf'more about it: "{re.escape(topic)}" in docs/troubleshooting\.md'
