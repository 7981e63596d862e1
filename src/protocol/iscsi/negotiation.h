// Negotiation of the operational keys (RFC 7143 sections 6.2 and 13), the same for both sides. A
// key that this side has offered comes back with the peer's answer, which is checked; any other key
// is the peer's offer, which is answered.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "iscsi/text_keys.h"

namespace bootwire::iscsi {

enum class Role : uint8_t { initiator, target };
enum class SessionType : uint8_t { normal, discovery };

/// The operational keys, in the order of the table in operational_keys.cpp.
enum class Key : uint8_t {
    header_digest,
    data_digest,
    max_connections,
    initial_r2t,
    immediate_data,
    max_recv_data_segment_length,
    max_burst_length,
    first_burst_length,
    default_time2wait,
    default_time2retain,
    max_outstanding_r2t,
    data_pdu_in_order,
    data_sequence_in_order,
    error_recovery_level,
};
inline constexpr size_t key_count = 14;

enum class KeyKind : uint8_t {
    digest_list,    ///< LIST of "None" and "CRC32C": the first of the offer that both can
    numerical_min,  ///< the smaller of both numbers
    numerical_max,  ///< the larger of both numbers
    boolean_and,
    boolean_or,
    declared_number,  ///< each side states its own; no answer
};

struct KeyRule {
    std::string_view name;
    KeyKind kind;
    uint32_t minimum;
    uint32_t maximum;
    uint32_t preset;    ///< the default of section 13
    bool in_discovery;  ///< means something in a Discovery session; else "Irrelevant" there
};

/// The key of that name, if it is an operational one.
std::optional<Key> find_key(std::string_view name);
/// The rule of a key; every Key has one.
const KeyRule& rule_of(Key key);

enum class DigestPreference : uint8_t { none_only, crc32c_only, none_first, crc32c_first };

/// The value of HeaderDigest and DataDigest that offers it.
constexpr std::string_view digest_list(DigestPreference preference) {
    switch (preference) {
        case DigestPreference::none_only:
            return "None";
        case DigestPreference::crc32c_only:
            return "CRC32C";
        case DigestPreference::none_first:
            return "None,CRC32C";
        case DigestPreference::crc32c_first:
            return "CRC32C,None";
    }
    return {};
}

/// What this side wants, in the bytes and seconds of section 13. A number out of the range that is
/// given there is brought into it, not refused.
struct OperationalPreferences {
    DigestPreference header_digest = DigestPreference::none_first;
    DigestPreference data_digest = DigestPreference::none_first;
    uint32_t max_connections = 1;
    bool initial_r2t = false;
    bool immediate_data = true;
    uint32_t max_recv_data_segment_length = 262'144;
    uint32_t max_burst_length = 16'776'192;
    uint32_t first_burst_length = 262'144;
    uint32_t default_time2wait_s = 2;
    uint32_t default_time2retain_s = 0;
    uint32_t max_outstanding_r2t = 1;
    bool data_pdu_in_order = true;
    bool data_sequence_in_order = true;
    uint32_t error_recovery_level = 0;
};

/// What both sides agreed on.
struct OperationalParameters {
    bool header_digest = false;
    bool data_digest = false;
    uint32_t max_connections = 1;
    /// The longest data segment that the peer takes: its MaxRecvDataSegmentLength.
    uint32_t max_xmit_dlength = 8192;
    /// The longest data segment that this side takes.
    uint32_t max_recv_dlength = 8192;
    bool initial_r2t = true;
    bool immediate_data = true;
    /// Never above max_burst: this side offers and answers so, and a peer that does otherwise is
    /// held to max_burst.
    uint32_t first_burst = 65'536;
    bool first_burst_cut = false;  ///< the peer did answer otherwise
    uint32_t max_burst = 262'144;
    uint32_t max_outstanding_r2t = 1;
    bool pdu_in_order = true;
    bool sequence_in_order = true;
    uint32_t erl = 0;
    uint32_t default_time2wait_s = 2;
    uint32_t default_time2retain_s = 20;
    bool times_beyond_offer = false;  ///< the peer answered one of both that the offer excludes
    std::string_view repeated_key;    ///< one that came twice with the same value; empty if none
    /// What the target said of itself; 0 where it said nothing.
    uint16_t target_portal_group_tag = 0;
};

enum class KeyProblem : uint8_t {
    none,
    illegal_value,     ///< no such value, or out of the key's range
    not_offered,       ///< an answer that this side's offer does not allow
    repeated,          ///< twice in one login (section 6.3), with different values
    nothing_in_common  ///< the default holds, and this side cannot live with it
};

class Negotiation {
  public:
    Negotiation(Role role, SessionType session_type, const OperationalPreferences& preferences);

    /// Writes this side's offers and declarations, each once in a login, however often it is
    /// called. An initiator offers all its keys; a target only what nobody has spoken of and what
    /// it cannot leave to the default, since the initiator still has to answer then: true if
    /// there was such an offer. What a target says of itself, its portal group and alias, is not
    /// negotiated, and not written here.
    bool write_offers(TextKeyWriter& to);
    /// Takes one received key, any but those of the security stage and of identity; writes the
    /// answer where one is due ("NotUnderstood" for keys that nobody knows).
    KeyProblem receive(TextPair pair, TextKeyWriter& answers);
    /// To be called when all keys of a text have been received: what could be answered only with
    /// all of them known is written now. FirstBurstLength may come before MaxBurstLength.
    void end_of_text(TextKeyWriter& answers);
    /// To be called when the login ends. Without an offer, or an answer to one, the default is in
    /// force; if that does not suit this side, this is `nothing_in_common` and `key` names it.
    KeyProblem finish(std::string_view& key);
    /// Complete after finish().
    OperationalParameters result() const;

  private:
    KeyProblem note_again(std::string_view key, bool the_same);
    KeyProblem receive_answer(Key key, std::string_view value);
    KeyProblem receive_time(Key key, std::string_view value);
    KeyProblem receive_offer(Key key, std::string_view value, TextKeyWriter& answers);
    KeyProblem receive_declaration(TextPair pair, bool& known);
    KeyProblem receive_alias(TextPair pair);
    KeyProblem receive_portal_group_tag(std::string_view value);
    void answer(Key key, uint32_t value, TextKeyWriter& answers);
    KeyProblem fall_back(Key key);
    bool permits(Key key, uint32_t value) const;
    void write_value(Key key, uint32_t value, TextKeyWriter& to) const;

    uint32_t& mine(Key key) { return mine_[static_cast<size_t>(key)]; }
    uint32_t mine(Key key) const { return mine_[static_cast<size_t>(key)]; }
    uint32_t& agreed(Key key) { return agreed_[static_cast<size_t>(key)]; }
    uint32_t agreed(Key key) const { return agreed_[static_cast<size_t>(key)]; }

    Role role_;
    SessionType session_type_;
    std::array<uint32_t, key_count> mine_{};  // digests: a DigestPreference
    std::array<uint32_t, key_count> agreed_{};
    std::array<bool, key_count> offered_{};
    std::array<bool, key_count> settled_{};
    std::array<uint64_t, key_count> said_{};  ///< hashes of the peer's values
    std::string_view repeated_key_;           ///< one of the names in the code
    bool times_beyond_offer_ = false;
    bool first_burst_answered_ = false;
    std::optional<uint32_t> first_burst_offer_;  ///< not answered yet
    bool has_alias_ = false;
    uint64_t alias_ = 0;  ///< likewise
    bool has_portal_group_tag_ = false;
    uint16_t target_portal_group_tag_ = 0;
};

}  // namespace bootwire::iscsi
