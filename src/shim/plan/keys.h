// The one table of all settings: the parser, the warnings and docs/settings.md are made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bootwire::plan {

enum class Key : uint8_t {
    iscsi_ip,
    iscsi_target,
    iscsi_port,
    iscsi_lun,
    iscsi_mode,
    iscsi_fallback,
    iscsi_initiator,
    iscsi_username,
    iscsi_password,
    iscsi_mutual_username,
    iscsi_mutual_password,
    iscsi_root,
    rootflags,
    iscsi_init,
    iscsi_initramfs,
    iscsi_strict,
    iscsi_usb,
    iscsi_recovery,
    iscsi_exclusive,
    iscsi_overlay,
    iscsi_seed,
    iscsi_shutdown,
    iscsi_portals,
    iscsi_header_digest,
    iscsi_data_digest,
    ip,
    vlan,
    dns,
    bootwire_log,
    bootwire_modules,
    bootwire_splash,
    bootwire_console,
    bootwire_help,
    bootwire_keep,
    bootwire_boot_order,
    bootwire_tftp_prefix,
};

struct KeyInfo {
    Key key;
    std::string_view name;      ///< as it is typed, before the '='
    std::string_view meaning;   ///< for a person, without a full stop
    std::string_view form;      ///< the expected form; completes "expected …"
    std::string_view example;   ///< a value of that form
    std::string_view fallback;  ///< what holds when no source gives it
    std::string_view dhcp;      ///< where DHCP gives it; empty if nowhere
    bool secret = false;        ///< never shown; our kernel blanks it
    bool list = false;          ///< may be given several times; all are kept, in order
};

/// All keys, in the order of the enumeration.
std::span<const KeyInfo> keys();
const KeyInfo& info(Key key);
/// The key of that name ('-' and '_' are the same, as for the kernel); null if there is none.
const KeyInfo* find_key(std::string_view name);
/// Does the name lie in our name space ("iscsi." or "bootwire."), so that it should be known?
bool is_our_name(std::string_view name);
/// The known name that an unknown one most likely meant; empty if none is near.
std::string_view nearest_key(std::string_view name);

/// docs/settings.md, the whole page.
std::string settings_page();

}  // namespace bootwire::plan
