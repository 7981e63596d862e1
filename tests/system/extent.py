"""What of a test runs always, and what with --all only."""

from __future__ import annotations

from typing import Any

import pytest


def with_all(*parameters: Any) -> list[Any]:
    """Parameters (tuples of them, where a test takes several) that wait for --all."""
    several = [values if isinstance(values, tuple) else (values,) for values in parameters]
    return [pytest.param(*values, marks=pytest.mark.long) for values in several]
