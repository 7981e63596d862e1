#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "board/ending.h"
#include "control/ending.h"
#include "handoff/attended_os.h"
#include "handoff/os_shutdown.h"

namespace bootwire::handoff {
namespace {

using namespace std::chrono_literals;

const NewFile* find(const std::vector<NewFile>& files, const std::string& path) {
    for (const NewFile& file : files) {
        if (file.path == path) return &file;
    }
    return nullptr;
}

TEST(ShutdownUnits, tell_each_verb_where_the_keeper_looks) {
    const auto files = shutdown_units(90s);
    const std::string folder = "/run/systemd/system/";
    const NewFile* const socket = find(files, folder + "bootwire-ending@.socket");
    ASSERT_NE(socket, nullptr);
    EXPECT_NE(socket->content.find(std::string("=") + control::ending_folder + "/%i\n"),
              std::string::npos);
    EXPECT_NE(socket->content.find("\nSlice=system.slice\n"), std::string::npos)
        << "the slice of instances conflicts with shutdown.target";
    const NewFile* const service = find(files, folder + "bootwire-ending@.service");
    ASSERT_NE(service, nullptr) << "systemd wants one";
    EXPECT_NE(service->content.find("\nConditionPathExists=!/\n"), std::string::npos);
    using board::Verb;
    for (const Verb verb : {Verb::reboot, Verb::poweroff, Verb::halt, Verb::kexec}) {
        const std::string name(board::to_string(verb));
        const NewFile* const target = find(files, folder + name + ".target.d/bootwire.conf");
        ASSERT_NE(target, nullptr) << name;
        EXPECT_NE(target->content.find("Wants=bootwire-ending@" + name + ".socket"),
                  std::string::npos);
    }
}

TEST(ShutdownUnits, let_no_watchdog_of_systemd_be_less_patient_than_the_user) {
    for (const auto& [patience, guarded] : {std::pair{90s, "990s"}, {3600s, "4500s"}}) {
        const auto files = shutdown_units(patience);
        const NewFile* const manager = find(files, "/run/systemd/system.conf.d/zz-bootwire.conf");
        ASSERT_NE(manager, nullptr);
        EXPECT_EQ(manager->content, std::string("[Manager]\nRebootWatchdogSec=") + guarded + "\n");
    }
}

TEST(ShutdownUnits, mask_others_that_would_take_the_place_of_ours) {
    const auto files = shutdown_units(90s);
    const NewFile* const finalrd = find(files, "/run/systemd/system/finalrd.service");
    ASSERT_NE(finalrd, nullptr);
    EXPECT_TRUE(finalrd->content.empty());
}

TEST(Prologue, stands_behind_the_interpreter_and_leaves_the_rest) {
    EXPECT_EQ(with_prologue("#! /bin/sh\n### BEGIN\ndo_stop\n", "first\n"),
              "#! /bin/sh\nfirst\n### BEGIN\ndo_stop\n");
    EXPECT_EQ(with_prologue("do_stop\n", "first\n"), "first\ndo_stop\n");
    EXPECT_EQ(with_prologue("#!/bin/sh", "first\n"), "first\n#!/bin/sh");
}

TEST(Inittab, tells_of_the_end_before_all_that_ends_with_the_system) {
    const std::string alpines =
        "::sysinit:/sbin/openrc sysinit\n::shutdown:/sbin/openrc shutdown\n";
    const std::string text = inittab_that_tells(alpines);
    EXPECT_TRUE(text.ends_with("\n::shutdown:/run/initramfs/shutdown begins\n" + alpines)) << text;
}

TEST(AttendedOs, has_asked_for_what_the_kernel_says_its_init_was_ended_with) {
    EXPECT_EQ(asked_of_reboot(W_EXITCODE(0, SIGINT)), board::Verb::poweroff);
    EXPECT_EQ(asked_of_reboot(W_EXITCODE(0, SIGHUP)), board::Verb::reboot);
    EXPECT_EQ(asked_of_reboot(W_EXITCODE(0, SIGSEGV)), std::nullopt);
    EXPECT_EQ(asked_of_reboot(W_EXITCODE(SIGINT, 0)), std::nullopt);
}

}  // namespace
}  // namespace bootwire::handoff
