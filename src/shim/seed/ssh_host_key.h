// An SSH host key as OpenSSH keeps it (PROTOCOL.key of OpenSSH's source).
#pragma once

#include <string>

#include "seed/ed25519.h"

namespace bootwire::seed {

struct SshHostKey {
    std::string private_file;  ///< of ssh_host_ed25519_key
    std::string public_file;   ///< of ssh_host_ed25519_key.pub
};

/// comment: "root@NAME".
SshHostKey ssh_host_key(const Ed25519Bytes& private_key, const std::string& comment);

}  // namespace bootwire::seed
