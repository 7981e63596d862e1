// The boot partition that most Raspberry Pis have.
#pragma once

#include "memory_folder.h"

namespace bootwire::bootfiles {

/// What Raspberry Pi OS (trixie, 64 bit) has on its boot partition, as far as it matters.
inline MemoryFolder raspberry_pi_os() {
    MemoryFolder folder;
    folder.files["config.txt"] =
        "# For more options and information see\n# http://rptl.io/configtxt\n"
        "#dtparam=i2c_arm=on\n\ndtparam=audio=on\ncamera_auto_detect=1\n"
        "display_auto_detect=1\nauto_initramfs=1\ndtoverlay=vc4-kms-v3d\nmax_framebuffers=2\n"
        "disable_fw_kms_setup=1\narm_64bit=1\ndisable_overscan=1\narm_boost=1\n\n"
        "[cm4]\notg_mode=1\n\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n\n[all]\n";
    folder.files["cmdline.txt"] =
        "console=serial0,115200 console=tty1 root=PARTUUID=1a2b3c4d-02 rootfstype=ext4 "
        "fsck.repair=yes rootwait\n";
    for (const char* name :
         {"kernel8.img", "kernel_2712.img", "initramfs8", "initramfs_2712", "bcm2710-rpi-3-b.dtb",
          "bcm2711-rpi-4-b.dtb", "bcm2712-rpi-5-b.dtb", "overlays/README",
          "overlays/vc4-kms-v3d.dtbo", "overlays/dwc2.dtbo"}) {
        folder.files[name] = "x";
    }
    return folder;
}

}  // namespace bootwire::bootfiles
