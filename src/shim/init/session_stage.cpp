#include "init/session_stage.h"

#include "base/text.h"
#include "init/network_stage.h"
#include "iscsi/isid.h"
#include "net/resolve.h"
#include "os/log.h"
#include "session/discover.h"
#include "session/reserve.h"
#include "session/start.h"

namespace bootwire::init {

namespace {

/// From the board, not from the kernel's session number: a target keeps reservations by it.
iscsi::Isid isid_of(const board::Board& board) {
    if (!board.serial.empty()) return iscsi::Isid::from_serial(board.serial);
    return board.mac ? iscsi::Isid::from_mac(*board.mac) : iscsi::Isid::from_serial("unknown");
}

std::string describe(const session::LoggedIn& login) {
    const iscsi::LoginResult& result = login.result;
    std::string text = "logged in at " + login.portal.to_string();
    if (result.chap_algorithm) {
        text += ", CHAP with " + std::string(iscsi::name_of(*result.chap_algorithm));
        if (result.target_proved) text += " both ways";
    }
    if (result.parameters.header_digest) text += ", header digests";
    if (result.parameters.data_digest) text += ", data digests";
    return text;
}

/// At a portal by which the disk can be used. Where only named portals count, a redirection for
/// good is one for now.
Result<session::LoggedIn> log_in_to(const session::Account& account, const plan::Portal& portal,
                                    const plan::Plan& plan,
                                    const session::Surroundings& surroundings) {
    auto login = session::log_in(account, portal, surroundings);
    if (!login) return login;
    if (plan.named_portals_only.value) login->home = portal;
    const auto usable = session::try_out(*login, plan.lun.value, surroundings);
    if (!usable) return std::unexpected(usable.error());
    return login;
}

/// The login at one portal, discovery of the target's name included.
Result<session::LoggedIn> log_in_at(const plan::Portal& portal, session::Account& account,
                                    const plan::Plan& plan,
                                    const session::Surroundings& surroundings) {
    if (!account.target.empty()) return log_in_to(account, portal, plan, surroundings);
    const auto found = session::discover_only_target(account, portal, surroundings);
    if (!found) return std::unexpected(found.error());
    account.target = found->name;
    log::info("the only target at " + portal.to_string() + " is " + printable(found->name));
    const bool named_only = plan.named_portals_only.value;
    const plan::Portal& where = named_only ? portal : found->portal;
    auto login = log_in_to(account, where, plan, surroundings);
    if (!login && found->elsewhere && !named_only) {
        log::warning(login.error().to_string());
        log::info("the target says that it is at " + found->elsewhere->to_string());
        login = log_in_to(account, *found->elsewhere, plan, surroundings);
    }
    if (!login) account.target.clear();
    return login;
}

Result<session::LoggedIn> log_in_somewhere(const plan::Plan& plan, session::Account& account,
                                           const session::Surroundings& surroundings) {
    Result<session::LoggedIn> login = fail("no portal is known");
    for (const plan::Portal& portal : plan.portals.value) {
        if (plan.portals.value.size() > 1) log::info("trying the portal " + portal.to_string());
        login = log_in_at(portal, account, plan, surroundings);
        if (login) return login;
        if (&portal != &plan.portals.value.back()) log::warning(login.error().to_string());
    }
    return login;
}

}  // namespace

session::Account account_of(const plan::Plan& plan, const board::Board& board) {
    session::Account account;
    account.initiator = plan.initiator.value;
    account.target = plan.target.value.value_or("");
    account.isid = isid_of(board);
    if (plan.chap) account.chap = plan.chap->value;
    if (plan.mutual_chap) account.mutual_chap = plan.mutual_chap->value;
    account.operational.header_digest = plan.header_digest.value;
    account.operational.data_digest = plan.data_digest.value;
    return account;
}

Error unless_lost(const Session& session, Error error) {
    if (session::is_connected(session.handle)) return error;
    return fail_for_now("the connection to " + session.portal.to_string() +
                            " was lost while the disk was looked at",
                        "look into the target's log")
        .error();
}

Result<Session> open_session(const plan::Plan& plan, const board::Board& board, Progress& progress,
                             const std::function<void()>& on_progress) {
    progress.detail(plan.target.value.value_or("the only target") + " at " +
                    plan.portals.value.front().to_string());
    // In the booted system an iscsid may start that takes sessions over: it shall leave this one.
    auto kernel = session::KernelInitiator::open(session::Creator::firmware);
    if (!kernel) return std::unexpected(kernel.error());
    const net::NameServers name_servers = name_servers_of(plan.network);
    keeper::Addresses addresses;
    const auto address_of = [&](const std::string& host) -> Result<IpAddress> {
        const auto found = net::resolve_all(name_servers, host, on_progress);
        if (!found) return std::unexpected(found.error());
        addresses.insert_or_assign(host, *found);
        return found->front();
    };
    const session::Surroundings surroundings{address_of, on_progress};

    session::Account account = account_of(plan, board);
    auto login = log_in_somewhere(plan, account, surroundings);
    if (!login) return std::unexpected(login.error());
    log::info(describe(*login));
    const auto handle = session::start_in_kernel(*kernel, account, *login);
    if (!handle) return std::unexpected(handle.error());
    progress.detail(account.target + " at " + login->portal.to_string());
    return Session{std::move(*kernel),  *handle,     std::move(account),
                   login->portal,       login->home, login->result.parameters,
                   std::move(addresses)};
}

}  // namespace bootwire::init
