#include "delivery/image.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/text.h"
#include "eeprom/sha256.h"
#include "os/file.h"

namespace bootwire::delivery {

namespace {

constexpr uint64_t largest_image = 256 << 20;

}  // namespace

uint64_t most_image_bytes() {
    const auto text = read_file("/proc/meminfo");
    constexpr std::string_view label = "MemAvailable:";
    const size_t at = text ? text->find(label) : std::string::npos;
    if (at == std::string::npos) return largest_image;
    const auto words = split_words(std::string_view(*text).substr(at + label.size(), 40));
    const auto kilobytes = words.empty() ? std::nullopt : parse_number<uint64_t>(words.front());
    return kilobytes ? std::min(largest_image, *kilobytes * 1024 / 2) : largest_image;
}

Result<Image> Image::make() {
    Fd file(memfd_create("bootwire-modules", MFD_CLOEXEC));
    if (!file.valid()) return fail_errno("cannot keep a file in memory");
    return Image(std::move(file));
}

Status Image::append(Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("it does not fit into memory");
        bytes = bytes.subspan(static_cast<size_t>(written));
        size_ += static_cast<uint64_t>(written);
    }
    return {};
}

void Image::clear() {
    (void)!ftruncate(file_.get(), 0);
    lseek(file_.get(), 0, SEEK_SET);
    size_ = 0;
}

bool Image::is(const std::string& sha256) const {
    if (size_ == 0) return false;
    void* const all = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_.get(), 0);
    if (all == MAP_FAILED) return false;
    const auto sum = eeprom::sha256({static_cast<const uint8_t*>(all), size_});
    munmap(all, size_);
    return eeprom::hex(sum) == sha256;
}

}  // namespace bootwire::delivery
