// The file with the kernel's modules, in memory.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "os/fd.h"

namespace bootwire::delivery {

/// Bytes that such a file may have: no more than half of the memory that is to be had, either.
uint64_t most_image_bytes();

class Image {
  public:
    static Result<Image> make();

    /// Adds what comes next of it.
    Status append(Bytes bytes);
    /// What was there is gone.
    void clear();
    /// Is this the file with that SHA-256 (64 hexadecimal digits)?
    bool is(const std::string& sha256) const;

    const Fd& file() const { return file_; }
    uint64_t size() const { return size_; }

  private:
    explicit Image(Fd file) : file_(std::move(file)) {}

    Fd file_;
    uint64_t size_ = 0;
};

}  // namespace bootwire::delivery
