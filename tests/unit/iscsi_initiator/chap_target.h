// What a target says in the CHAP of a scripted login.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "iscsi/binary_value.h"
#include "scripted_target.h"

namespace bootwire::iscsi {

inline std::string hex(Bytes bytes) {
    std::vector<char> text(base16_length(bytes.size()));
    return std::string(encode_base16(bytes, text));
}

inline LoginSettings chap_settings() {
    LoginSettings settings = plain_settings();
    settings.chap = ChapCredentials{"pi", "secret of the pi"};
    settings.random.identifier = 9;
    settings.random.challenge.fill(0x5a);
    return settings;
}

inline LoginSettings mutual_settings() {
    LoginSettings settings = chap_settings();
    settings.mutual_chap = ChapCredentials{"target", "secret of the target"};
    return settings;
}

inline std::string proof(ChapAlgorithm algorithm, uint8_t identifier, std::string_view secret,
                         Bytes challenge) {
    return "CHAP_R=" + hex(chap_response(algorithm, identifier, secret, challenge).bytes());
}

inline constexpr std::array<uint8_t, 4> challenge{1, 2, 3, 4};

/// Up to and with the client's answer to the challenge.
inline Request answer_of(LoginConversation& login, const std::string& algorithm = "7") {
    login.request();
    login.answer({"AuthMethod=CHAP"});
    login.request();
    login.answer({"CHAP_A=" + algorithm, "CHAP_I=5", "CHAP_C=0x01020304"});
    return login.request();
}

}  // namespace bootwire::iscsi
