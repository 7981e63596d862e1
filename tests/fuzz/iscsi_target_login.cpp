// The target's login against an initiator that is driven by the input. First byte: how the target
// is configured. Then requests: stages and bits, two bytes of text length, text.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "iscsi_target/login_server.h"

using namespace bootwire;
using namespace bootwire::iscsi;

namespace {

constexpr uint8_t with_chap = 1;
constexpr uint8_t with_mutual_chap = 2;
constexpr uint8_t with_wishes = 4;

Admission admission_for(uint8_t what) {
    Admission admission;
    admission.without_authentication = (what & with_chap) == 0;
    if ((what & with_chap) != 0) admission.chap = ChapCredentials{"pi", "one that nobody guesses"};
    if ((what & with_mutual_chap) != 0) admission.mutual_chap = ChapCredentials{"target", "two"};
    if ((what & with_wishes) != 0) {
        admission.operational.immediate_data = false;
        admission.operational.max_burst_length = 1024;
        admission.operational.header_digest = DigestPreference::crc32c_only;
    }
    return admission;
}

void check_response(const PduView& pdu, const LoginRequestPdu& request) {
    const auto response = LoginResponsePdu::decode(pdu.bhs);
    if (!response || pdu.data.size() > login_data_length) std::abort();
    if (data_length_of(pdu.bhs) != pdu.data.size()) std::abort();
    if (response->transit && !request.transit) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    Reader reader({data + 1, size - 1});
    const Admission admission = admission_for(data[0]);
    const auto storage = std::make_unique<LoginServerStorage>();
    LoginServer server({.deadline = Moment::max()}, *storage);
    while (!server.is_over()) {
        const auto head = reader.take(3);
        if (!head) break;
        const auto text = reader.take(std::min<size_t>(load_be16(&(*head)[1]), reader.remaining()));
        LoginRequestPdu request;
        request.transit = ((*head)[0] & 0x80) != 0;
        request.continues = ((*head)[0] & 0x40) != 0;
        request.current = static_cast<Stage>((*head)[0] >> 2 & 3);
        request.next = static_cast<Stage>((*head)[0] & 3);
        server.receive_pdu({request.encode(), *text});
        if (server.state() == LoginServerState::identified) server.admit(admission);
        if (server.state() == LoginServerState::complete) server.begin_session(1);
        if (const auto pdu = server.next_pdu()) check_response(*pdu, request);
    }
    if (server.state() == LoginServerState::finished) {
        const auto& result = server.result();
        if (result.parameters.first_burst > result.parameters.max_burst) std::abort();
        // Nobody who does not know the secret gets this far.
        if (admission.chap && !result.chap_algorithm) std::abort();
    }
    return 0;
}
