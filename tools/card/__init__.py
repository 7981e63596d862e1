"""SD cards, TFTP trees and releases: made of what ./bootwire build made and the vendor's firmware."""
