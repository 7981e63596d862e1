"""SD cards and TFTP trees: made of what ./bootwire build made and the vendor's firmware."""
