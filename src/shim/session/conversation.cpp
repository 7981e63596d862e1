#include "session/conversation.h"

#include <algorithm>

#include "os/clock.h"
#include "session/stream_error.h"
#include "topics/topic.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds answer_timeout = 20s;

}  // namespace

Status Connection::send(const iscsi::PduView& pdu) const {
    const auto sent = pdus.send(pdu.bhs, pdu.data);
    if (!sent) return std::unexpected(broken(sent.error()));
    return {};
}

net::StreamResult<iscsi::PduView> Connection::receive() const {
    return pdus.receive(std::min(answer_timeout, until - now()), on_progress);
}

Error Connection::broken(const net::StreamProblem& problem) const {
    if (problem.kind != net::StreamProblem::Kind::silent) {
        return about(
            Topic::login_breaks_off,
            fail_for_now("the connection to " + peer + " broke: " + stream_error(problem)).error());
    }
    const char* const what = now() < until
                                 ? " accepts the connection but does not answer"
                                 : " answers, but not within the time there is for all of it";
    return about(Topic::login_breaks_off,
                 fail_for_now(peer + what, "is it an iSCSI target?").error());
}

}  // namespace bootwire::session
