// Which sessions a target has, and what becomes of them when an initiator logs in (RFC 7143
// sections 4.4.3.1, 6.3.4 to 6.3.5, 11.12.5 and 11.12.6). A session has one connection.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "iscsi_target/admission.h"

namespace bootwire::iscsi {

struct SessionEntry {
    LoginIdentity identity;  ///< with the TSIH that it was given
    uint16_t portal_group_tag = 0;
};

/// What a login leads to.
struct SessionVerdict {
    enum class Kind : uint8_t {
        begins,
        /// The session `tsih_of_old` ends first, with all its tasks: the same initiator port logs
        /// in again (section 6.3.5). What is kept for the port, such as its reservations, stays.
        reinstates,
        refused,  ///< status
    };
    Kind kind = Kind::refused;
    uint16_t tsih = 0;  ///< of the session that begins
    uint16_t tsih_of_old = 0;
    LoginStatus status;
};

class SessionTable {
  public:
    /// What a login that is complete leads to; changes nothing.
    SessionVerdict judge(const LoginIdentity& identity, uint16_t portal_group_tag) const;
    /// The session has begun, the one that it reinstates has ended.
    void begin(const SessionVerdict& verdict, const LoginIdentity& identity,
               uint16_t portal_group_tag);
    void end(uint16_t tsih);

    size_t size() const { return sessions_.size(); }
    const SessionEntry* find(uint16_t tsih) const;

  private:
    const SessionEntry* find(const LoginIdentity& identity, uint16_t portal_group_tag) const;
    std::optional<uint16_t> free_tsih() const;

    std::vector<SessionEntry> sessions_;
    uint16_t last_tsih_ = 0;
};

}  // namespace bootwire::iscsi
