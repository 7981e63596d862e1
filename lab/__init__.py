"""The virtual Pi and the network it boots from: firmware stand-in, QEMU, real servers."""
