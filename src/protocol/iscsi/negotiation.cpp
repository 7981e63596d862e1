#include "iscsi/negotiation.h"

#include <algorithm>

#include "base/fnv1a.h"

namespace bootwire::iscsi {

namespace {

constexpr std::string_view not_understood = "NotUnderstood";
constexpr std::string_view irrelevant = "Irrelevant";
constexpr std::string_view reject = "Reject";
constexpr size_t max_alias_length = 255;  // section 13.6
constexpr std::string_view no_digest = digest_list(DigestPreference::none_only);
constexpr std::string_view crc32c = digest_list(DigestPreference::crc32c_only);

/// The answer to the offer of a key that is not in the table: the obsolete keys (section 13.25),
/// TaskReporting (13.23), the protocol level of RFC 7144, and what nobody knows. Of a list only
/// what is on it may be chosen (section 6.2.1).
std::string_view fixed_answer(TextPair offer) {
    constexpr std::array<std::string_view, 4> obsolete{"IFMarker", "OFMarker", "IFMarkInt",
                                                       "OFMarkInt"};
    constexpr std::string_view plain_reporting = "RFC3720";
    if (std::ranges::find(obsolete, offer.key) != obsolete.end()) return reject;
    if (offer.key == "iSCSIProtocolLevel") return "1";
    if (offer.key != "TaskReporting") return not_understood;
    return list_contains(offer.value, plain_reporting) ? plain_reporting : reject;
}

bool is_refusal(std::string_view value) {
    return value == not_understood || value == irrelevant || value == reject;
}

std::optional<uint32_t> parse_digest(std::string_view text) {
    if (text == no_digest) return 0;
    if (text == crc32c) return 1;
    return std::nullopt;
}

bool allows(DigestPreference preference, uint32_t digest) {
    if (preference == DigestPreference::none_only) return digest == 0;
    if (preference == DigestPreference::crc32c_only) return digest == 1;
    return true;
}

/// How long a session outlives its connection: both sides may differ about that, as neither works
/// with the number, and targets do answer what was never offered.
bool is_harmless(Key key) {
    return key == Key::default_time2wait || key == Key::default_time2retain;
}

/// The value of a single answer or offer, in range for its key.
std::optional<uint32_t> parse_value(const KeyRule& rule, std::string_view text) {
    switch (rule.kind) {
        case KeyKind::digest_list:
            return parse_digest(text);
        case KeyKind::boolean_and:
        case KeyKind::boolean_or:
            if (const auto yes = parse_boolean(text)) return *yes ? 1 : 0;
            return std::nullopt;
        default:
            break;
    }
    const auto number = parse_numerical(text);
    if (!number || *number < rule.minimum || *number > rule.maximum) return std::nullopt;
    return number;
}

uint32_t combine(KeyKind kind, uint32_t a, uint32_t b) {
    const bool larger = kind == KeyKind::numerical_max || kind == KeyKind::boolean_or;
    return larger ? std::max(a, b) : std::min(a, b);
}

}  // namespace

std::optional<Key> find_key(std::string_view name) {
    for (size_t i = 0; i < key_count; ++i) {
        if (rule_of(static_cast<Key>(i)).name == name) return static_cast<Key>(i);
    }
    return std::nullopt;
}

Negotiation::Negotiation(Role role, SessionType session_type,
                         const OperationalPreferences& preferences)
    : role_(role), session_type_(session_type) {
    const std::array<uint32_t, key_count> wishes{
        static_cast<uint32_t>(preferences.header_digest),
        static_cast<uint32_t>(preferences.data_digest),
        preferences.max_connections,
        preferences.initial_r2t,
        preferences.immediate_data,
        preferences.max_recv_data_segment_length,
        preferences.max_burst_length,
        std::min(preferences.first_burst_length, preferences.max_burst_length),
        preferences.default_time2wait_s,
        preferences.default_time2retain_s,
        preferences.max_outstanding_r2t,
        preferences.data_pdu_in_order,
        preferences.data_sequence_in_order,
        preferences.error_recovery_level};
    for (size_t i = 0; i < key_count; ++i) {
        const KeyRule& rule = rule_of(static_cast<Key>(i));
        const bool is_digest = rule.kind == KeyKind::digest_list;
        mine_[i] = is_digest ? wishes[i] : std::clamp(wishes[i], rule.minimum, rule.maximum);
        agreed_[i] = rule.preset;
    }
}

bool Negotiation::write_offers(TextKeyWriter& to) {
    bool offers = false;
    for (size_t i = 0; i < key_count; ++i) {
        const Key key = static_cast<Key>(i);
        const KeyRule& rule = rule_of(key);
        const bool declared = rule.kind == KeyKind::declared_number;
        if (offered_[i] || (settled_[i] && !declared)) continue;
        if (session_type_ == SessionType::discovery && !rule.in_discovery) continue;
        if (role_ == Role::target && !declared && (is_harmless(key) || permits(key, rule.preset))) {
            continue;
        }
        if (rule.kind == KeyKind::digest_list) {
            to.add(rule.name, digest_list(static_cast<DigestPreference>(mine_[i])));
        } else {
            write_value(key, mine_[i], to);
        }
        offered_[i] = true;
        offers |= !declared;
    }
    return offers;
}

void Negotiation::write_value(Key key, uint32_t value, TextKeyWriter& to) const {
    const KeyRule& rule = rule_of(key);
    switch (rule.kind) {
        case KeyKind::digest_list:
            to.add(rule.name, value != 0 ? crc32c : no_digest);
            break;
        case KeyKind::boolean_and:
        case KeyKind::boolean_or:
            to.add(rule.name, value != 0 ? "Yes" : "No");
            break;
        default:
            to.add(rule.name, value);
    }
}

KeyProblem Negotiation::receive(TextPair pair, TextKeyWriter& answers) {
    if (const auto key = find_key(pair.key)) {
        const size_t index = static_cast<size_t>(*key);
        const uint64_t said = fnv1a(pair.value);
        if (settled_[index]) return note_again(rule_of(*key).name, said == said_[index]);
        settled_[index] = true;
        said_[index] = said;
        if (rule_of(*key).kind == KeyKind::declared_number) {
            const auto length = parse_value(rule_of(*key), pair.value);
            if (!length) return KeyProblem::illegal_value;
            agreed(*key) = *length;
            return KeyProblem::none;
        }
        return offered_[index] ? receive_answer(*key, pair.value)
                               : receive_offer(*key, pair.value, answers);
    }
    bool known = false;
    const KeyProblem problem = receive_declaration(pair, known);
    if (known || is_refusal(pair.value)) return problem;
    answers.add(pair.key, fixed_answer(pair));
    return KeyProblem::none;
}

/// Section 6.3 forbids it, and targets do it; the same again changes nothing.
KeyProblem Negotiation::note_again(std::string_view key, bool the_same) {
    if (!the_same) return KeyProblem::repeated;
    repeated_key_ = key;
    return KeyProblem::none;
}

/// What one side alone says of itself (sections 13.6, 13.7 and 13.9).
KeyProblem Negotiation::receive_declaration(TextPair pair, bool& known) {
    constexpr std::string_view portal_group_tag = "TargetPortalGroupTag";
    const bool from_target = role_ == Role::initiator;
    const bool is_tag = from_target && pair.key == portal_group_tag;
    known = is_tag || pair.key == (from_target ? "TargetAlias" : "InitiatorAlias");
    if (!known) return KeyProblem::none;
    return is_tag ? receive_portal_group_tag(pair.value) : receive_alias(pair);
}

KeyProblem Negotiation::receive_alias(TextPair pair) {
    const uint64_t said = fnv1a(pair.value);
    if (has_alias_) {
        return note_again(role_ == Role::target ? "InitiatorAlias" : "TargetAlias", said == alias_);
    }
    has_alias_ = true;
    alias_ = said;
    return pair.value.size() <= max_alias_length ? KeyProblem::none : KeyProblem::illegal_value;
}

KeyProblem Negotiation::receive_portal_group_tag(std::string_view value) {
    const auto tag = parse_numerical(value);
    if (!tag || *tag > 65535) return KeyProblem::illegal_value;
    if (has_portal_group_tag_) {
        return note_again("TargetPortalGroupTag", *tag == target_portal_group_tag_);
    }
    has_portal_group_tag_ = true;
    target_portal_group_tag_ = static_cast<uint16_t>(*tag);
    return KeyProblem::none;
}

KeyProblem Negotiation::receive_answer(Key key, std::string_view value) {
    if (is_refusal(value)) return fall_back(key);
    if (is_harmless(key)) return receive_time(key, value);
    const auto number = parse_value(rule_of(key), value);
    if (!number) return KeyProblem::illegal_value;
    if (!permits(key, *number)) return KeyProblem::not_offered;
    if (key == Key::first_burst_length) first_burst_answered_ = true;
    agreed(key) = *number;
    return KeyProblem::none;
}

/// Any number will do: what the key's function makes of it is what this side goes by.
KeyProblem Negotiation::receive_time(Key key, std::string_view value) {
    const auto number = parse_numerical(value);
    if (!number) return KeyProblem::illegal_value;
    const KeyRule& rule = rule_of(key);
    if (!permits(key, *number) || *number > rule.maximum) times_beyond_offer_ = true;
    agreed(key) = std::min(combine(rule.kind, mine(key), *number), rule.maximum);
    return KeyProblem::none;
}

KeyProblem Negotiation::receive_offer(Key key, std::string_view value, TextKeyWriter& answers) {
    const KeyRule& rule = rule_of(key);
    if (session_type_ == SessionType::discovery && !rule.in_discovery) {
        answers.add(rule.name, irrelevant);
        return fall_back(key);
    }
    std::optional<uint32_t> chosen;
    if (rule.kind == KeyKind::digest_list) {
        const auto preference = static_cast<DigestPreference>(mine(key));
        while (!value.empty() && !chosen) {
            const auto digest = parse_digest(take_list_item(value));
            if (digest && allows(preference, *digest)) chosen = digest;
        }
    } else if (const auto offer = parse_value(rule, value)) {
        chosen = combine(rule.kind, mine(key), *offer);
    }
    if (!chosen) {
        answers.add(rule.name, reject);
        return fall_back(key);
    }
    if (key == Key::first_burst_length) {
        first_burst_offer_ = chosen;
    } else {
        answer(key, *chosen, answers);
    }
    return KeyProblem::none;
}

void Negotiation::answer(Key key, uint32_t value, TextKeyWriter& answers) {
    agreed(key) = value;
    write_value(key, value, answers);
}

/// Section 13.14: FirstBurstLength must not exceed MaxBurstLength.
void Negotiation::end_of_text(TextKeyWriter& answers) {
    if (!first_burst_offer_) return;
    answer(Key::first_burst_length, std::min(*first_burst_offer_, agreed(Key::max_burst_length)),
           answers);
    first_burst_offer_.reset();
}

/// Whether the key's function can give this value, one side being mine.
bool Negotiation::permits(Key key, uint32_t value) const {
    const KeyKind kind = rule_of(key).kind;
    if (kind == KeyKind::digest_list) {
        return allows(static_cast<DigestPreference>(mine(key)), value);
    }
    return combine(kind, mine(key), value) == value;
}

/// No value was agreed on: the default of section 13 holds, for both sides. The peer goes by it. An
/// initiator may send less than the default lets it; a target has to take what comes.
KeyProblem Negotiation::fall_back(Key key) {
    const KeyRule& rule = rule_of(key);
    agreed(key) = rule.preset;
    const bool matters = session_type_ == SessionType::normal || rule.in_discovery;
    if (!matters || permits(key, rule.preset)) return KeyProblem::none;
    if (rule.kind == KeyKind::digest_list) return KeyProblem::nothing_in_common;
    if (role_ == Role::target && !is_harmless(key)) return KeyProblem::nothing_in_common;
    agreed(key) = combine(rule.kind, mine(key), rule.preset);
    return KeyProblem::none;
}

KeyProblem Negotiation::finish(std::string_view& key) {
    for (size_t i = 0; i < key_count; ++i) {
        if (settled_[i] || rule_of(static_cast<Key>(i)).kind == KeyKind::declared_number) continue;
        const KeyProblem problem = fall_back(static_cast<Key>(i));
        if (problem != KeyProblem::none) {
            key = rule_of(static_cast<Key>(i)).name;
            return problem;
        }
    }
    return KeyProblem::none;
}

OperationalParameters Negotiation::result() const {
    OperationalParameters result;
    result.header_digest = agreed(Key::header_digest) != 0;
    result.data_digest = agreed(Key::data_digest) != 0;
    result.max_connections = agreed(Key::max_connections);
    result.max_xmit_dlength = agreed(Key::max_recv_data_segment_length);
    result.max_recv_dlength = mine(Key::max_recv_data_segment_length);
    result.initial_r2t = agreed(Key::initial_r2t) != 0;
    result.immediate_data = agreed(Key::immediate_data) != 0;
    result.max_burst = agreed(Key::max_burst_length);
    result.first_burst_cut =
        first_burst_answered_ && agreed(Key::first_burst_length) > result.max_burst;
    result.first_burst = std::min(agreed(Key::first_burst_length), result.max_burst);
    result.max_outstanding_r2t = agreed(Key::max_outstanding_r2t);
    result.pdu_in_order = agreed(Key::data_pdu_in_order) != 0;
    result.sequence_in_order = agreed(Key::data_sequence_in_order) != 0;
    result.erl = agreed(Key::error_recovery_level);
    result.default_time2wait_s = agreed(Key::default_time2wait);
    result.default_time2retain_s = agreed(Key::default_time2retain);
    result.times_beyond_offer = times_beyond_offer_;
    result.repeated_key = repeated_key_;
    result.target_portal_group_tag = target_portal_group_tag_;
    return result;
}

}  // namespace bootwire::iscsi
