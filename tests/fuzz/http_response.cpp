// What an HTTP server answers, in pieces whose length is the first byte; it is the same in one.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "http/response.h"

using namespace bootwire;

namespace {

constexpr uint64_t most = 4096;

struct Outcome {
    std::string body;
    std::string error;
    bool done = false;
    bool operator==(const Outcome&) const = default;
};

Outcome read(Bytes answer, size_t piece) {
    Outcome outcome;
    http::Response response(most);
    while (!answer.empty()) {
        const Bytes next = answer.first(std::min(piece, answer.size()));
        answer = answer.subspan(next.size());
        const auto taken =
            response.take(next, [&](Bytes bytes) { outcome.body += text_of(bytes); });
        if (taken) continue;
        outcome.error = taken.error().to_string();
        outcome.body.clear();  // what came before a refusal depends on the pieces
        return outcome;
    }
    outcome.done = response.done();
    if (const auto end = response.end(); !end) outcome.error = end.error().to_string();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const Bytes answer = Bytes(data, size).subspan(1);
    const Outcome whole = read(answer, answer.size());
    if (whole.body.size() > most) abort();
    if (read(answer, std::max<size_t>(data[0], 1)) != whole) abort();
    return 0;
}
