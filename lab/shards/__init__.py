"""The system tests, dealt to several pytest processes side by side.

    python3 -m lab.shards [--shards N] PYTEST-ARGUMENT…

Each process (a shard) is in lab namespaces of its own: network, /run and processes. What it shares
with the others is read-only (the cache's disks, out/Image.gz) or named after the test (out/lab).
Tests that share a fixture of their module go together, so that a Debian boots once for them; a
shard that has done its tests takes the longest ones left, by what they took the last time.
"""
