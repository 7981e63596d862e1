#include "session/reserve.h"

#include <fcntl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <memory>
#include <vector>

#include "iscsi_initiator/task_client.h"
#include "os/fd.h"
#include "os/log.h"
#include "session/claim_error.h"
#include "session/conversation.h"
#include "session/reservation_key.h"
#include "topics/topic.h"

namespace bootwire::session {

namespace {

constexpr unsigned timeout_ms = 20'000;

Status carry_out(const Fd& device, iscsi::Claim& claim) {
    iscsi::ScsiCommand command = claim.command();
    std::vector<uint8_t> in(command.in_length);
    uint8_t sense[64] = {};
    const bool writes = command.out_length > 0;
    sg_io_hdr_t request{};
    request.interface_id = 'S';
    request.dxfer_direction = writes ? SG_DXFER_TO_DEV : SG_DXFER_FROM_DEV;
    request.cmd_len = static_cast<unsigned char>(command.cdb_length);
    request.cmdp = command.cdb.data();
    request.dxferp = writes ? command.out.data() : in.data();
    request.dxfer_len = writes ? static_cast<unsigned>(command.out_length) : command.in_length;
    request.sbp = sense;
    request.mx_sb_len = sizeof sense;
    request.timeout = timeout_ms;
    const std::string what = "cannot ask the target for the disk's reservation";
    if (ioctl(device.get(), SG_IO, &request) != 0) return fail_errno(what);
    const size_t left = request.resid > 0 ? static_cast<size_t>(request.resid) : 0;
    if (left < in.size()) in.resize(in.size() - left);
    // A conflict comes as DID_NEXUS_FAILURE from some kernels: the status is what counts.
    const auto status = static_cast<iscsi::ScsiStatus>(request.status);
    if (request.host_status != 0 && status == iscsi::ScsiStatus::good) {
        return fail_for_now(what + ": the session is in trouble (" +
                            std::to_string(request.host_status) + ")");
    }
    claim.on_outcome(status, Bytes(sense).first(request.sb_len_wr), in);
    return {};
}

}  // namespace

Status claim_disk(const std::string& node, uint64_t key, iscsi::Intent intent) {
    const Fd device(open(node.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!device.valid()) return fail_errno("cannot open " + node);
    iscsi::Claim claim(key, intent);
    while (claim.state() == iscsi::ClaimState::asking) {
        if (auto done = carry_out(device, claim); !done) return done;
    }
    if (claim.state() != iscsi::ClaimState::done) {
        return std::unexpected(about(Topic::disk_not_reserved, describe(claim.failure())));
    }
    if (claim.displaced_key() != 0) {
        log::warning("the disk is taken from the machine with the key " +
                     key_text(claim.displaced_key()) + ", as iscsi.exclusive=preempt wants");
    }
    return {};
}

namespace {

/// Over the login's own connection; the login then has the numbers with which it goes on.
Status ask(LoggedIn& login, iscsi::TaskClient& tasks, const Surroundings& surroundings) {
    net::PduStream pdus(login.socket.get(), iscsi::max_task_data);
    pdus.use_digests(login.result.digests());
    const auto done = converse(tasks, {pdus, login.portal.to_string(), surroundings.on_progress,
                                       surroundings.give_up_at()});
    login.result = tasks.result();
    return done;
}

}  // namespace

Status try_out(LoggedIn& login, iscsi::Lun lun, const Surroundings& surroundings) {
    iscsi::Claim claim(0, iscsi::Intent::use);
    const auto tasks = std::make_unique<iscsi::TaskClient>(login.result, lun, claim);
    if (auto asked = ask(login, *tasks, surroundings); !asked) return asked;
    if (tasks->state() == iscsi::TaskState::failed) {
        return std::unexpected(about(Topic::login_breaks_off, describe(tasks->failure())));
    }
    const iscsi::ClaimFailure& failure = claim.failure();
    if (claim.state() == iscsi::ClaimState::done) return {};
    if (failure.sense.key != iscsi::sense_not_ready) return {};
    Error error = describe(failure);
    error.what = login.portal.to_string() + ": " + error.what;
    return std::unexpected(about(Topic::target_not_ready, std::move(error)));
}

Status release_disk(const Account& account, const plan::Portal& portal, const Hold& hold,
                    const Surroundings& surroundings) {
    auto login = log_in(account, portal, surroundings);
    if (!login) return std::unexpected(login.error());
    iscsi::Claim claim(hold.key, iscsi::Intent::release);
    const auto tasks = std::make_unique<iscsi::TaskClient>(login->result, hold.lun, claim);
    if (auto asked = ask(*login, *tasks, surroundings); !asked) return asked;
    if (tasks->state() == iscsi::TaskState::failed)
        return std::unexpected(describe(tasks->failure()));
    if (claim.state() != iscsi::ClaimState::done) return std::unexpected(describe(claim.failure()));
    return {};
}

}  // namespace bootwire::session
