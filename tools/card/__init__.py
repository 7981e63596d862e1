"""SD cards: made of what ./bootwire build made and the vendor's firmware."""
