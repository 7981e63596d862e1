#include "control/answer.h"

#include <algorithm>

namespace bootwire::control {

namespace {

struct Word {
    Verdict verdict;
    std::string_view word;
};
constexpr Word known_words[] = {
    {Verdict::ok, "ok"},
    {Verdict::lost, "lost"},
    {Verdict::denied, "denied"},
    {Verdict::unknown, "unknown"},
};

bool would_be_obeyed(char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

}  // namespace

std::string Answer::to_wire() const {
    std::string wire;
    for (const Word& word : known_words) {
        if (word.verdict == verdict) wire = word.word;
    }
    return wire + "\n" + text;
}

Answer only_root_may() {
    return {Verdict::denied, "bootwirectl: only root may do that\n"};
}

std::optional<Answer> Answer::from_wire(std::string_view wire) {
    const size_t end = wire.find('\n');
    if (end == wire.npos) return std::nullopt;
    for (const Word& word : known_words) {
        if (word.word == wire.substr(0, end)) {
            Answer answer{word.verdict, std::string(wire.substr(end + 1))};
            std::ranges::replace_if(answer.text, would_be_obeyed, '?');
            return answer;
        }
    }
    return std::nullopt;
}

}  // namespace bootwire::control
