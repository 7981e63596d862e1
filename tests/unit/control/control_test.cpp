#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "control/address.h"
#include "control/bootwirectl.h"
#include "control/client.h"
#include "control/server.h"
#include "os/clock.h"

using namespace bootwire;
using namespace std::chrono_literals;

namespace {

constexpr int most_clients = 8;  // clients of a kind that are taken in

/// A keeper that answers every request with "you said " and the request, until it goes.
class Keeper : public testing::Test {
  protected:
    Keeper() {
        auto listening = control::listen_at(path);
        EXPECT_TRUE(listening) << listening.error().to_string();
        thread = std::thread([this, fd = std::move(*listening)]() mutable {
            EventLoop loop;
            control::Server server(loop, std::move(fd), [&](const control::Request& request) {
                if (request.text == "nothing") return;
                server.answer(request.client, answer_to(request));
            });
            while (!ended)
                loop.run_once(now() + 10ms);
        });
    }
    ~Keeper() override {
        ended = true;
        thread.join();
        unlink(path.c_str());
    }

    static std::string answer_to(const control::Request& request) {
        if (request.text == "much") return std::string(control::longest_answer, 'x');
        return "you said " + request.text;
    }

    Fd connected() {
        Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path.c_str());
        EXPECT_EQ(connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        return socket;
    }

    const std::string path = testing::TempDir() + "keeper-" + std::to_string(getpid());
    std::atomic<bool> ended = false;
    std::thread thread;
};

TEST_F(Keeper, answers_a_request) {
    EXPECT_EQ(control::ask(path, "status json", 5s).value(), "you said status json");
}

TEST_F(Keeper, sends_a_long_answer_whole) {
    EXPECT_EQ(control::ask(path, "much", 5s).value().size(), control::longest_answer);
}

TEST_F(Keeper, is_not_held_up_by_clients_that_say_nothing) {
    const Fd first = connected(), second = connected();
    EXPECT_TRUE(control::ask(path, "hello", 5s));
}

TEST_F(Keeper, lets_go_of_a_client_without_end) {
    const Fd client = connected();
    const std::string endless(2 * control::longest_request, 'x');
    ASSERT_GT(send(client.get(), endless.data(), endless.size(), MSG_NOSIGNAL), 0);
    char byte;
    EXPECT_LE(recv(client.get(), &byte, 1, 0), 0);
    EXPECT_TRUE(control::ask(path, "hello", 5s));
}

TEST_F(Keeper, lets_go_of_a_client_that_says_too_much_in_two_parts) {
    for (const std::string& rest : {std::string(200, 'x') + "\n", std::string("\nmore\n")}) {
        const Fd client = connected();
        const std::string first(control::longest_request - 10, 'x');
        ASSERT_EQ(send(client.get(), first.data(), first.size(), 0), std::ssize(first));
        std::this_thread::sleep_for(20ms);
        ASSERT_EQ(send(client.get(), rest.data(), rest.size(), MSG_NOSIGNAL), std::ssize(rest));
        char byte;
        EXPECT_LE(recv(client.get(), &byte, 1, 0), 0);
    }
}

TEST_F(Keeper, takes_one_that_hangs_up_before_the_answer) {
    {
        const Fd client = connected();
        ASSERT_EQ(send(client.get(), "much\n", 5, 0), 5);
    }
    EXPECT_TRUE(control::ask(path, "hello", 5s));
}

TEST_F(Keeper, that_does_not_answer_is_an_error) {
    EXPECT_FALSE(control::ask(path, "nothing", 50ms));
}

TEST_F(Keeper, is_not_asked_what_is_too_long) {
    EXPECT_FALSE(control::ask(path, std::string(control::longest_request, 'x'), 5s));
}

TEST_F(Keeper, hangs_up_on_one_too_many) {
    std::vector<Fd> silent;
    for (int client = 0; client < most_clients; ++client)
        silent.push_back(connected());
    EXPECT_EQ(control::ask(path, "hello", 5s).value(), "");
}

TEST_F(Keeper, has_room_for_root_when_others_take_all_there_is) {
    if (geteuid() != 0) GTEST_SKIP() << "of use only for root";
    std::vector<Fd> silent;
    syscall(SYS_setresuid, -1, 65534, -1);  // this thread alone
    for (int client = 0; client < 2 * most_clients; ++client)
        silent.push_back(connected());
    const auto one_more = control::ask(path, "hello", 5s);
    syscall(SYS_setresuid, -1, 0, -1);
    EXPECT_EQ(one_more.value(), "");
    EXPECT_EQ(control::ask(path, "hello", 5s).value(), "you said hello");
}

TEST(Control, a_keeper_that_takes_nobody_in_is_not_waited_for_without_end) {
    const std::string path = testing::TempDir() + "stopped-" + std::to_string(getpid());
    const auto listening = control::listen_at(path);
    ASSERT_TRUE(listening);
    // The first ones wait for an answer, and from some point on for room in the queue.
    for (int client = 0; client < 2 * most_clients; ++client) {
        const auto answer = control::ask(path, "hello", 20ms);
        ASSERT_FALSE(answer);
        EXPECT_NE(answer.error().what.find("does not answer"), std::string::npos);
    }
    unlink(path.c_str());
}

std::string said_by_bootwirectl(std::vector<std::string> words, control::ExitStatus expected) {
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    testing::internal::CaptureStdout();
    const int status = control::run_bootwirectl(static_cast<int>(argv.size()), argv.data());
    EXPECT_EQ(status, static_cast<int>(expected));
    return testing::internal::GetCapturedStdout();
}

TEST(Bootwirectl, without_a_word_shows_what_there_is) {
    using control::ExitStatus;
    const std::string help = said_by_bootwirectl({"bootwirectl", "--help"}, ExitStatus::ok);
    EXPECT_TRUE(help.starts_with("usage: bootwirectl status")) << help;
    EXPECT_EQ(said_by_bootwirectl({"bootwirectl"}, ExitStatus::ok), help);
    EXPECT_EQ(said_by_bootwirectl({"bootwirectl", "stat"}, ExitStatus::usage), "");
    EXPECT_EQ(said_by_bootwirectl({"bootwirectl", ""}, ExitStatus::ok), help);
}

TEST(Control, a_socket_that_is_not_there_is_an_error_with_a_hint) {
    const auto answer = control::ask("/nowhere/at/all", "status", 1s);
    ASSERT_FALSE(answer);
    EXPECT_NE(answer.error().to_string().find("started by bootwire"), std::string::npos);
}

}  // namespace
