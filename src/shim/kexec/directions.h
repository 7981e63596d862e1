// How the next system's own initramfs is told where the disk is.
// Sources: open-iscsi's debian/extra/initramfs.local-top, initramfs-tools(7), dracut.cmdline(7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "iscsi/lun.h"
#include "kexec/initramfs.h"
#include "plan/chap_login.h"

namespace bootwire::kexec {

/// What a login needs, and the network before it.
struct DiskAccess {
    std::string initiator;
    std::string target;
    Endpoint portal;
    uint16_t portal_group = 1;
    iscsi::Lun lun;
    std::optional<plan::ChapLogin> chap;
    std::optional<plan::ChapLogin> mutual_chap;

    MacAddress mac;                          ///< of the interface that leads there
    std::optional<IpPrefix> static_address;  ///< nothing: DHCP
    std::optional<IpAddress> router;         ///< of a static address
    std::vector<IpAddress> dns_servers;      ///< likewise
    std::string host_name;                   ///< likewise; may be empty
    bool has_vlan = false;
};

struct Directions {
    /// For the command line. No secret is among them.
    std::vector<std::string> words;
    /// A cpio archive with what must not be on the command line, to be appended to the initramfs;
    /// may be empty. Only root of the next system's initramfs can read it.
    std::string archive;
};

/// For Debian's open-iscsi: ISCSI_INITIATOR=, ISCSI_TARGET_NAME=, ISCSI_TARGET_IP=,
/// ISCSI_TARGET_PORT=, ISCSI_TARGET_GROUP=; the CHAP names and secrets in /etc/iscsi.initramfs.
/// For dracut: netroot=iscsi:…, rd.iscsi.initiator=; the CHAP names and secrets in
/// /etc/cmdline.d/90-bootwire.conf. For both: ip=, BOOTIF=.
/// An error if that kind of initramfs cannot be told.
Result<Directions> directions_for(const InitramfsAbility& ability, const DiskAccess& access);

}  // namespace bootwire::kexec
