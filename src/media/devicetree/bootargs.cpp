#include "devicetree/bootargs.h"

#include "devicetree/fragments.h"

namespace bootwire::devicetree {

namespace {

constexpr char bootargs_name[] = "bootargs";

std::string_view without_end(std::string_view value) {
    return value.substr(0, value.find('\0'));
}

}  // namespace

std::string with_words(std::string_view value, std::string_view words) {
    std::string line(without_end(value));
    if (!line.empty()) line += ' ';
    return line.append(without_end(words)).append(1, '\0');
}

Status append_bootargs(const Tree& tree, Tree& overlay) {
    std::map<std::string, std::string> lines;  // of the nodes
    for (const std::string& contents : contents_of_fragments(overlay)) {
        const auto words = overlay.property(contents, bootargs_name);
        if (!words) continue;
        const auto target = target_of(tree, overlay, contents);
        if (!target) return std::unexpected(target.error());
        const auto before = tree.property(*target, bootargs_name);
        std::string& line = lines.try_emplace(*target, before.value_or("")).first->second;
        line = with_words(line, *words);
        if (auto done = overlay.set(contents, bootargs_name, line); !done) return done;
    }
    return {};
}

}  // namespace bootwire::devicetree
