// A mounted file system's files, for the readers of src/media/bootfiles.
#pragma once

#include "bootfiles/folder.h"

namespace bootwire::handoff {

/// Symbolic links, absolute ones too, stay inside. Only regular files count.
class MountedFolder : public bootfiles::Folder {
  public:
    explicit MountedFolder(std::string root) : root_(std::move(root)) {}

    bool exists(const std::string& path) const override;
    Result<std::string> read(const std::string& path, size_t max_size) const override;
    std::vector<std::string> list(const std::string& path) const override;

  private:
    std::string root_;
};

}  // namespace bootwire::handoff
