// The real LoginClient against a peer that is driven by the input. First byte: what is asked for.
// Then responses: flags, status class, status detail, two bytes of text length, text.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "iscsi_initiator/login.h"
#include "pdus_of_stream.h"
#include "session/login_error.h"

using namespace bootwire;
using namespace bootwire::iscsi;

namespace {

constexpr uint8_t with_chap = 1;
constexpr uint8_t with_mutual_chap = 2;
constexpr uint8_t as_discovery = 4;
constexpr uint8_t as_raw_stream = 8;

LoginSettings settings_for(uint8_t what) {
    LoginSettings settings;
    settings.initiator_name = "iqn.2026-11.local.bootwire:fuzz";
    settings.target_name = "iqn.2026-11.example:disk";
    if ((what & (with_chap | with_mutual_chap)) != 0) settings.chap = {"pi", "one"};
    if ((what & with_mutual_chap) != 0) settings.mutual_chap = {"target", "two"};
    if ((what & as_discovery) != 0) settings.session_type = SessionType::discovery;
    return settings;
}

bool waits(const LoginClient& client) {
    return client.state() == LoginState::sending || client.state() == LoginState::receiving;
}

void check_end(const LoginClient& client, const LoginSettings& settings) {
    if (client.state() == LoginState::failed) {
        if (bootwire::session::describe(client.failure(), settings).what.empty()) std::abort();
    }
    if (client.state() == LoginState::finished) {
        const auto& result = client.result();
        if (result.parameters.first_burst > result.parameters.max_burst) std::abort();
        // Nobody who does not know the secret gets this far.
        if (settings.mutual_chap && !result.target_proved) std::abort();
    }
}

/// Answers that fit the client's request but for what the input says.
void drive_with_responses(LoginClient& client, Bytes input) {
    Reader reader(input);
    while (waits(client)) {
        const auto sent = client.next_pdu();
        if (!sent) std::abort();
        const auto request = LoginRequestPdu::decode(sent->bhs);
        const auto head = reader.take(5);
        if (!request || !head) break;
        const auto text = reader.take(std::min<size_t>(load_be16(&(*head)[3]), reader.remaining()));
        LoginResponsePdu response;
        response.transit = ((*head)[0] & 1) != 0;
        response.continues = ((*head)[0] & 2) != 0;
        response.current =
            static_cast<Stage>(static_cast<uint8_t>(request->current) ^ ((*head)[0] >> 2 & 3));
        response.next = request->next;
        response.task_tag = request->task_tag;
        response.tsih = 1;
        response.status_class = (*head)[1];
        response.status_detail = (*head)[2];
        client.receive_pdu({response.encode(), *text});
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    static const auto storage = std::make_unique<LoginStorage>();
    const LoginSettings settings = settings_for(data[0]);
    LoginClient client(settings, storage->buffers());
    const Bytes input(data + 1, size - 1);
    if ((data[0] & as_raw_stream) != 0) {
        feed_stream(client, input);
    } else {
        drive_with_responses(client, input);
    }
    if (waits(client)) client.connection_closed();
    check_end(client, settings);
    return 0;
}
