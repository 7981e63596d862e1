"""Debian's kernel configuration beside ours: what we leave out, each with a reason (kernel/left-out)."""
