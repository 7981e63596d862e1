"""The disks that the virtual Pi boots from, made on demand and kept in the cache.

    from lab import disks
    image = disks.path("debian-arm64")     # a raw image: copy it before a Pi may write to it
    disks.DISKS["debian-arm64"].partuuid   # what is on it, for tests that need to name it

Nothing on a disk knows of iSCSI or of bootwire (but for `debian-peer`, which is what bootwire is
measured against). Debian's disks let root in on the console without a password: for the lab only.
"""

from lab.disks.cache import DiskError
from lab.disks.image import path, peer
from lab.disks.lio import lio
from lab.disks.recipes import DISKS, Disk

__all__ = ["DISKS", "Disk", "DiskError", "lio", "path", "peer"]
