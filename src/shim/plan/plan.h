// The second stage: the request, resolved, complete and checked. Nothing after it reads
// configuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "dhcp/lease.h"
#include "disk/root_spec.h"
#include "iscsi/lun.h"
#include "iscsi/negotiation.h"
#include "plan/chap_login.h"
#include "plan/network_plan.h"
#include "plan/request.h"
#include "plan/source.h"
#include "plan/values.h"

namespace bootwire::plan {

struct Plan {
    Field<Mode> mode;
    Field<Fallback> fallback;

    Field<std::vector<Portal>> portals;           ///< at least one, to be tried in order
    Field<std::optional<std::string>> target;     ///< nothing: ask the portal (discovery)
    Field<iscsi::Lun> lun;                        ///< lun.given(): asked for, or the default 0
    Field<bool> strict;                           ///< no other LUN than that one
    Field<bool> usb_read_only;                    ///< in mode usb
    Field<std::string> initiator;                 ///< a valid iSCSI name
    std::optional<Field<ChapLogin>> chap;         ///< ours; nothing: no CHAP
    std::optional<Field<ChapLogin>> mutual_chap;  ///< what the target has to prove; only with chap
    Field<iscsi::DigestPreference> header_digest;
    Field<iscsi::DigestPreference> data_digest;
    Field<RecoveryTime> recovery;                   ///< default: for ever
    Field<std::chrono::seconds> shutdown_patience;  ///< with a target that is away
    Field<Exclusive> exclusive;
    Field<OverlayUse> overlay;       ///< in RAM only with Mode::pivot and Exclusive::no
    Field<bool> seed;                ///< names and keys of the system are to be this machine's own
    Field<bool> named_portals_only;  ///< a lost session asks no portal that only the target names

    std::optional<Field<disk::RootSpec>> root;  ///< nothing: what the disk says
    Field<std::string> root_flags;              ///< mount options; empty: what the disk says
    Field<std::string> init;                    ///< absolute path; empty: what the disk says
    Field<InitramfsUse> initramfs;
    Field<ModulesWish> modules;

    NetworkPlan network;
};

/// What tells this machine from every other: names are made of it, and reservation keys.
struct MachineId {
    std::string serial;             ///< as the device tree has it; may be empty
    std::optional<MacAddress> mac;  ///< of the boot interface; stands in for a missing serial
};

/// The plan from the request, the network's part of it and, unless the address is static, the
/// lease. Its report has a line for each field. Fails if nothing names a server (which waits for
/// better DHCP if there is a lease), if a target is named in no usable form and in no other, if
/// half of a login is missing, or if the target should prove itself without CHAP.
Result<Plan> make_plan(const Request& request, NetworkPlan network,
                       const std::optional<dhcp::Lease>& lease, const MachineId& machine_id,
                       Report& report);

/// `iqn.2026-11.local.bootwire:<serial>`: the serial in lower case, without what a name may not
/// have, else the MAC address's digits, else "unknown".
std::string default_initiator_name(const MachineId& machine_id);

}  // namespace bootwire::plan
