// A login with the initiator's own client at the other end, in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "iscsi_initiator/login.h"
#include "iscsi_target/login_server.h"

namespace bootwire::iscsi {

inline constexpr std::string_view test_initiator = "iqn.2026-11.local.bootwire:test";
inline constexpr std::string_view test_target = "iqn.2026-11.example:disk";

inline LoginSettings initiator_settings() {
    LoginSettings settings;
    settings.initiator_name = test_initiator;
    settings.target_name = test_target;
    settings.isid.bytes = {0x80, 1, 2, 3, 4, 5};
    settings.cmd_sn = 77;
    settings.random.identifier = 9;
    settings.random.challenge.fill(0x5a);
    return settings;
}

inline Admission open_admission() {
    Admission admission;
    admission.without_authentication = true;
    return admission;
}

inline Admission chap_admission() {
    Admission admission;
    admission.chap = ChapCredentials{"pi", "secret of the pi"};
    admission.random.identifier = 5;
    admission.random.challenge.fill(0xa5);
    return admission;
}

class BothSides {
  public:
    explicit BothSides(const LoginSettings& settings,
                       const LoginServerSettings& server = {.deadline = Moment::max(),
                                                            .first_stat_sn = 100,
                                                            .command_window = 16})
        : client_(settings, client_storage_->buffers()), server_(server, *server_storage_) {}

    /// Until one of both is at its end. admit: what the configuration says.
    void run(const Admission& admission, uint16_t tsih = 0x4711) {
        for (int i = 0; i < 100 && !server_.is_over(); ++i) {
            switch (server_.state()) {
                case LoginServerState::receiving:
                    if (client_.state() != LoginState::sending) return;
                    server_.receive_pdu(*client_.next_pdu());
                    break;
                case LoginServerState::identified:
                    server_.admit(admission);
                    break;
                case LoginServerState::sending:
                    send();
                    break;
                case LoginServerState::complete:
                    server_.begin_session(tsih);
                    break;
                default:
                    return;
            }
        }
    }
    void send() {
        const auto pdu = server_.next_pdu();
        ASSERT_TRUE(pdu);
        texts_.emplace_back(pdu->data.begin(), pdu->data.end());
        std::ranges::replace(texts_.back(), '\0', ';');
        client_.receive_pdu(*pdu);
    }
    LoginClient& client() { return client_; }
    LoginServer& server() { return server_; }
    /// What the target said, pairs ended by ';'.
    const std::vector<std::string>& texts() const { return texts_; }

  private:
    std::unique_ptr<LoginStorage> client_storage_ = std::make_unique<LoginStorage>();
    std::unique_ptr<LoginServerStorage> server_storage_ = std::make_unique<LoginServerStorage>();
    LoginClient client_;
    LoginServer server_;
    std::vector<std::string> texts_;
};

}  // namespace bootwire::iscsi
