// Any text as keys of a negotiation, once as initiator and once as target.
#include <array>
#include <cstdlib>
#include <memory>

#include "iscsi/binary_value.h"
#include "iscsi/negotiation.h"

using namespace bootwire;
using namespace bootwire::iscsi;

namespace {

void negotiate(Role role, SessionType type, bool offers_first, Bytes text) {
    Negotiation negotiation(role, type, {});
    std::array<uint8_t, 1024> storage;
    TextKeyWriter answers(storage);
    if (offers_first) negotiation.write_offers(answers);
    TextKeyReader pairs(text);
    while (const auto pair = pairs.next()) {
        if (pair->key.size() > max_key_length || pair->value.size() > max_value_length) {
            std::abort();
        }
        if (negotiation.receive(*pair, answers) != KeyProblem::none) return;
    }
    std::string_view key;
    negotiation.finish(key);
    const OperationalParameters result = negotiation.result();
    if (result.first_burst > result.max_burst || result.max_burst < 512 || result.erl > 2 ||
        result.max_xmit_dlength < 512 || result.max_xmit_dlength > 0xffffff) {
        std::abort();
    }
    TextKeyReader written(answers.bytes());
    while (written.next()) {
    }
    if (written.problem() != TextProblem::none) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Bytes text(data, size);
    negotiate(Role::initiator, SessionType::normal, true, text);
    negotiate(Role::target, SessionType::normal, false, text);
    negotiate(Role::target, SessionType::discovery, false, text);
    const std::string_view value(reinterpret_cast<const char*>(data), size);
    std::array<uint8_t, 64> binary;
    decode_binary(value, binary);
    return 0;
}
