"""Which of our device trees the kernel has drivers for: docs/hardware.md."""
