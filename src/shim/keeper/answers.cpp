#include "keeper/answers.h"

#include <unistd.h>

#include "block/counters.h"
#include "control/address.h"
#include "control/quantities.h"
#include "control/render.h"
#include "os/clock.h"

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
            return "reserving the disk";
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

Answers::Answers(EventLoop& loop, const KeeperState& given, SessionKeeper& session,
                 const LeaseKeeper& lease, Fd disk_counters, std::function<std::string()> log)
    : loop_(loop),
      given_(given),
      session_(session),
      lease_(lease),
      disk_counters_(std::move(disk_counters)),
      log_(std::move(log)) {
    session_.on_settled([this] { answer_waiting(); });
}

void Answers::listen(Fd listening, Other other) {
    other_ = std::move(other);
    server_.emplace(loop_, std::move(listening),
                    [this](const control::Request& request) { on_request(request); });
}

void Answers::on_request(const control::Request& request) {
    if (other_(request, *server_)) return;
    const auto answer = [&](const Answer& with) {
        server_->answer(request.client, with.to_wire());
    };
    if (request.text == "log") return answer({Verdict::ok, log_()});
    if (request.text == "reconnect") {
        if (request.from_root) return reconnect(request.client);
        return answer(control::only_root_may());
    }
    const control::Report now = report();
    const Verdict verdict = now.session.up ? Verdict::ok : Verdict::lost;
    if (request.text == "status") return answer({verdict, in_words(now)});
    if (request.text == "status json") return answer({verdict, as_json(now)});
    if (request.text == "status prometheus") return answer({verdict, as_prometheus(now)});
    answer({Verdict::unknown, "bootwirectl: the keeper does not know that request\n"});
}

/// The client is answered once it is clear how it went, or after a while.
void Answers::reconnect(uint64_t client) {
    waiting_.push_back(client);
    loop_.at(now() + control::longest_reconnect, [this, client] {
        if (std::erase(waiting_, client) > 0) server_->answer(client, not_back().to_wire());
    });
    session_.reconnect("a new connection was asked for");
}

Answer Answers::not_back() const {
    const control::SessionReport session = session_report();
    return {Verdict::lost, "not back: " + session.doing + "; " + session.trouble + "\n"};
}

void Answers::answer_waiting() {
    const bool back = session_.recovery().state() == Recovery::State::established;
    const Answer answer =
        !back ? not_back()
              : Answer{Verdict::ok,
                       "connected to " + session_.recovery().portal().to_string() + " after " +
                           control::duration_in_words(session_.outages().back().duration) + "\n"};
    for (const uint64_t client : std::exchange(waiting_, {}))
        server_->answer(client, answer.to_wire());
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
    report.stages = given_.stages;
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
    if (kept.hold) report.reservation_key = iscsi::key_text(kept.hold->key);
    report.agreed = agreed(kept.parameters);
    return report;
}

control::AddressReport Answers::address_report() const {
    control::AddressReport report;
    report.interface = lease_.link().name;
    report.has_carrier = lease_.link().has_carrier;
    report.address = given_.address.network.address.to_string();
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
    report.name = given_.disk.name;
    report.lun = given_.disk.lun;
    char text[512];
    const ssize_t count = pread(disk_counters_.get(), text, sizeof text, 0);
    if (count > 0) report.counters = block::parse_counters({text, static_cast<size_t>(count)});
    return report;
}

}  // namespace bootwire::keeper
