#include "session/login_error.h"

#include <array>
#include <cstdio>
#include <optional>

#include "base/text.h"
#include "iscsi_initiator/reject_reason.h"
#include "topics/topic.h"

namespace bootwire::session {

namespace {

using namespace iscsi;
using std::string;
using std::string_view;

struct StatusText {
    uint8_t status_class;
    uint8_t detail;
    string_view words;
    string_view hint;
    Remedy remedy;
    Topic topic;
};

constexpr Remedy act = Remedy::operator_must_act;
constexpr Remedy wait = Remedy::waiting_helps;
constexpr string_view no_credentials =
    "the target asks for CHAP, and there is no user name and secret";
constexpr string_view give_credentials = "give user name and secret";
constexpr string_view its_log = "see the target's log";
constexpr const char* name_the_target =
    "servers may have another login for discovery, which a target that is named (iscsi.target=) "
    "does without";

/// Section 11.13.5. The last row of a class is for details that are not in the table.
constexpr std::array<StatusText, 19> statuses{{
    {1, 1, "the target has moved for now", "", wait, Topic::target_moved},
    {1, 2, "the target has moved for good", "", act, Topic::target_moved},
    {1, 0xff, "the target has moved", "", act, Topic::target_moved},
    {2, 0, "the target found fault with the login", its_log, act, Topic::login_breaks_off},
    {2, 1, "authentication failed", "check user name and secret, here and on the target", act,
     Topic::login_refused},
    {2, 2, "this initiator is not allowed to use the target",
     "add the initiator name to the target's access list", act, Topic::not_allowed},
    {2, 3, "the target does not exist",
     "check the target name; a target that is still starting up may add it in a moment", wait,
     Topic::no_such_target},
    {2, 4, "the target has been removed", "the server says that it will not come back", wait,
     Topic::no_such_target},
    {2, 5, "the target speaks another version of iSCSI", "update the target", act,
     Topic::login_does_not_fit},
    {2, 6, "the session has too many connections",
     "a session of an earlier boot may still be open; it ends by itself", wait,
     Topic::target_not_ready},
    {2, 7, "the target misses a parameter", its_log, act, Topic::login_breaks_off},
    {2, 8, "the target cannot add this connection to the session", its_log, act,
     Topic::target_not_ready},
    {2, 9, "the target does not offer this type of session",
     "is it a discovery portal, or the disk's?", act, Topic::no_such_target},
    {2, 10, "the session does not exist", "it has ended; a new login starts a new one", wait,
     Topic::login_breaks_off},
    {2, 11, "the target found a request invalid during login", its_log, act,
     Topic::login_breaks_off},
    {2, 0xff, "the target found fault with the login", its_log, act, Topic::login_breaks_off},
    {3, 1, "the target is not ready to serve", "it may be starting up", wait,
     Topic::target_not_ready},
    {3, 2, "the target is out of resources", "close sessions that are no longer used", wait,
     Topic::target_not_ready},
    {3, 0xff, "the target has an error of its own", its_log, wait, Topic::target_not_ready},
}};

const StatusText* find_status(uint8_t status_class, uint8_t detail) {
    for (const StatusText& row : statuses) {
        if (row.status_class == status_class && (row.detail == detail || row.detail == 0xff)) {
            return &row;
        }
    }
    return nullptr;
}

string_view in_words(TextProblem problem) {
    switch (problem) {
        case TextProblem::none:
            return "";
        case TextProblem::no_equals_sign:
            return "a key without '='";
        case TextProblem::empty_key:
            return "an empty key";
        case TextProblem::key_too_long:
            return "a key longer than 63 bytes";
        case TextProblem::bad_key_character:
            return "a key with a forbidden character";
        case TextProblem::value_too_long:
            return "a value longer than 8192 bytes";
        case TextProblem::too_much_text:
            return "more text than 16384 bytes";
    }
    return "";
}

string_view in_words(KeyProblem problem) {
    switch (problem) {
        case KeyProblem::none:
            return "";
        case KeyProblem::illegal_value:
            return "which is no value that this key can have";
        case KeyProblem::not_offered:
            return "which does not fit what was offered";
        case KeyProblem::repeated:
            return "for the second time in this login";
        case KeyProblem::nothing_in_common:
            return "and there is no value that suits both sides";
    }
    return "";
}

struct ChapText {
    string_view words;
    string hint;
};

/// "SHA-256, SHA-1 or MD5"
string names_of(std::span<const ChapAlgorithm> algorithms) {
    string names;
    for (size_t i = 0; i < algorithms.size(); ++i) {
        if (i > 0) names += i + 1 < algorithms.size() ? ", " : " or ";
        names += name_of(algorithms[i]);
    }
    return names;
}

ChapText in_words(ChapProblem problem) {
    constexpr const char* broken = "the target does not keep to the protocol; see its log";
    constexpr const char* mutual = "check the mutual (reverse) user name and secret on both sides";
    switch (problem) {
        case ChapProblem::none:
            return {"", ""};
        case ChapProblem::same_secret_both_ways:
            return {"the secrets of both directions are the same",
                    "give the target another secret than the initiator: RFC 7143 forbids one for "
                    "both"};
        case ChapProblem::algorithm_refused:
            return {"the target has none of the offered algorithms",
                    "allow " + names_of(all_chap_algorithms) + " on the target"};
        case ChapProblem::algorithm_not_offered:
            return {"the target chose an algorithm that was not offered", broken};
        case ChapProblem::identifier_malformed:
            return {"the target's CHAP_I is no number from 0 to 255", broken};
        case ChapProblem::challenge_malformed:
            return {"the target's challenge is not 1 to 1024 bytes in base16 or base64", broken};
        case ChapProblem::challenge_reflected:
            return {"the target sent back the initiator's own challenge",
                    "something on the way pretends to be the target"};
        case ChapProblem::name_malformed:
            return {"the target's CHAP_N is not 1 to 255 bytes long", mutual};
        case ChapProblem::name_unknown:
            return {"the target proved itself under another name than the expected one", mutual};
        case ChapProblem::response_malformed:
            return {"the target's CHAP_R is not in base16 or base64", broken};
        case ChapProblem::response_wrong:
            return {"the target did not know the mutual secret", mutual};
        case ChapProblem::incomplete:
            return {"the target left out keys of the CHAP exchange",
                    "where mutual CHAP is asked for, the target needs a user name and secret of "
                    "its own"};
        case ChapProblem::repeated:
            return {"the target sent a CHAP key twice", broken};
        case ChapProblem::unexpected_key:
            return {"the target sent a CHAP key out of turn", broken};
    }
    return {"", ""};
}

Error refused(const LoginFailure& failure, const LoginSettings& settings) {
    char code[24];
    std::snprintf(code, sizeof code, " (status %02x%02x)", failure.status_class,
                  failure.status_detail);
    const StatusText* row = find_status(failure.status_class, failure.status_detail);
    const bool wants_credentials =
        failure.status_class == 2 && failure.status_detail == 1 && !settings.chap;
    if (wants_credentials) {
        return {string(no_credentials) + code, string(give_credentials), act, Topic::login_refused};
    }
    const string_view words =
        row != nullptr ? row->words : "the target answered with an unknown status";
    return {string(words) + code, string(row != nullptr ? row->hint : its_log),
            row != nullptr ? row->remedy : act,
            row != nullptr ? row->topic : Topic::login_breaks_off};
}

Topic topic_of(ChapProblem problem) {
    switch (problem) {
        case ChapProblem::algorithm_refused:
            return Topic::login_refused;
        case ChapProblem::same_secret_both_ways:
        case ChapProblem::challenge_reflected:
        case ChapProblem::name_unknown:
        case ChapProblem::response_wrong:
        case ChapProblem::incomplete:
            return Topic::target_unproved;
        default:
            return Topic::login_breaks_off;
    }
}

/// Of all but refusals, which have their own table.
Topic topic_of(const LoginFailure& failure) {
    switch (failure.problem) {
        case LoginProblem::settings_incomplete:
        case LoginProblem::request_too_long:
            return Topic::unusable_setting;
        case LoginProblem::authentication_not_offered:
        case LoginProblem::credentials_needed:
            return Topic::login_refused;
        case LoginProblem::chap:
            return topic_of(failure.chap_problem);
        case LoginProblem::bad_key:
        case LoginProblem::unsupported_version:
            return Topic::login_does_not_fit;
        case LoginProblem::redirection_without_address:
        case LoginProblem::redirection_malformed:
            return Topic::target_moved;
        default:
            return Topic::login_breaks_off;
    }
}

Error settings_incomplete(const LoginSettings& settings) {
    if (settings.initiator_name.empty()) return {"the login has no initiator name", "", act};
    if (settings.session_type == SessionType::normal && settings.target_name.empty()) {
        return {"the login has no target name", "", act};
    }
    return {"mutual CHAP is asked for without a user name and secret of this side",
            "give both pairs, or none for the target", act};
}

/// What no target does that keeps to the protocol; nothing for any other failure.
std::optional<string> breach_in_words(const LoginFailure& failure) {
    switch (failure.problem) {
        case LoginProblem::unexpected_pdu:
            return "expected a Login Response, got PDU type " +
                   std::to_string(static_cast<int>(failure.opcode));
        case LoginProblem::frame_too_long:
            return "the target sent more data than a login response may carry";
        case LoginProblem::wrong_task_tag:
            return "the response belongs to another task";
        case LoginProblem::wrong_session:
            return "the response belongs to another session (ISID)";
        case LoginProblem::wrong_stage:
            return "the target went on to a stage that was not asked for";
        case LoginProblem::no_session_handle:
            return "the target gave the session no handle (TSIH 0)";
        case LoginProblem::malformed_text:
            return "the target sent " + string(in_words(failure.text));
        case LoginProblem::too_many_responses:
            return "no end after " + std::to_string(max_login_responses) + " responses";
        case LoginProblem::no_authentication_answer:
            return "the target did not say which authentication it wants";
        default:
            return std::nullopt;
    }
}

Error in_words(const LoginFailure& failure, const LoginSettings& settings) {
    if (const auto breach = breach_in_words(failure)) {
        return {*breach, "the target does not keep to the protocol; is it an iSCSI target?", act};
    }
    const string value = "\"" + printable(failure.value.view()) + "\"";
    switch (failure.problem) {
        case LoginProblem::settings_incomplete:
            return settings_incomplete(settings);
        case LoginProblem::request_too_long:
            return {"names and credentials are too long for one request", "", act};
        case LoginProblem::refused:
            return refused(failure, settings);
        case LoginProblem::rejected:
            return {"the target rejected a request: " +
                        string(reject_reason_in_words(failure.reject_reason)),
                    string(its_log), act};
        case LoginProblem::connection_closed:
            return {"the target closed the connection before the login was over", string(its_log),
                    wait};
        case LoginProblem::unsupported_version:
            return {"the target wants another version of iSCSI", "update the target", act};
        case LoginProblem::bad_key:
            return {"the target answered " + printable(failure.key.view()) + "=" +
                        printable(failure.value.view()) + ", " +
                        string(in_words(failure.key_problem)),
                    "check this setting on the target", act};
        case LoginProblem::authentication_not_offered:
            return {"the target wants the authentication " + value +
                        (settings.mutual_chap ? ", but mutual CHAP is asked for"
                                              : ", which was not offered"),
                    "set the target to CHAP, with both pairs of user name and secret if mutual",
                    act};
        case LoginProblem::credentials_needed:
            return {string(no_credentials), string(give_credentials), act};
        case LoginProblem::chap: {
            const ChapText text = in_words(failure.chap_problem);
            return {string(text.words), text.hint, act};
        }
        case LoginProblem::redirection_without_address:
            return {"the target says that it has moved, and not where to", string(its_log), act};
        case LoginProblem::redirection_malformed:
            return {"the target says that it has moved to " + value +
                        ", which is not ADDRESS[:PORT][,TAG]",
                    string(its_log), act};
        default:
            return {"failed", "", act};
    }
}

}  // namespace

Error describe(const LoginFailure& failure, const LoginSettings& settings) {
    Error error = about(topic_of(failure), in_words(failure, settings));
    const bool not_let_in =
        error.topic == Topic::login_refused || error.topic == Topic::target_unproved;
    if (not_let_in && settings.session_type == SessionType::discovery) {
        error.hint += string(error.hint.empty() ? "" : "; ") + name_the_target;
    }
    return error;
}

}  // namespace bootwire::session
