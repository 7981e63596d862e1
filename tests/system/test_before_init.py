"""What the lab puts before init (lab/before_init.py): a module for the kernel that ships."""

from __future__ import annotations

import phrases


def test_a_lab_module_is_loaded_and_init_boots_on(rack, disk):
    rack.target(disk("tiny"))
    rack.serve()
    pi = rack.boot(rack.before_init(modules=["dummy_hcd num=2"]))
    pi.console.expect("lab: loaded /lab/dummy_hcd.ko", 60)
    pi.console.expect(phrases.TINY_UP, 120)
    pi.login()
    assert pi.check("ls /sys/class/udc").split() == ["dummy_udc.0", "dummy_udc.1"]
