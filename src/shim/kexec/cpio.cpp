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

Status CpioReader::add(Bytes bytes) {
    Status done;
    while (done && !bytes.empty() && state_ != State::broken) {
        switch (state_) {
            case State::header:
                if (filled_.empty() && bytes[0] == 0) {
                    bytes = bytes.subspan(1);
                    break;
                }
                fill(bytes, header_size);
                if (!may_begin_entry(filled_)) {
                    done = fail("is not an initramfs");
                } else if (filled_.size() == header_size) {
                    done = finish_header();
                }
                break;
            case State::name:
                fill(bytes, name_size_);
                if (filled_.size() == name_size_) done = finish_name();
                break;
            case State::content:
                done = take_content(bytes);
                break;
            case State::broken:
                break;
        }
    }
    if (!done) {
        state_ = State::broken;
        why_ = done.error();
    }
    return state_ == State::broken ? std::unexpected(why_) : Status();
}

void CpioReader::fill(Bytes& bytes, size_t size) {
    const size_t count = std::min(size - filled_.size(), bytes.size());
    filled_ += text_of(bytes.first(count));
    bytes = bytes.subspan(count);
}

Status CpioReader::finish_header() {
    uint32_t* const fields[] = {&entry_.inode,     &entry_.mode,           &entry_.owner,
                                &entry_.group,     &entry_.links,          &entry_.modified,
                                &entry_.size,      &entry_.file_system[0], &entry_.file_system[1],
                                &entry_.device[0], &entry_.device[1]};
    size_t number = 0;
    for (uint32_t* const field_of_entry : fields) {
        const auto value = field(filled_, number++);
        if (!value) return fail("is not an initramfs");
        *field_of_entry = *value;
    }
    const auto name_size = field(filled_, number);
    if (!name_size || *name_size == 0 || *name_size > longest_name) {
        return fail("is not an initramfs");
    }
    name_size_ = *name_size;
    filled_.clear();
    state_ = State::name;
    return {};
}

/// Name and content are padded to 4 bytes, the name together with the header.
Status CpioReader::finish_name() {
    entry_.name = filled_.substr(0, filled_.find('\0'));
    filled_.clear();
    before_ = (4 - (header_size + name_size_) % 4) % 4;
    left_ = entry_.size;
    behind_ = (4 - left_ % 4) % 4;
    state_ = before_ + left_ > 0 ? State::content : State::header;
    return handlers_.entry(entry_);
}

Status CpioReader::take_content(Bytes& bytes) {
    const auto take = [&bytes](uint64_t& wanted) {
        const auto count = static_cast<size_t>(std::min<uint64_t>(wanted, bytes.size()));
        const Bytes taken = bytes.first(count);
        bytes = bytes.subspan(count);
        wanted -= count;
        return taken;
    };
    take(before_);
    const Bytes content = before_ == 0 ? take(left_) : Bytes();
    if (before_ + left_ == 0) take(behind_);
    if (before_ + left_ + behind_ == 0) state_ = State::header;
    if (content.empty() || !handlers_.content) return {};
    return handlers_.content(content);
}

}  // namespace bootwire::kexec
