#include "keeper/answers.h"

#include "block/compressed_memory.h"
#include "block/counters.h"
#include "control/address.h"
#include "control/quantities.h"
#include "control/render.h"
#include "os/clock.h"
#include "session/reservation_key.h"

namespace bootwire::keeper {

namespace {

using control::Answer;
using control::Verdict;

Milliseconds clock_at_start() {
    timespec ts{};
    clock_gettime(CLOCK_REALTIME, &ts);
    return std::chrono::seconds(ts.tv_sec) + Milliseconds(ts.tv_nsec / 1'000'000) - now();
}

std::string doing(Recovery::State state) {
    switch (state) {
        case Recovery::State::established:
            return "connected";
        case Recovery::State::logging_out:
            return "logging out";
        case Recovery::State::waiting:
            return "waiting for the next attempt";
        case Recovery::State::connecting:
            return "connecting";
        case Recovery::State::logging_in:
            return "logging in";
        case Recovery::State::reserving:
            return "asking for the disk";
        case Recovery::State::displaced:
            return "given up";
        case Recovery::State::starting:
            return "handing over to the kernel";
    }
    return {};
}

control::Agreed agreed(const iscsi::OperationalParameters& parameters) {
    control::Agreed agreed;
    agreed.header_digest = parameters.header_digest;
    agreed.data_digest = parameters.data_digest;
    agreed.initial_r2t = parameters.initial_r2t;
    agreed.immediate_data = parameters.immediate_data;
    agreed.max_recv_segment = parameters.max_recv_dlength;
    agreed.max_xmit_segment = parameters.max_xmit_dlength;
    agreed.first_burst = parameters.first_burst;
    agreed.max_burst = parameters.max_burst;
    agreed.max_outstanding_r2t = parameters.max_outstanding_r2t;
    return agreed;
}

}  // namespace

Answers::Answers(EventLoop& loop, SessionKeeper& session, const LeaseKeeper& lease, KeptDisk disk,
                 DiskFiles disk_files, std::vector<control::BootStage> stages,
                 std::function<std::string()> log)
    : loop_(loop),
      session_(session),
      lease_(lease),
      disk_(std::move(disk)),
      disk_files_(disk_files),
      stages_(std::move(stages)),
      log_(std::move(log)) {}

Answers::~Answers() {
    for (const Waiting& waiting : waiting_)
        loop_.cancel(waiting.limit);
}

void Answers::take(const control::Request& request, const Reply& reply) {
    if (request.text != "reconnect") return reply(answer(request.text).to_wire());
    if (!request.from_root) return reply(control::only_root_may().to_wire());
    reconnect(reply);
}

Answer Answers::answer(const std::string& request) const {
    if (request == "log") return {Verdict::ok, log_()};
    const control::Report now = report();
    const Verdict verdict = now.session.up ? Verdict::ok : Verdict::lost;
    if (request == "status") return {verdict, in_words(now)};
    if (request == "status json") return {verdict, as_json(now)};
    if (request == "status prometheus") return {verdict, as_prometheus(now)};
    return {Verdict::unknown, "bootwirectl: the keeper does not know that request\n"};
}

/// The client is answered once it is clear how it went, or after a while.
void Answers::reconnect(const Reply& reply) {
    if (session_.recovery().state() == Recovery::State::displaced) {
        return reply(not_back().to_wire());
    }
    const auto waiting = waiting_.insert(waiting_.end(), {reply, session_.outage_count()});
    waiting->limit = loop_.at(now() + control::longest_reconnect, [this, waiting] {
        waiting->reply(not_back().to_wire());
        waiting_.erase(waiting);
    });
    session_.reconnect("a new connection was asked for");
}

void Answers::on_session(const SessionEvent& event) {
    if (event.kind == SessionEvent::Kind::back) answer_waiting(back(), session_.outage_count());
    if (event.kind == SessionEvent::Kind::displaced) answer_waiting(not_back(), UINT64_MAX);
}

/// Those who have waited since before so many outages were over.
void Answers::answer_waiting(const Answer& with, uint64_t outages) {
    for (auto next = waiting_.begin(); next != waiting_.end();) {
        const auto waiting = next++;
        if (waiting->outages >= outages) continue;
        loop_.cancel(waiting->limit);
        waiting->reply(with.to_wire());
        waiting_.erase(waiting);
    }
}

Answer Answers::back() const {
    return {Verdict::ok, "connected to " + session_.recovery().portal().to_string() + " after " +
                             control::duration_in_words(session_.outages().back().duration) + "\n"};
}

Answer Answers::not_back() const {
    const control::SessionReport session = session_report();
    return {Verdict::lost, "not back: " + session.doing + "; " + session.trouble + "\n"};
}

control::Report Answers::report() const {
    control::Report report;
    report.version = BOOTWIRE_VERSION;
    report.now = now();
    report.started_at = clock_at_start();
    report.session = session_report();
    report.address = address_report();
    report.disk = disk_report();
    report.outage_count = session_.outage_count();
    report.outage_time = session_.outage_time();
    report.outages = {session_.outages().begin(), session_.outages().end()};
    report.stages = stages_;
    return report;
}

control::SessionReport Answers::session_report() const {
    const Recovery& recovery = session_.recovery();
    const KeptSession& kept = session_.session();
    control::SessionReport report;
    report.up = recovery.state() == Recovery::State::established;
    report.doing = doing(recovery.state());
    report.since = report.up ? session_.connected_at() : recovery.lost_at();
    if (!report.up) {
        report.trouble = recovery.trouble().empty() ? recovery.loss() : recovery.trouble();
        report.attempts = recovery.attempts();
    }
    report.portal = recovery.portal().to_string();
    report.target = kept.account.target;
    report.initiator = kept.account.initiator;
    report.recovery = kept.recovery;
    if (kept.hold) report.reservation_key = session::key_text(kept.hold->key);
    report.agreed = agreed(kept.parameters);
    return report;
}

control::AddressReport Answers::address_report() const {
    control::AddressReport report;
    report.interface = lease_.link().name;
    report.has_carrier = lease_.link().has_carrier;
    report.address = lease_.address().to_string();
    const auto& lease = lease_.lease();
    if (!lease) return report;
    report.address = lease->address.to_string();
    report.leased = true;
    report.server = lease->server.to_string();
    report.lease_lost = lease_.lost();
    report.given_back = lease_.gave_back();
    if (lease->duration == dhcp::forever) return report;
    report.renewal = lease->since + lease->renewal;
    report.expiry = lease->since + lease->duration;
    return report;
}

control::DiskReport Answers::disk_report() const {
    control::DiskReport report;
    report.name = disk_.name;
    report.lun = disk_.lun;
    report.counters = block::read_counters(disk_files_.counters);
    if (disk_.overlay) {
        const overlay::Sizes& sizes = disk_.overlay->sizes;
        const auto use =
            block::read_memory_use(disk_files_.overlay_use).value_or(block::MemoryUse{});
        report.overlay = control::OverlayReport{use.stored, use.taken, sizes.limit,
                                                overlay::percent_full(use, sizes)};
    }
    return report;
}

}  // namespace bootwire::keeper
