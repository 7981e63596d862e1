#include "tftp/download.h"

#include <gtest/gtest.h>

#include <string>

namespace bootwire::tftp {
namespace {

using namespace std::chrono_literals;

std::vector<uint8_t> data(uint16_t block, std::string_view content) {
    std::vector<uint8_t> packet{0, 3, static_cast<uint8_t>(block >> 8),
                                static_cast<uint8_t>(block)};
    packet.insert(packet.end(), content.begin(), content.end());
    return packet;
}

std::vector<uint8_t> options(const std::vector<Option>& taken) {
    std::vector<uint8_t> packet{0, 6};
    for (const auto& [name, value] : taken) {
        for (const std::string& text : {name, value}) {
            packet.insert(packet.end(), text.begin(), text.end());
            packet.push_back(0);
        }
    }
    return packet;
}

const Request small{"m", 1000, 8, 4};

/// A download of blocks of 8 bytes, four in a window, and what has come of it.
struct Transfer {
    Download download{small};
    Moment now{100};
    std::string file;

    /// "ack 4", "request", "error 3", or nothing.
    std::string give(const std::vector<uint8_t>& packet) {
        return carry_out(download.on_packet(packet, now));
    }
    std::string wait() {
        now = download.next_deadline().value_or(now);
        return carry_out(download.on_timer(now));
    }
    std::string carry_out(const Download::Step& step) {
        file += text_of(step.data);
        if (step.send.empty()) return "";
        const uint16_t number = load_be16(&step.send[2]);
        if (step.send[1] == 1) return "request";
        return (step.send[1] == 4 ? "ack " : "error ") + std::to_string(number);
    }
    void start() {
        EXPECT_EQ(carry_out(download.start(now)), "request");
        EXPECT_EQ(give(options({{"blksize", "8"}, {"windowsize", "4"}, {"tsize", "20"}})), "ack 0");
    }
};

TEST(Download, asks_for_size_block_size_and_window) {
    Download download({"pi/m", 1000});
    const auto step = download.start(Moment(0));
    EXPECT_EQ(step.send,
              build_request("pi/m", {{"tsize", "0"}, {"blksize", "1428"}, {"windowsize", "16"}}));
}

TEST(Download, acknowledges_each_window_and_the_last_block) {
    Transfer transfer;
    transfer.start();
    EXPECT_EQ(transfer.give(data(1, "aaaaaaaa")), "");
    EXPECT_EQ(transfer.give(data(2, "bbbbbbbb")), "");
    EXPECT_EQ(transfer.give(data(3, "cccccccc")), "");
    EXPECT_EQ(transfer.give(data(4, "dddddddd")), "ack 4");
    EXPECT_EQ(transfer.give(data(5, "eeee")), "ack 5");
    EXPECT_EQ(transfer.download.state(), Download::State::done);
    EXPECT_EQ(transfer.file, "aaaaaaaabbbbbbbbccccccccddddddddeeee");
    EXPECT_EQ(transfer.download.received(), 36u);
    EXPECT_FALSE(transfer.download.next_deadline());
    EXPECT_EQ(transfer.give(data(6, "f")), "") << "it is over";
}

TEST(Download, ends_with_an_empty_block_where_the_file_fills_the_others) {
    Transfer transfer;
    transfer.start();
    transfer.give(data(1, "aaaaaaaa"));
    EXPECT_EQ(transfer.give(data(2, "")), "ack 2");
    EXPECT_EQ(transfer.download.state(), Download::State::done);
    EXPECT_EQ(transfer.file, "aaaaaaaa");
}

TEST(Download, of_a_server_without_options_has_blocks_of_512_one_at_a_time) {
    Transfer transfer;
    transfer.carry_out(transfer.download.start(transfer.now));
    EXPECT_EQ(transfer.give(data(1, std::string(512, 'a'))), "ack 1");
    EXPECT_EQ(transfer.give(data(2, std::string(511, 'b'))), "error 3")
        << "it is larger than 1000 bytes";
    EXPECT_EQ(transfer.download.state(), Download::State::failed);

    Transfer shorter;
    shorter.carry_out(shorter.download.start(shorter.now));
    EXPECT_EQ(shorter.give(data(1, std::string(511, 'a'))), "ack 1");
    EXPECT_EQ(shorter.download.state(), Download::State::done);
}

TEST(Download, tells_of_a_missing_block_once_and_goes_on_behind_it) {
    Transfer transfer;
    transfer.start();
    EXPECT_EQ(transfer.give(data(1, "aaaaaaaa")), "");
    EXPECT_EQ(transfer.give(data(3, "cccccccc")), "ack 1");
    EXPECT_EQ(transfer.give(data(4, "dddddddd")), "") << "of the window that is dropped";
    EXPECT_EQ(transfer.give(data(2, "bbbbbbbb")), "");
    EXPECT_EQ(transfer.give(data(3, "cccccccc")), "");
    EXPECT_EQ(transfer.give(data(4, "dddddddd")), "");
    EXPECT_EQ(transfer.give(data(5, "eeeeeeee")), "ack 5");
    EXPECT_EQ(transfer.file, "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeee");
}

TEST(Download, does_not_acknowledge_a_block_twice_by_itself) {
    Transfer transfer;
    transfer.start();
    transfer.give(data(1, "aaaaaaaa"));
    EXPECT_EQ(transfer.give(data(1, "aaaaaaaa")), "");
    EXPECT_EQ(transfer.give(data(0, "zzzzzzzz")), "");
    EXPECT_EQ(transfer.wait(), "ack 1");
    EXPECT_EQ(transfer.file, "aaaaaaaa");
}

TEST(Download, counts_on_behind_block_65535) {
    Transfer transfer;
    transfer.download = Download({"m", 1 << 20, 8, 4});
    transfer.start();
    for (uint32_t block = 1; block <= 65536; ++block) {
        const std::string sent = transfer.give(data(static_cast<uint16_t>(block), "aaaaaaaa"));
        ASSERT_EQ(sent, block % 4 == 0 ? "ack " + std::to_string(block & 0xffff) : "") << block;
    }
    EXPECT_EQ(transfer.give(data(1, "end")), "ack 1");
    EXPECT_EQ(transfer.file.size(), 65536u * 8 + 3);
}

TEST(Download, of_what_is_not_there_says_so) {
    Transfer transfer;
    transfer.carry_out(transfer.download.start(transfer.now));
    EXPECT_EQ(transfer.give(build_failure(1, "File not found")), "");
    EXPECT_EQ(transfer.download.state(), Download::State::failed);
    EXPECT_TRUE(transfer.download.absent());
    EXPECT_EQ(transfer.download.error().what, "there is no such file");
    EXPECT_EQ(transfer.download.error().remedy, Remedy::operator_must_act);
}

TEST(Download, that_is_refused_otherwise_says_what_the_server_says) {
    Transfer transfer;
    transfer.start();
    transfer.give(build_failure(1, "gone\n"));
    EXPECT_FALSE(transfer.download.absent()) << "it was there";
    EXPECT_EQ(transfer.download.error().what, "the server says: gone\\x0a");
}

TEST(Download, is_asked_for_without_options_where_they_are_refused) {
    Transfer transfer;
    transfer.carry_out(transfer.download.start(transfer.now));
    const auto step = transfer.download.on_packet(build_failure(8, "no"), transfer.now);
    EXPECT_EQ(step.send, build_request("m", {}));
    transfer.give(build_failure(8, "no"));
    EXPECT_EQ(transfer.download.state(), Download::State::failed) << "not for ever";
}

TEST(Download, of_too_large_a_file_is_refused_before_it_comes) {
    for (const auto& [size, sent] : {std::pair{"1000", "ack 0"}, {"1001", "error 3"}}) {
        Transfer transfer;
        transfer.carry_out(transfer.download.start(transfer.now));
        EXPECT_EQ(transfer.give(options({{"tsize", size}})), sent);
    }
}

TEST(Download, takes_no_option_that_was_not_asked_for) {
    for (const Option& option : std::vector<Option>{{"blksize", "9"},
                                                    {"blksize", "7"},
                                                    {"blksize", "x"},
                                                    {"windowsize", "5"},
                                                    {"windowsize", "0"},
                                                    {"timeout", "1"}}) {
        Transfer transfer;
        transfer.carry_out(transfer.download.start(transfer.now));
        EXPECT_EQ(transfer.give(options({option})), "error 8") << option.name << option.value;
    }
}

TEST(Download, takes_smaller_blocks_and_windows_if_the_server_wants_them) {
    Transfer transfer;
    transfer.download = Download({"m", 1000, 16, 4});
    transfer.carry_out(transfer.download.start(transfer.now));
    EXPECT_EQ(transfer.give(options({{"blksize", "8"}, {"windowsize", "1"}})), "ack 0");
    EXPECT_EQ(transfer.give(data(1, "aaaaaaaa")), "ack 1");
    EXPECT_EQ(transfer.give(data(2, "bbbbbbbbb")), "") << "more than was agreed on";
    EXPECT_EQ(transfer.give(data(2, "bbb")), "ack 2");
}

TEST(Download, asks_five_times_ever_more_slowly) {
    Transfer transfer;
    transfer.carry_out(transfer.download.start(transfer.now));
    std::vector<Milliseconds> pauses;
    for (std::string sent = "request"; sent == "request";) {
        const Moment before = transfer.now;
        sent = transfer.wait();
        pauses.push_back(transfer.now - before);
    }
    EXPECT_EQ(pauses, (std::vector<Milliseconds>{1s, 2s, 4s, 4s, 4s}));
    EXPECT_EQ(transfer.download.state(), Download::State::failed);
    EXPECT_EQ(transfer.download.error().what, "no TFTP server answers");
    EXPECT_EQ(transfer.download.error().remedy, Remedy::waiting_helps);
}

TEST(Download, that_stops_is_asked_for_five_times_after_each_block) {
    Transfer transfer;
    transfer.start();
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(transfer.wait(), "ack 0");
    transfer.give(data(1, "aaaaaaaa"));
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(transfer.wait(), "ack 1");
    EXPECT_EQ(transfer.wait(), "");
    EXPECT_EQ(transfer.download.error().what, "the server has stopped sending");
}

TEST(Download, does_nothing_before_its_deadline) {
    Transfer transfer;
    transfer.start();
    EXPECT_EQ(transfer.carry_out(transfer.download.on_timer(transfer.now)), "");
    EXPECT_EQ(transfer.give({0, 9, 0, 1}), "") << "nonsense";
    EXPECT_EQ(transfer.give(data(2, "early")), "ack 0");
}

TEST(Download, begins_with_the_first_block_and_no_other) {
    Transfer transfer;
    transfer.carry_out(transfer.download.start(transfer.now));
    EXPECT_EQ(transfer.give(data(2, "x")), "");
    EXPECT_EQ(transfer.download.state(), Download::State::asking);
}

}  // namespace
}  // namespace bootwire::tftp
