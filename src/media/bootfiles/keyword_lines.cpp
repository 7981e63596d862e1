#include "bootfiles/keyword_lines.h"

#include "base/text.h"

namespace bootwire::bootfiles {

std::vector<KeywordLine> keyword_lines(std::string_view text, size_t most_lines) {
    std::vector<KeywordLine> found;
    size_t lines = 0;
    for (const std::string_view raw : split(text.substr(0, text.find('\0')), '\n')) {
        if (++lines > most_lines) break;
        const std::string_view line = trim(raw);
        if (line.empty() || line.front() == '#') continue;
        const size_t end = line.find_first_of(" \t");
        found.push_back(
            {line.substr(0, end), end == line.npos ? std::string_view() : trim(line.substr(end))});
    }
    return found;
}

}  // namespace bootwire::bootfiles
