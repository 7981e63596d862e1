// The files of an initramfs, made as the kernel makes them (init/initramfs.c).
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "kexec/cpio.h"
#include "os/fd.h"

namespace bootwire::init {

/// Relative names and absolute ones are below the folder alike. What is there under a name of the
/// archive's gives way, but for folders. What cannot be made is left out, with a warning, unless
/// the memory is full: that is an error.
class InitramfsFiles {
  public:
    /// folder: without a slash at its end; empty: the root.
    explicit InitramfsFiles(std::string folder) : folder_(std::move(folder)) {}

    Status entry(const kexec::CpioEntry& entry);
    Status content(Bytes piece);

    size_t made() const { return made_; }

  private:
    Status make(const kexec::CpioEntry& entry);
    Status make_folder(const kexec::CpioEntry& entry);
    Status open_file(const kexec::CpioEntry& entry);
    Status make_link();
    Status make_node(const kexec::CpioEntry& entry);
    Status own(const kexec::CpioEntry& entry);
    bool link_to_first(const kexec::CpioEntry& entry);
    std::unexpected<Error> cannot_make();

    std::string folder_;
    std::string path_;    // of the last entry
    Fd file_;             // its content's place; none: there is no content, or it is left out
    std::string target_;  // of a symbolic link, as far as it has come
    size_t target_size_ = 0;
    kexec::CpioEntry link_;
    using Identity = std::pair<std::pair<uint32_t, uint32_t>, uint32_t>;
    std::map<Identity, std::string> first_names_;  // of files with hard links
    size_t made_ = 0;
    bool full_ = false;  // the memory
};

}  // namespace bootwire::init
