// Bootargs as our kernel gets them, through what it does to secrets in them: init, which reads what
// is left and what was kept, has to see the very words that it would have seen without that, and
// everybody else none of the values.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kernel/cmdline_secrets.h"
#include "plan/command_line.h"

using namespace bootwire;
using plan::CommandLine;
using plan::Word;

namespace {

/// As long as lines of all secrets fit for sure.
constexpr size_t longest = 2048 - 1;

bool is_hidden(const Word& word) {
    return plan::is_secret_parameter(word.name) && word.value && !word.value->empty();
}

bool has_line_feed(const Word& word) {
    return word.name.contains('\n') || word.value->contains('\n');
}

void compare_shown(const std::vector<Word>& before, const std::vector<Word>& after) {
    if (before.size() != after.size()) std::abort();
    for (size_t i = 0; i < before.size(); ++i) {
        Word expected = before[i];
        if (is_hidden(before[i])) expected.value = plan::hidden_secret;
        if (expected != after[i]) std::abort();
    }
}

/// Init's own words, once it has the secrets.
void compare_known(const std::vector<Word>& before, const std::vector<Word>& after) {
    // With one that is lost, the next one of its name takes its place.
    if (std::ranges::any_of(
            before, [](const Word& word) { return is_hidden(word) && has_line_feed(word); })) {
        return;
    }
    if (before != after) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bootargs(reinterpret_cast<const char*>(data), std::min(size, longest));
    const std::string_view line = bootargs.substr(0, bootargs.find('\0'));
    const kernel::Hidden hidden = kernel::hide_secrets(bootargs);

    if (hidden.line.size() > line.size()) std::abort();
    if (hidden.line.size() + hidden.rest.size() != bootargs.size()) std::abort();
    // What the line no longer needs is zeroed, and what is behind it left alone.
    const size_t freed = line.size() - hidden.line.size();
    if (hidden.rest.find_first_not_of('\0') < freed) std::abort();
    if (hidden.rest.substr(freed) != bootargs.substr(line.size())) std::abort();
    if (hidden.count == 0 && (hidden.line != line || !hidden.lines.empty())) std::abort();
    if (kernel::hide_secrets(hidden.line).line != hidden.line) std::abort();

    const CommandLine before = CommandLine::parse(line);
    if (before.cut()) return 0;
    CommandLine after = CommandLine::parse(hidden.line);
    compare_shown(before.words(), after.words());
    compare_shown(before.init_arguments(), after.init_arguments());
    const auto secrets = std::ranges::count_if(before.words(), is_hidden) +
                         std::ranges::count_if(before.init_arguments(), is_hidden);
    if (hidden.count != static_cast<unsigned>(secrets)) std::abort();
    after.add_secrets(hidden.lines);
    compare_known(before.words(), after.words());
    compare_shown(before.init_arguments(), after.init_arguments());
    return 0;
}
