#include "rescue/line_reader.h"

#include <utility>

#include "base/secret.h"
#include "base/text.h"

namespace bootwire::rescue {

namespace {

constexpr size_t most_unread = 16 * LineReader::longest;

}  // namespace

void LineReader::add(std::string_view bytes) {
    for (const char c : bytes) {
        const bool is_end = c == '\n' || c == '\r';
        const bool is_control = static_cast<unsigned char>(c) < ' ' || c == 0x7f;
        if (is_control && !is_end && c != '\t') continue;
        const size_t begin = unread_.rfind('\n') + 1;  // npos + 1 is 0
        if (!is_end && unread_.size() - begin >= longest) continue;
        if (unread_.size() < most_unread) unread_ += is_end ? '\n' : c;
    }
}

std::optional<std::string> LineReader::next() {
    const size_t end = unread_.find('\n');
    if (end == unread_.npos) return std::nullopt;
    std::string line(trim(std::string_view(unread_).substr(0, end)));
    std::string rest = unread_.substr(end + 1);
    wipe(unread_);  // a secret may have been in it
    unread_ = std::move(rest);
    return line;
}

}  // namespace bootwire::rescue
