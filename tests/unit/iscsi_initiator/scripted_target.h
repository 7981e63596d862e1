// The other end of a LoginClient in tests: says what the client sent, and answers as told.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "iscsi_initiator/login.h"

namespace bootwire::iscsi {

/// "A=1,B=2" as text of key=value pairs with their zero bytes.
inline std::vector<uint8_t> text_of(std::initializer_list<std::string> pairs) {
    std::vector<uint8_t> text;
    for (const std::string& pair : pairs) {
        text.insert(text.end(), pair.begin(), pair.end());
        text.push_back(0);
    }
    return text;
}

struct Request {
    LoginRequestPdu header;
    std::string text;  ///< pairs, each ended by ';'

    bool has(const std::string& pair) const {
        return (";" + text).find(";" + pair + ";") != text.npos;
    }
};

class LoginConversation {
  public:
    explicit LoginConversation(const LoginSettings& settings)
        : client_(settings, storage_->buffers()) {}

    LoginClient& client() { return client_; }
    LoginState state() const { return client_.state(); }

    /// What the client sends now.
    Request request() {
        const auto pdu = client_.next_pdu();
        if (!pdu) {
            ADD_FAILURE() << "the client has nothing to send";
            return {};
        }
        Request request{*LoginRequestPdu::decode(pdu->bhs), {}};
        request.text.assign(pdu->data.begin(), pdu->data.end());
        for (char& c : request.text) {
            if (c == '\0') c = ';';
        }
        last_ = request.header;
        return request;
    }

    /// A response that fits the last request, to be changed and given to answer().
    LoginResponsePdu response() {
        LoginResponsePdu response;
        response.transit = last_.transit;
        response.current = last_.current;
        response.next = last_.next;
        response.isid = last_.isid;
        response.task_tag = last_.task_tag;
        response.stat_sn = stat_sn_++;
        response.exp_cmd_sn = last_.cmd_sn;
        response.max_cmd_sn = last_.cmd_sn + 31;
        response.tsih = 7;
        return response;
    }
    LoginState answer(const LoginResponsePdu& header, std::initializer_list<std::string> pairs) {
        const auto text = text_of(pairs);
        return client_.receive_pdu({header.encode(), text});
    }
    LoginState answer(std::initializer_list<std::string> pairs) {
        return answer(response(), pairs);
    }
    LoginState refuse(uint8_t status_class, uint8_t detail,
                      std::initializer_list<std::string> pairs = {}) {
        LoginResponsePdu header = response();
        header.transit = false;
        header.status_class = status_class;
        header.status_detail = detail;
        return answer(header, pairs);
    }
    /// Over the security stage of a login without authentication; gives the operational request.
    Request pass_security() {
        request();
        answer({"AuthMethod=None", "TargetPortalGroupTag=1"});
        return request();
    }

  private:
    std::unique_ptr<LoginStorage> storage_ = std::make_unique<LoginStorage>();
    LoginClient client_;
    LoginRequestPdu last_;
    uint32_t stat_sn_ = 100;
};

inline LoginSettings plain_settings() {
    LoginSettings settings;
    settings.initiator_name = "iqn.2026-11.local.bootwire:test";
    settings.target_name = "iqn.2026-11.example:disk";
    settings.isid = Isid::from_serial("10000000abcdef01");
    return settings;
}

}  // namespace bootwire::iscsi
