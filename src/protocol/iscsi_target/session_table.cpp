#include "iscsi_target/session_table.h"

#include <algorithm>

namespace bootwire::iscsi {

namespace {

SessionVerdict refused(LoginStatus status) {
    SessionVerdict verdict;
    verdict.status = status;
    return verdict;
}

/// Both are about one I_T nexus. Discovery sessions have none: each is a new one.
bool is_same_nexus(const SessionEntry& session, const LoginIdentity& identity,
                   uint16_t portal_group_tag) {
    const LoginIdentity& its = session.identity;
    return its.session_type == SessionType::normal &&
           identity.session_type == SessionType::normal && its.isid == identity.isid &&
           its.initiator_name == identity.initiator_name &&
           its.target_name == identity.target_name && session.portal_group_tag == portal_group_tag;
}

}  // namespace

SessionVerdict SessionTable::judge(const LoginIdentity& identity, uint16_t portal_group_tag) const {
    const SessionEntry* old = find(identity, portal_group_tag);
    if (identity.tsih != 0) {
        // A connection for a session that is there: a second one, which no session may have, or in
        // the place of the first, whose tasks end with it at ERL 0 (section 6.3.4).
        if (old == nullptr || old->identity.tsih != identity.tsih) {
            return refused(login_status::no_such_session);
        }
        if (old->identity.cid != identity.cid) {
            return refused(login_status::too_many_connections);
        }
        return {SessionVerdict::Kind::reinstates, identity.tsih, identity.tsih, {}};
    }
    const auto tsih = free_tsih();
    if (!tsih) return refused(login_status::out_of_resources);
    if (old == nullptr) return {SessionVerdict::Kind::begins, *tsih, 0, {}};
    return {SessionVerdict::Kind::reinstates, *tsih, old->identity.tsih, {}};
}

void SessionTable::begin(const SessionVerdict& verdict, const LoginIdentity& identity,
                         uint16_t portal_group_tag) {
    if (verdict.kind == SessionVerdict::Kind::reinstates) end(verdict.tsih_of_old);
    sessions_.push_back({identity, portal_group_tag});
    sessions_.back().identity.tsih = last_tsih_ = verdict.tsih;
}

void SessionTable::end(uint16_t tsih) {
    std::erase_if(sessions_,
                  [&](const SessionEntry& session) { return session.identity.tsih == tsih; });
}

const SessionEntry* SessionTable::find(uint16_t tsih) const {
    const auto found = std::ranges::find_if(
        sessions_, [&](const SessionEntry& session) { return session.identity.tsih == tsih; });
    return found == sessions_.end() ? nullptr : &*found;
}

const SessionEntry* SessionTable::find(const LoginIdentity& identity,
                                       uint16_t portal_group_tag) const {
    const auto found = std::ranges::find_if(sessions_, [&](const SessionEntry& session) {
        return is_same_nexus(session, identity, portal_group_tag);
    });
    return found == sessions_.end() ? nullptr : &*found;
}

/// 0 is none. One that was used last comes back last.
std::optional<uint16_t> SessionTable::free_tsih() const {
    for (uint32_t i = 1; i <= 0xffff; ++i) {
        const auto tsih = static_cast<uint16_t>(last_tsih_ + i);
        if (tsih != 0 && find(tsih) == nullptr) return tsih;
    }
    return std::nullopt;
}

}  // namespace bootwire::iscsi
