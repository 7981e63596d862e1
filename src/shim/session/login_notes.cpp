#include "session/login_notes.h"

#include "base/text.h"

namespace bootwire::session {

namespace {

bool is_short(const std::optional<iscsi::ChapCredentials>& credentials) {
    return credentials && credentials->secret.size() < iscsi::min_chap_secret;
}

}  // namespace

std::vector<std::string> login_notes(const iscsi::LoginResult& result,
                                     const iscsi::LoginSettings& settings) {
    std::vector<std::string> notes;
    if (settings.session_type == iscsi::SessionType::discovery) return notes;
    if (result.chap_algorithm && is_short(settings.chap)) {
        notes.push_back("the CHAP secret is shorter than 12 bytes: whoever listens may guess it");
    }
    if (result.target_proved && is_short(settings.mutual_chap)) {
        notes.push_back(
            "the target's CHAP secret is shorter than 12 bytes: whoever listens may guess it");
    }
    if (result.parameters.first_burst_cut) {
        notes.push_back("the target answered a FirstBurstLength above its MaxBurstLength; " +
                        std::to_string(result.parameters.first_burst) + " bytes hold for both");
    }
    if (result.parameters.times_beyond_offer) {
        notes.push_back(
            "the target answered a DefaultTime2Wait or DefaultTime2Retain that was not on offer, "
            "which does no harm");
    }
    if (!result.parameters.repeated_key.empty()) {
        notes.push_back("the target said " + std::string(result.parameters.repeated_key) +
                        " twice, and the same each time");
    }
    if (result.unterminated) {
        notes.push_back("the target leaves out the zero byte behind the last key");
    }
    if (result.miscounted) {
        notes.push_back("the target counts its responses wrongly (StatSN)");
    }
    if (!result.unanswered_key.empty()) {
        notes.push_back("the target offered " + printable(result.unanswered_key.view()) +
                        " in its last response, where nothing can be answered");
    }
    return notes;
}

}  // namespace bootwire::session
