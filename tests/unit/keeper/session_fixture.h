// A session in a fake kernel with a target on the loopback, and its keeper.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fake_kernel.h"
#include "fake_target.h"
#include "keeper/session_keeper.h"
#include "net/tcp.h"
#include "os/clock.h"
#include "os/log.h"

namespace bootwire::keeper {

using session::FakeKernel;
using Lines = std::vector<std::string>;
using Kind = SessionEvent::Kind;
using Kinds = std::vector<SessionEvent::Kind>;

/// A file without a path.
class MemoryFile {
  public:
    explicit MemoryFile(std::string_view text) : fd_(memfd_create("file", MFD_CLOEXEC)) {
        write(text);
    }
    void write(std::string_view text) {
        EXPECT_EQ(ftruncate(fd_.get(), 0), 0);
        EXPECT_EQ(pwrite(fd_.get(), text.data(), text.size(), 0), std::ssize(text));
    }
    std::string text() const {
        char buffer[256];
        const ssize_t count = pread(fd_.get(), buffer, sizeof buffer, 0);
        return {buffer, count > 0 ? static_cast<size_t>(count) : 0};
    }
    const Fd& fd() const { return fd_; }
    /// Of the same file.
    Fd descriptor() const { return Fd(dup(fd_.get())); }

  private:
    Fd fd_;
};

class SessionTest : public testing::Test {
  protected:
    SessionTest() {
        log::copy_to([this](const log::Line& line) { log_.append(line.text).append("\n"); });
    }
    ~SessionTest() override { log::copy_to({}); }

    KeptSession kept_session() const {
        KeptSession kept;
        kept.handle = FakeKernel::session;
        kept.account = account();
        kept.portal = target_.endpoint();
        kept.portals = {target_.portal()};
        kept.name_servers = std::make_shared<net::NameServers>();
        return kept;
    }

    /// As after the boot: the kernel has the connection, and nobody else has.
    void keep(KeptSession kept) {
        kernel_.connect(*net::connect_tcp(kept.portal, 5s, [] {}));
        keeper_.emplace(loop_, kernel_.initiator(), std::move(kept), state_.descriptor());
        keeper_->set_owner([this](const SessionEvent& event) { hear(event); });
    }
    void keep() { keep(kept_session()); }

    virtual void hear(const SessionEvent& event) {
        EXPECT_FALSE(calling_) << "told from within a call";
        told_.push_back(event.kind);
        problem_ = event.logged_out ? "" : event.logged_out.error().what;
    }

    /// Whatever is called must not be told of by the keeper meanwhile.
    template <class Call>
    auto call(Call what) {
        calling_ = true;
        auto result = what();
        calling_ = false;
        return result;
    }

    void run_until(const std::function<bool()>& happened) {
        const Moment late = now() + 20s;
        while (!happened() && now() < late)
            loop_.run_once(now() + 20ms);  // a child's doings are no event
        EXPECT_TRUE(happened()) << log_;
    }
    void run_until_told(const Kinds& kinds) {
        run_until([&] { return told_.size() >= kinds.size(); });
        run_what_is_due();
        EXPECT_EQ(told_, kinds) << log_;
    }
    /// What is under way, and no further than one can look without waiting.
    void run_what_is_due() {
        for (int round = 0; round < 5; ++round)
            loop_.run_once(now());
    }
    bool is_established() const {
        return keeper_->recovery().state() == Recovery::State::established;
    }

    EventLoop loop_;
    FakeKernel kernel_{&loop_};
    FakeTarget target_{loop_, [this](const std::string& line) { kernel_.note(line); }};
    MemoryFile state_{"up\n"};
    std::optional<SessionKeeper> keeper_;
    Kinds told_;
    std::string problem_;
    bool calling_ = false;
    std::string log_;
};

}  // namespace bootwire::keeper
