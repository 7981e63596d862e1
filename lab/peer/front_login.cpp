#include "front_login.h"

#include <algorithm>

#include "iscsi/negotiation.h"
#include "os/random.h"
#include "stream.h"

namespace bootwire::peer {

using namespace iscsi;

namespace {

constexpr LoginStatus authentication_failed{2, 1};
constexpr LoginStatus invalid_request{2, 11};
constexpr LoginStatus service_unavailable{3, 1};
/// Far from what a real target begins with, so that a mistake in the numbers shows.
constexpr uint32_t first_stat_sn = 0x7ffffff0;
constexpr std::chrono::seconds patience{30};

ChapRandom draw_challenge() {
    ChapRandom random;
    fill_with_secure_random({&random.identifier, 1});
    fill_with_secure_random(random.challenge);
    return random;
}

ChapCredentials view_of(const Login& login) {
    return {login.user, login.secret};
}

Stage next_stage(Stage stage) {
    return stage == Stage::security ? Stage::operational : Stage::full_feature;
}

}  // namespace

FrontLogin::FrontLogin(const Script& script, Connection& front)
    : script_(script), front_(front), stat_sn_(first_stat_sn) {
    front_.split_output(script.piece);
    if (!script_.chap) return;
    std::optional<ChapCredentials> mine;
    if (script_.mutual_chap) mine = view_of(*script_.mutual_chap);
    chap_.emplace(view_of(*script_.chap), mine, script_.algorithms, draw_challenge());
}

Result<Spliced> FrontLogin::run() {
    for (;;) {
        const auto request = read_request();
        if (!request) return std::unexpected(request.error());
        if (script_.status) return refuse(*request, *script_.status, "scripted status");
        if (!script_.redirection.empty()) {
            std::array<uint8_t, 512> text;
            TextKeyWriter writer(text);
            writer.add("TargetAddress", script_.redirection);
            const uint8_t detail = script_.permanent ? 2 : 1;
            return refuse(*request, {1, detail}, "redirected", writer.bytes());
        }
        if (request->header.current == Stage::security) {
            if (auto status = on_security(*request); !status) {
                return std::unexpected(status.error());
            }
            continue;
        }
        if (script_.chap && !authenticated_) {
            return refuse(*request, authentication_failed, "the security stage was left out");
        }
        const auto finished = on_operational(*request);
        if (!finished) return std::unexpected(finished.error());
        if (*finished) break;
    }
    front_.split_output(0);
    front_.use_digests(spliced_.digests);
    spliced_.target->use_digests(spliced_.digests);
    spliced_.stat_sn_shift = stat_sn_ - target_exp_stat_sn_;
    return std::move(spliced_);
}

Result<FrontLogin::Request> FrontLogin::read_request() {
    Request request;
    do {
        if (!request.text.empty()) {
            if (auto status = respond(request, false, {}); !status) {
                return std::unexpected(status.error());
            }
        }
        const auto pdu = front_.read();
        if (!pdu) return std::unexpected(pdu.error());
        const auto header = LoginRequestPdu::decode(pdu->bhs);
        if (!header) return fail("expected a Login Request");
        request.header = *header;
        if (request.text.size() + pdu->data.size() > max_text_length) {
            return refuse(request, invalid_request, "too much text");
        }
        request.text.insert(request.text.end(), pdu->data.begin(), pdu->data.end());
    } while (request.header.continues);
    return request;
}

/// Sends a response, in several PDUs where the script says so.
Status FrontLogin::respond(const Request& request, bool transit, Bytes text) {
    LoginResponsePdu response;
    response.current = request.header.current;
    response.isid = request.header.isid;
    response.task_tag = request.header.task_tag;
    response.exp_cmd_sn = request.header.cmd_sn;
    response.max_cmd_sn = request.header.cmd_sn + 1;
    while (script_.continue_after > 0 && text.size() > script_.continue_after) {
        response.continues = true;
        response.stat_sn = stat_sn_++;
        if (auto status = front_.write(response.encode(), text.first(script_.continue_after));
            !status) {
            return status;
        }
        text = text.subspan(script_.continue_after);
        const auto pdu = front_.read();
        if (!pdu) return std::unexpected(pdu.error());
        if (!pdu->data.empty()) return fail("a request with text while a response continues");
    }
    response.continues = false;
    response.transit = transit;
    response.next = transit ? next_stage(response.current) : Stage::security;
    response.tsih = tsih_;
    response.stat_sn = stat_sn_++;
    return front_.write(response.encode(), text);
}

std::unexpected<Error> FrontLogin::refuse(const Request& request, LoginStatus status,
                                          std::string why, Bytes text) {
    LoginResponsePdu response;
    response.current = request.header.current;
    response.isid = request.header.isid;
    response.task_tag = request.header.task_tag;
    response.stat_sn = stat_sn_++;
    response.status_class = status.status_class;
    response.status_detail = status.detail;
    if (auto sent = front_.write(response.encode(), text); !sent) {
        return std::unexpected(sent.error());
    }
    return fail(std::move(why));
}

Status FrontLogin::on_security(const Request& request) {
    std::array<uint8_t, login_data_length> storage;
    TextKeyWriter answer(storage);
    TextKeyReader pairs(request.text);
    const bool was_finished = chap_finished_;
    bool chap_keys = false;
    while (const auto pair = pairs.next()) {
        chap_keys |= pair->key.starts_with("CHAP_");
        if (auto status = on_security_pair(request, *pair, answer); !status) return status;
    }
    if (pairs.problem() != TextProblem::none) {
        return refuse(request, invalid_request, "malformed text");
    }
    if (chap_keys && chap_ && !was_finished) {
        if (chap_->act(answer) != ChapProblem::none) {
            return refuse(request, authentication_failed, "CHAP: wrong user, secret or keys");
        }
        chap_finished_ = authenticated_ = chap_->done();
    }
    const bool transit = request.header.transit && authenticated_;
    return respond(request, transit, answer.bytes());
}

Status FrontLogin::on_security_pair(const Request& request, TextPair pair, TextKeyWriter& answer) {
    const std::string value(pair.value);
    if (pair.key == "InitiatorName") {
        initiator_name_ = value;
    } else if (pair.key == "InitiatorAlias") {
        alias_ = value;
    } else if (pair.key == "TargetName") {
        target_name_ = value;
    } else if (pair.key == "SessionType") {
        session_type_ = value;
    } else if (pair.key == "AuthMethod") {
        return on_authentication_method(request, value, answer);
    } else if (pair.key == "CHAP_A") {
        if (auto status = on_algorithm_list(request, value); !status) return status;
    }
    if (pair.key.starts_with("CHAP_")) {
        if (!chap_) return refuse(request, invalid_request, "CHAP was not asked for");
        if (chap_->receive(pair) != ChapProblem::none) {
            return refuse(request, authentication_failed,
                          "CHAP: bad " + std::string(pair.key) + "=" + value);
        }
    }
    return {};
}

Status FrontLogin::on_authentication_method(const Request& request, std::string_view offer,
                                            TextKeyWriter& answer) {
    const std::string_view wanted = chap_ ? "CHAP" : "None";
    if (!list_contains(offer, wanted)) {
        return refuse(request, authentication_failed,
                      "AuthMethod=" + std::string(offer) + " does not hold " + std::string(wanted));
    }
    answer.add("AuthMethod", wanted);
    authenticated_ = !chap_;
    return {};
}

Status FrontLogin::on_algorithm_list(const Request& request, std::string_view list) {
    if (script_.list_rejection == ListRejection::none || list == "5") return {};
    const std::string why = "CHAP_A=" + std::string(list) + " is a list";
    if (script_.list_rejection == ListRejection::by_close) return fail(why);
    if (script_.list_rejection == ListRejection::by_status) {
        return refuse(request, authentication_failed, why);
    }
    std::array<uint8_t, 32> text;
    TextKeyWriter writer(text);
    writer.add("CHAP_A", "Reject");
    if (auto status = respond(request, false, writer.bytes()); !status) return status;
    return fail(why);
}

/// The security stage with the real target, which asks for no authentication.
Status FrontLogin::log_in_to_target(const Request& request) {
    auto connection = connect_to(script_.target, patience);
    if (!connection) {
        return refuse(request, service_unavailable, connection.error().to_string());
    }
    spliced_.target = std::make_unique<Connection>(std::move(*connection), patience);
    std::array<uint8_t, login_data_length> storage;
    TextKeyWriter text(storage);
    text.add("InitiatorName", initiator_name_);
    if (!alias_.empty()) text.add("InitiatorAlias", alias_);
    text.add("SessionType", session_type_);
    if (!target_name_.empty()) text.add("TargetName", target_name_);
    text.add("AuthMethod", "None");
    Request first{request.header, {text.bytes().begin(), text.bytes().end()}};
    first.header.current = Stage::security;
    first.header.transit = true;
    first.header.next = Stage::operational;
    LoginResponsePdu response;
    std::vector<uint8_t> answer;
    if (auto status = forward(first, response, answer); !status) return status;
    TextKeyReader pairs(answer);
    declarations_.resize(answer.size());
    TextKeyWriter declarations(declarations_);
    while (const auto pair = pairs.next()) {
        if (pair->key.starts_with("Target")) declarations.add(pair->key, pair->value);
    }
    declarations_.resize(declarations.bytes().size());
    return {};
}

Result<bool> FrontLogin::on_operational(const Request& request) {
    if (!spliced_.target) {
        if (auto status = log_in_to_target(request); !status) {
            return std::unexpected(status.error());
        }
    }
    LoginResponsePdu response;
    std::vector<uint8_t> text = std::exchange(declarations_, {});
    if (auto status = forward(request, response, text); !status) {
        return std::unexpected(status.error());
    }
    note_digests(text);
    tsih_ = response.tsih;
    if (auto status = respond(request, response.transit, text); !status) {
        return std::unexpected(status.error());
    }
    return response.transit && response.next == Stage::full_feature;
}

/// Passes a request on and collects the answer; a refusal is passed back to the initiator.
Status FrontLogin::forward(const Request& request, LoginResponsePdu& response,
                           std::vector<uint8_t>& text) {
    LoginRequestPdu header = request.header;
    header.continues = false;
    Bytes to_send = request.text;
    do {
        header.exp_stat_sn = target_exp_stat_sn_;
        if (auto status = spliced_.target->write(header.encode(), to_send); !status) return status;
        to_send = {};
        const auto pdu = spliced_.target->read();
        if (!pdu) return refuse(request, service_unavailable, pdu.error().to_string());
        const auto answer = LoginResponsePdu::decode(pdu->bhs);
        if (!answer) return refuse(request, service_unavailable, "no Login Response");
        response = *answer;
        if (response.status_class != 0) {
            return refuse(request, {response.status_class, response.status_detail},
                          "the real target refuses", pdu->data);
        }
        target_exp_stat_sn_ = response.stat_sn + 1;
        text.insert(text.end(), pdu->data.begin(), pdu->data.end());
    } while (response.continues);
    return {};
}

void FrontLogin::note_digests(Bytes text) {
    constexpr std::string_view crc32c = digest_list(DigestPreference::crc32c_only);
    TextKeyReader pairs(text);
    while (const auto pair = pairs.next()) {
        if (pair->key == "HeaderDigest") spliced_.digests.header = pair->value == crc32c;
        if (pair->key == "DataDigest") spliced_.digests.data = pair->value == crc32c;
    }
}

}  // namespace bootwire::peer
