#include "control/answer.h"

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
            return Answer{word.verdict, std::string(wire.substr(end + 1))};
        }
    }
    return std::nullopt;
}

}  // namespace bootwire::control
