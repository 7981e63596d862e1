#include "session/log_out.h"

#include <poll.h>

#include <algorithm>
#include <optional>

#include "iscsi/logout.h"
#include "os/clock.h"
#include "os/log.h"
#include "session/farewell.h"
#include "session/start.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

// Then the clock is looked at, whatever the target sends.
constexpr int most_events = 64;

/// Carries out what the state machine wants, and waits for what it waits for.
class Leaving {
  public:
    Leaving(KernelInitiator& kernel, const KernelSession& session, const std::string& disk)
        : kernel_(kernel), session_(session), farewell_(disk, 0s) {}

    Status run(const std::function<void()>& on_progress) {
        perform(farewell_.on_log_out_wanted(board::Verb::kexec, now()));
        while (!result_) {
            const Moment deadline = farewell_.next_deadline().value_or(now());
            await_event(std::clamp<Milliseconds>(deadline - now(), 0ms, 1s));
            for (int i = 0; i < most_events; ++i) {
                const auto event = kernel_.next_event();
                if (!event) break;
                if (event->sid == session_.sid) take(*event);
            }
            perform(farewell_.on_timer(now()));
            on_progress();
        }
        return std::move(*result_);
    }

  private:
    void await_event(Milliseconds longest) {
        if (kernel_.has_queued_event()) return;
        pollfd poll_fd{kernel_.fd(), POLLIN, 0};
        poll(&poll_fd, 1, static_cast<int>(longest.count()));
    }

    void take(const KernelEvent& event) {
        switch (event.kind) {
            case KernelEvent::Kind::connection_error:
                return perform(farewell_.on_connection(false, now()));
            case KernelEvent::Kind::session_unbound:
                return perform(farewell_.on_unbound(now()));
            case KernelEvent::Kind::received_pdu:
                if (const auto response = iscsi::LogoutResponsePdu::decode(event.header)) {
                    end_logout(iscsi::check_logout_response(*response));
                }
                return;
            case KernelEvent::Kind::other:
                return;
        }
    }

    void end_logout(const Status& done) { perform(farewell_.on_logged_out(done, now())); }

    void perform(const FarewellActions& actions) {
        for (const FarewellAction& action : actions)
            perform(action);
    }

    void perform(const FarewellAction& action) {
        using Kind = FarewellAction::Kind;
        switch (action.kind) {
            case Kind::unbind:
                if (auto asked = kernel_.unbind_session(session_); !asked) {
                    log::warning(asked.error().what);
                }
                return;
            case Kind::log_out:
                if (auto sent = ask_target(); !sent) end_logout(sent);
                return;
            case Kind::drop:
            case Kind::abandon:
                return drop_from_kernel(kernel_, session_);
            case Kind::answer:
                result_ = action.logged_out ? Status() : fail(action.text);
                return;
            case Kind::complain:
                return log::warning(action.text);
            case Kind::say:
            case Kind::give_back:
            case Kind::take_link_down:
            case Kind::end_machine:
                return;  // the caller's
        }
    }

    Status ask_target() {
        return kernel_.send_pdu(session_, iscsi::LogoutRequestPdu{}.encode(), {});
    }

    KernelInitiator& kernel_;
    const KernelSession& session_;
    Farewell farewell_;
    std::optional<Status> result_;
};

}  // namespace

Status log_out(KernelInitiator& kernel, const KernelSession& session, const std::string& disk,
               const std::function<void()>& on_progress) {
    return Leaving(kernel, session, disk).run(on_progress);
}

}  // namespace bootwire::session
