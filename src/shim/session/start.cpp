#include "session/start.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "os/file.h"

namespace bootwire::session {

namespace {

constexpr const char* ping_interval = "5";  // seconds, as open-iscsi's default

using Settings = std::vector<std::pair<Parameter, std::string>>;

constexpr plan::RecoveryTime nobody_recovers = std::chrono::seconds(0);

std::string seconds_of(const plan::RecoveryTime& recovery) {
    return recovery ? std::to_string(recovery->count()) : "-1";
}

std::string flag(bool value) {
    return value ? "1" : "0";
}

/// What the kernel is told of a session, in the order of facts: who, how long, what was negotiated.
Settings settings_of(const Account& account, const Endpoint& portal,
                     const iscsi::LoginResult& result, const plan::RecoveryTime& recovery,
                     std::chrono::seconds ping_timeout) {
    const iscsi::OperationalParameters& agreed = result.parameters;
    return {
        {Parameter::target_name, account.target},
        {Parameter::initiator_name, account.initiator},
        {Parameter::persistent_address, portal.address.to_string()},
        {Parameter::persistent_port, std::to_string(portal.port)},
        {Parameter::recovery_timeout, seconds_of(recovery)},
        {Parameter::fast_abort, "1"},
        {Parameter::abort_timeout, "15"},
        {Parameter::lun_reset_timeout, "30"},
        {Parameter::target_reset_timeout, "30"},
        {Parameter::ping_timeout, std::to_string(ping_timeout.count())},
        {Parameter::ping_interval, ping_interval},
        {Parameter::max_recv_data_segment_length, std::to_string(agreed.max_recv_dlength)},
        {Parameter::max_xmit_data_segment_length, std::to_string(agreed.max_xmit_dlength)},
        {Parameter::header_digest, flag(agreed.header_digest)},
        {Parameter::data_digest, flag(agreed.data_digest)},
        {Parameter::initial_r2t, flag(agreed.initial_r2t)},
        {Parameter::max_outstanding_r2t, std::to_string(agreed.max_outstanding_r2t)},
        {Parameter::immediate_data, flag(agreed.immediate_data)},
        {Parameter::first_burst_length, std::to_string(agreed.first_burst)},
        {Parameter::max_burst_length, std::to_string(agreed.max_burst)},
        {Parameter::data_pdu_in_order, flag(agreed.pdu_in_order)},
        {Parameter::data_sequence_in_order, flag(agreed.sequence_in_order)},
        {Parameter::error_recovery_level, "0"},
        {Parameter::exp_stat_sn, std::to_string(result.exp_stat_sn)},
        {Parameter::target_portal_group_tag, std::to_string(agreed.target_portal_group_tag)},
    };
}

/// What sends the session's PDUs (libiscsi's work queue) comes before what computes: a busy system
/// is not to wait for its disk on top.
void hurry_sending(const KernelSession& session) {
    (void)write_control_file(
        "/sys/devices/virtual/workqueue/iscsi_q_" + std::to_string(session.host) + "/nice", "-20");
}

Status bind_and_start(KernelInitiator& kernel, const KernelSession& session, const Account& account,
                      LoggedIn& login) {
    if (auto done = kernel.create_connection(session); !done) return done;
    if (auto done = kernel.bind_connection(session, login.socket.get()); !done) return done;
    login.socket.reset();  // the kernel has its own reference
    return configure_and_start(kernel, session, account, login.portal, login.result,
                               nobody_recovers);
}

}  // namespace

Result<KernelSession> start_in_kernel(KernelInitiator& kernel, const Account& account,
                                      LoggedIn& login) {
    const auto session = kernel.create_session(login.result.cmd_sn);
    if (!session) return std::unexpected(session.error());
    hurry_sending(*session);
    if (auto started = bind_and_start(kernel, *session, account, login); !started) {
        drop_from_kernel(kernel, *session);
        return std::unexpected(started.error());
    }
    return *session;
}

Status let_io_wait(KernelInitiator& kernel, const KernelSession& session,
                   const plan::RecoveryTime& recovery) {
    return kernel.set_parameter(session, Parameter::recovery_timeout, seconds_of(recovery));
}

bool is_connected(const KernelSession& session) {
    const auto state = read_file("/sys/class/iscsi_connection/connection" +
                                 std::to_string(session.sid) + ":0/state");
    return state && trim(*state) == "up";
}

Status configure_and_start(KernelInitiator& kernel, const KernelSession& session,
                           const Account& account, const Endpoint& portal,
                           const iscsi::LoginResult& result, const plan::RecoveryTime& recovery,
                           std::chrono::seconds ping_timeout) {
    for (const auto& [parameter, value] :
         settings_of(account, portal, result, recovery, ping_timeout)) {
        if (auto done = kernel.set_parameter(session, parameter, value); !done) return done;
    }
    return kernel.start_connection(session);
}

void drop_from_kernel(KernelInitiator& kernel, const KernelSession& session) {
    // Each step may find that there is nothing to do, which is as good.
    (void)kernel.stop_connection(session, StopReason::terminate);
    (void)kernel.destroy_connection(session);
    (void)kernel.destroy_session(session);
}

}  // namespace bootwire::session
