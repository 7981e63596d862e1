"""What a person is told when the lab itself cannot go on: one line, with what to do about it."""

from __future__ import annotations


class LabError(Exception):
    """Printed as it is, without a traceback."""
