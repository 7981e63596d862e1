#include "plan/keys.h"

#include <algorithm>
#include <array>
#include <vector>

#include "iscsi/negotiation.h"
#include "plan/command_line.h"

namespace bootwire::plan {

namespace {

constexpr std::string_view digests_form =
    "None, CRC32C, or both with the preferred one first, joined by a comma";
constexpr auto digests_example = iscsi::digest_list(iscsi::DigestPreference::crc32c_only);
constexpr auto digests_fallback = iscsi::digest_list(iscsi::DigestPreference::none_first);

constexpr std::array table{
    KeyInfo{Key::iscsi_ip, "iscsi.ip", "the iSCSI server (portal)",
            "an IP address or a DNS name, then optionally :port; IPv6 with a port in brackets",
            "192.168.1.10", "none: option 17 has to name it", "option 17", false, true},
    KeyInfo{Key::iscsi_target, "iscsi.target", "the target's name",
            "an iSCSI name that starts with iqn., eui. or naa.", "iqn.2024-01.lan.home:pi4-root",
            "the only target that the server offers (discovery)", "option 17"},
    KeyInfo{Key::iscsi_port, "iscsi.port",
            "the TCP port, but for servers in iscsi.ip= that have one of their own",
            "a number from 1 to 65535", "3260", "3260", "option 17"},
    KeyInfo{Key::iscsi_lun, "iscsi.lun", "the logical unit that is the disk",
            "a number from 0 to 16383, decimal or with 0x in hexadecimal, or groups of hexadecimal "
            "digits joined by '-' as RFC 4173 writes them",
            "1", "0, or the only disk there is", "option 17"},
    KeyInfo{Key::iscsi_mode, "iscsi.mode", "what happens with the disk", "one of pivot, kexec, usb",
            "pivot", "pivot", "option 224"},
    KeyInfo{Key::iscsi_fallback, "iscsi.fallback",
            "what happens when the disk's own kernel can't be started (iscsi.mode=kexec)",
            "one of none, pivot", "pivot", "none: the reason is shown, and it is tried again", ""},
    KeyInfo{Key::iscsi_initiator, "iscsi.initiator", "our own iSCSI name",
            "an iSCSI name that starts with iqn., eui. or naa.", "iqn.2024-01.lan.home:pi4",
            "iqn.2026-11.local.bootwire: and the board's serial number", "option 203"},
    KeyInfo{Key::iscsi_username, "iscsi.username", "the CHAP name we log in with",
            "1 to 255 characters", "pi4", "none: no CHAP", "option 17, user:secret@"},
    KeyInfo{Key::iscsi_password, "iscsi.password", "the CHAP secret that goes with it",
            "1 to 255 characters", "", "none", "option 17, user:secret@", true},
    KeyInfo{Key::iscsi_mutual_username, "iscsi.mutual.username",
            "the CHAP name the target has to prove (mutual CHAP)", "1 to 255 characters", "nas",
            "none: the target proves nothing", "option 17, user:secret:name:secret@"},
    KeyInfo{Key::iscsi_mutual_password, "iscsi.mutual.password",
            "the CHAP secret that goes with it", "1 to 255 characters", "", "none",
            "option 17, user:secret:name:secret@", true},
    KeyInfo{Key::iscsi_root, "iscsi.root", "the root file system on the disk",
            "PARTUUID=, UUID=, LABEL= or PARTLABEL= and a value, a partition number, a name such "
            "as /dev/mmcblk0p2, or whole",
            "PARTUUID=1a2b3c4d-02",
            "root= of the disk's cmdline.txt, else partition 2, else the only Linux file system",
            ""},
    KeyInfo{
        Key::rootflags, "rootflags",
        "how the root is mounted: mount options, as subvol= of btrfs, in place of those that the "
        "disk says",
        "mount options joined by commas, without blanks and quotes", "subvol=root",
        "rootflags= of the disk's cmdline.txt, else none", ""},
    KeyInfo{Key::iscsi_init, "iscsi.init", "the program that is started as the system's init",
            "an absolute path", "/sbin/init", "init= of the disk's cmdline.txt, else /sbin/init",
            ""},
    KeyInfo{Key::iscsi_initramfs, "iscsi.initramfs",
            "whether the disk's own initramfs gets its turn, which knows roots that bootwire does "
            "not (docs/disks.md)",
            "one of auto, always, never", "always",
            "auto: where no root is found without it, or where only it makes what the disk asks "
            "for; with iscsi.mode=kexec wherever there is one",
            ""},
    KeyInfo{Key::iscsi_strict, "iscsi.strict",
            "1 takes exactly the asked LUN: no other one even if it is the only disk", "0 or 1",
            "1", "0", ""},
    KeyInfo{Key::iscsi_usb, "iscsi.usb",
            "in mode usb, whether the other computer may write to the disk", "ro or rw", "ro",
            "rw, unless the LUN is read-only", ""},
    KeyInfo{Key::iscsi_recovery, "iscsi.recovery",
            "how long disk accesses wait for a lost connection before they fail",
            "a number of seconds from 0 to 86400, or forever", "120", "forever", ""},
    KeyInfo{Key::iscsi_exclusive, "iscsi.exclusive",
            "1 reserves the disk for this Pi (SCSI-3 persistent reservation): a second one that is "
            "to boot from it by mistake says who has it, and waits; preempt takes it from whoever "
            "has it",
            "0, 1 or preempt", "1", "0", ""},
    KeyInfo{Key::iscsi_overlay, "iscsi.overlay",
            "ram keeps all changes in compressed memory until the Pi is switched off: nothing is "
            "written to the disk, which any number of Pis may share (docs/golden-image.md)",
            "no, or ram, then optionally a comma and how much memory they may take, in M or G",
            "ram,512M", "no; with ram alone half of the memory", ""},
    KeyInfo{Key::iscsi_seed, "iscsi.seed",
            "1 gives the system a machine ID, a host name and SSH host keys that are this Pi's "
            "own, in place of those that it shares with other copies of its disk "
            "(docs/golden-image.md)",
            "0 or 1", "1", "0", ""},
    KeyInfo{Key::iscsi_shutdown, "iscsi.shutdown",
            "how long the end of the system waits for a target that is away",
            "a number of seconds from 0 to 3600", "300", "90", ""},
    KeyInfo{Key::iscsi_portals, "iscsi.portals",
            "by which portals a lost session may come back: all that the target names, or only "
            "those that are named here (where the target's own addresses lead elsewhere, as behind "
            "a NAT)",
            "all or named", "named", "all", ""},
    KeyInfo{Key::iscsi_header_digest, "iscsi.header_digest", "checksums over iSCSI headers",
            digests_form, digests_example, digests_fallback, ""},
    KeyInfo{Key::iscsi_data_digest, "iscsi.data_digest", "checksums over iSCSI data", digests_form,
            digests_example, digests_fallback, ""},
    KeyInfo{Key::ip, "ip",
            "our own address, in the kernel's form (Documentation/admin-guide/"
            "nfs/nfsroot.rst); with a client address it is static",
            "dhcp, or client:server:gateway:netmask:host:device:autoconf:dns0:dns1:ntp, with "
            "IPv6 addresses in brackets",
            "192.168.1.20::192.168.1.1:255.255.255.0:pi4:eth0:off:192.168.1.1", "dhcp",
            "the lease"},
    KeyInfo{Key::vlan, "vlan", "the VLAN in which everything happens", "a number from 1 to 4094",
            "10", "none: untagged", ""},
    KeyInfo{Key::dns, "dns", "a name server", "an IP address", "192.168.1.1",
            "the servers in ip=, else those of DHCP", "option 6", false, true},
    KeyInfo{Key::bootwire_log, "bootwire.log",
            "where each line of the boot is sent, by syslog over UDP",
            "an IP address or a DNS name, then optionally :port; IPv6 with a port in brackets; or "
            "off",
            "192.168.1.10", "the servers of option 7", "option 7", false, true},
    KeyInfo{Key::bootwire_modules, "bootwire.modules",
            "where modules.sqfs is fetched from, the kernel modules that Image.gz does not carry "
            "(docs/booted-system.md)",
            "off, tftp://HOST/PATH or http://HOST[:PORT]/PATH", "http://192.168.1.10/modules.sqfs",
            "the SD card that Image.gz came from, else the TFTP server that DHCP names", ""},
    KeyInfo{Key::bootwire_splash, "bootwire.splash",
            "0 leaves a screen to the kernel's text console", "0 or 1", "0", "1", ""},
    KeyInfo{Key::bootwire_console, "bootwire.console",
            "off lets nobody type anything while the Pi boots (the rescue console)", "on or off",
            "off", "on", ""},
    KeyInfo{Key::bootwire_help, "bootwire.help",
            "off shows no help disk to a computer on the USB port when the boot fails", "on or off",
            "off", "on", ""},
    KeyInfo{
        Key::bootwire_keep, "bootwire.keep",
        "in bootwire.txt of the help disk: card writes what else is said there into bootwire.txt "
        "of the SD card that this Pi started from",
        "card", "card", "it counts until the Pi is switched off", ""},
    KeyInfo{Key::bootwire_boot_order, "bootwire.boot_order",
            "the order of boot that a Pi 4 or 5 that started from its card gets in its EEPROM "
            "(docs/eeprom.md)",
            "network (put in behind the SD card, where it is missing), keep, or an order as "
            "BOOT_ORDER is written",
            "0xf21", "network", ""},
    KeyInfo{Key::bootwire_tftp_prefix, "bootwire.tftp_prefix",
            "the folder that such a Pi asks the TFTP server for first, likewise",
            "serial, mac or none", "none", "as the EEPROM has it", ""},
};

constexpr bool table_is_in_order() {
    for (size_t i = 0; i < table.size(); ++i) {
        if (static_cast<size_t>(table[i].key) != i) return false;
    }
    return table.size() == static_cast<size_t>(Key::bootwire_tftp_prefix) + 1;
}
static_assert(table_is_in_order());

/// Names that other programs use for what is a key here.
struct ForeignName {
    std::string_view name;
    Key key;
};
constexpr std::array foreign_names{
    ForeignName{"iscsi.username_in", Key::iscsi_mutual_username},
    ForeignName{"iscsi.password_in", Key::iscsi_mutual_password},
    ForeignName{"iscsi.in_username", Key::iscsi_mutual_username},
    ForeignName{"iscsi.in_password", Key::iscsi_mutual_password},
    ForeignName{"iscsi.server", Key::iscsi_ip},
    ForeignName{"iscsi.portal", Key::iscsi_ip},
    ForeignName{"iscsi.secret", Key::iscsi_password},
    ForeignName{"iscsi.iqn", Key::iscsi_target},
};

/// Levenshtein's distance, for short names.
size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

std::span<const KeyInfo> keys() {
    return table;
}

const KeyInfo& info(Key key) {
    return table[static_cast<size_t>(key)];
}

const KeyInfo* find_key(std::string_view name) {
    for (const KeyInfo& entry : table) {
        if (same_parameter(entry.name, name)) return &entry;
    }
    return nullptr;
}

bool is_our_name(std::string_view name) {
    return name.starts_with("iscsi.") || name.starts_with("bootwire.");
}

std::string_view nearest_key(std::string_view name) {
    if (name.size() > 64) return {};
    for (const ForeignName& foreign : foreign_names) {
        if (same_parameter(foreign.name, name)) return info(foreign.key).name;
    }
    std::string_view nearest;
    size_t least = 4;
    for (const KeyInfo& entry : table) {
        if (!is_our_name(entry.name)) continue;
        const size_t distance = edit_distance(entry.name, name);
        if (distance < least) {
            least = distance;
            nearest = entry.name;
        }
    }
    return nearest;
}

}  // namespace bootwire::plan
