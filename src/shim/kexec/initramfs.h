// What a disk's own initramfs can do.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "kexec/cpio.h"

namespace bootwire::kexec {

/// By the programs in it that log in to an iSCSI target.
struct InitramfsAbility {
    bool initramfs_tools_iscsi = false;  ///< Debian's open-iscsi hook (scripts/local-top/iscsi)
    bool dracut_iscsi = false;           ///< dracut's module 95iscsi (sbin/iscsiroot)
    bool has_iscsi_module = false;       ///< iscsi_tcp
    size_t names = 0;                    ///< files and folders seen
    /// By what it is compressed with, if that is what only a kernel undoes: nothing more is known.
    std::string closed{};

    bool can_log_in() const { return initramfs_tools_iscsi || dracut_iscsi; }
};

/// Looks through the archives, one behind the other, compressed or not, as far as they can be
/// unpacked here. An error, without the file's name, if one of them can't be read.
Result<InitramfsAbility> examine_initramfs(Bytes file);

/// Hands on what is in the archives, as the kernel would unpack them, one behind the other. The
/// entry's handler gets the trailer of each, too. An error, without the file's name: if one of them
/// can't be read, or is compressed with something else than gzip and zstd.
Status unpack_initramfs(Bytes file, CpioReader::Handlers handlers);

}  // namespace bootwire::kexec
