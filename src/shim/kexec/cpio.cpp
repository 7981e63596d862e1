#include "kexec/cpio.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/text.h"

namespace bootwire::kexec {

namespace {

constexpr uint32_t folder_mode = 0040000, file_mode = 0100000, character_device_mode = 0020000;
constexpr size_t header_size = 110;
constexpr size_t longest_name = 4096;  // PATH_MAX, as init/initramfs.c

void pad(std::string& archive, size_t alignment) {
    archive.append((alignment - archive.size() % alignment) % alignment, '\0');
}

/// Is it the magic, or what there is of it so far? 070702 has checksums, which nobody looks at.
bool may_begin_entry(std::string_view text) {
    const std::string_view magic = text.substr(0, 6);
    return std::string_view("070701").starts_with(magic) ||
           std::string_view("070702").starts_with(magic);
}

/// The header's field of that number, 8 hexadecimal digits behind the magic.
std::optional<uint32_t> field(std::string_view header, size_t number) {
    return parse_number<uint32_t>(header.substr(6 + number * 8, 8), 16);
}

}  // namespace

void CpioWriter::add_folder(std::string_view path, uint32_t mode) {
    add(path, folder_mode | mode, {}, {});
}

void CpioWriter::add_file(std::string_view path, std::string_view content, uint32_t mode) {
    add(path, file_mode | mode, {}, content);
}

void CpioWriter::add_device(std::string_view path, uint32_t major, uint32_t minor, uint32_t mode) {
    add(path, character_device_mode | mode, {major, minor}, {});
}

void CpioWriter::add(std::string_view path, uint32_t mode, Device device,
                     std::string_view content) {
    char header[header_size + 1];
    std::snprintf(header, sizeof header,
                  "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", ++inode_, mode,
                  0U, 0U, 1U, 0U, content.size(), 0U, 0U, device.major, device.minor,
                  path.size() + 1, 0U);
    archive_ += header;
    archive_ += path;
    archive_ += '\0';
    pad(archive_, 4);
    archive_ += content;
    pad(archive_, 4);
}

std::string CpioWriter::finish() {
    add("TRAILER!!!", 0, {}, {});
    pad(archive_, 512);
    inode_ = 0;
    return std::exchange(archive_, {});
}

bool CpioNames::add(Bytes bytes) {
    while (!bytes.empty() && state_ != State::broken) {
        if (state_ == State::header && filled_.empty() && bytes[0] == 0) {
            bytes = bytes.subspan(1);
            continue;
        }
        if (state_ == State::skip) {
            const auto count = std::min<uint64_t>(wanted_, bytes.size());
            wanted_ -= count;
            bytes = bytes.subspan(count);
            if (wanted_ == 0) state_ = State::header;
            continue;
        }
        const size_t size = state_ == State::header ? header_size : wanted_;
        const size_t count = std::min(size - filled_.size(), bytes.size());
        filled_.append(reinterpret_cast<const char*>(bytes.data()), count);
        bytes = bytes.subspan(count);
        if (state_ == State::header && !may_begin_entry(filled_)) state_ = State::broken;
        if (state_ == State::broken || filled_.size() < size) continue;
        state_ == State::header ? finish_header() : finish_name();
    }
    return state_ != State::broken;
}

void CpioNames::finish_header() {
    const auto size = field(filled_, 6), name_size = field(filled_, 11);
    if (!size || !name_size || *name_size == 0 || *name_size > longest_name) {
        state_ = State::broken;
        return;
    }
    // Name and content are padded to 4 bytes, the name together with the header.
    wanted_ = *name_size;
    const uint64_t name_padding = (4 - (header_size + *name_size) % 4) % 4;
    after_name_ = name_padding + *size + (4 - *size % 4) % 4;
    filled_.clear();
    state_ = State::name;
}

void CpioNames::finish_name() {
    on_name_(std::string_view(filled_).substr(0, filled_.find('\0')));
    filled_.clear();
    wanted_ = after_name_;
    state_ = wanted_ > 0 ? State::skip : State::header;
}

}  // namespace bootwire::kexec
