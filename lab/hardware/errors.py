"""What ends the check: a file that is not what it should be. The sentence is for a person."""

from __future__ import annotations


class HardwareError(Exception):
    pass
