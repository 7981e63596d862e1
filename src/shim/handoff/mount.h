// Mounting file systems of the disk.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire::handoff {

/// mount(2)'s two halves of a comma-separated option text, as mount(8) splits it.
struct MountOptions {
    unsigned long flags = 0;  ///< MS_…
    std::string data;         ///< what is left for the file system
};
MountOptions parse_mount_options(std::string_view text);

/// What to mount where. The kernel's module for the type is loaded if it is not built in.
struct MountRequest {
    std::string device;
    std::string target;   ///< created if missing
    std::string type;     ///< as mount(2) takes it: "ext4"
    std::string options;  ///< "noatime,compress=zstd"; may be empty
    bool read_only = false;
};
Status mount_file_system(const MountRequest& request);

/// Makes what is mounted at the request's target writable, or read-only, with its other options as
/// they are. An error, with errno's words, for what cannot be written to.
Status remount(const MountRequest& request, bool read_only);

/// A mounted file system that is unmounted at the end of the scope.
class TemporaryMount {
  public:
    static Result<TemporaryMount> mount(const MountRequest& request);
    TemporaryMount(TemporaryMount&& other) noexcept : target_(std::move(other.target_)) {
        other.target_.clear();
    }
    TemporaryMount& operator=(TemporaryMount&&) = delete;
    ~TemporaryMount();

    const std::string& path() const { return target_; }

  private:
    explicit TemporaryMount(std::string target) : target_(std::move(target)) {}

    std::string target_;
};

}  // namespace bootwire::handoff
