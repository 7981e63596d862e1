// What a disk's own initramfs can do.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::kexec {

/// By the programs in it that log in to an iSCSI target.
struct InitramfsAbility {
    bool initramfs_tools_iscsi = false;  ///< Debian's open-iscsi hook (scripts/local-top/iscsi)
    bool dracut_iscsi = false;           ///< dracut's module 95iscsi (sbin/iscsiroot)
    size_t names = 0;                    ///< files and folders seen

    bool can_log_in() const { return initramfs_tools_iscsi || dracut_iscsi; }
};

/// Looks through the archives, one behind the other, compressed or not. An error, without the
/// file's name, if one of them can't be read.
Result<InitramfsAbility> examine_initramfs(Bytes file);

}  // namespace bootwire::kexec
