// How much an answer may hold, and what of it counts.
#include <gtest/gtest.h>

#include <algorithm>

#include "answer.h"
#include "dns/message.h"
#include "dns/resolver.h"

namespace bootwire::dns {
namespace {

/// A record about the name of the question.
void append(std::vector<uint8_t>& bytes, uint16_t type, uint16_t record_class, Bytes data) {
    uint8_t head[12];
    store_be16(head, 0xc00c);
    store_be16(head + 2, type);
    store_be16(head + 4, record_class);
    store_be32(head + 6, 60);
    store_be16(head + 10, static_cast<uint16_t>(data.size()));
    bytes.insert(bytes.end(), head, head + sizeof head);
    bytes.insert(bytes.end(), data.begin(), data.end());
    store_be16(&bytes[6], static_cast<uint16_t>(load_be16(&bytes[6]) + 1));
}

std::string name_of(size_t last_label) {
    const std::string label(63, 'a');
    return label + "." + label + "." + label + "." + std::string(last_label, 'a');
}

TEST(Response, has_names_of_at_most_253_bytes) {
    Answer longest(7, "nas.lan", RecordType::a), longer(7, "nas.lan", RecordType::a);
    longest.cname("nas.lan", name_of(61));
    longer.cname("nas.lan", name_of(62));
    const auto read = parse_response(longest.bytes());
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->name, name_of(61));
    EXPECT_FALSE(parse_response(longer.bytes()));
}

TEST(Response, has_no_address_where_its_length_is_another) {
    const std::vector<uint8_t> bytes(17, 10);
    for (const auto& [type, right] : {std::pair{RecordType::a, 4u}, {RecordType::aaaa, 16u}}) {
        for (const size_t length : {0u, 3u, 4u, 5u, 15u, 16u, 17u}) {
            auto answer = Answer(7, "nas.lan", type).bytes();
            append(answer, static_cast<uint16_t>(type), 1, Bytes(bytes).first(length));
            const auto read = parse_response(answer);
            ASSERT_TRUE(read) << read.error().to_string();
            EXPECT_EQ(read->addresses.size(), length == right ? 1u : 0u) << length;
        }
    }
}

TEST(Response, has_no_address_of_the_other_family) {
    const auto read =
        parse_response(Answer(7, "nas.lan", RecordType::a).aaaa("nas.lan", 7, 60).bytes());
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->addresses.empty());
}

TEST(Response, counts_the_records_of_the_internet_alone) {
    constexpr uint16_t chaos = 3, a = 1, cname = 5;
    auto bytes = Answer(7, "nas.lan", RecordType::a).bytes();
    append(bytes, a, chaos, std::vector<uint8_t>{10, 0, 0, 1});
    append(bytes, cname, chaos, std::vector<uint8_t>{9});
    append(bytes, a, 1, std::vector<uint8_t>{10, 0, 0, 2});
    const auto read = parse_response(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    ASSERT_EQ(read->addresses.size(), 1u);
    EXPECT_EQ(read->addresses[0].to_string(), "10.0.0.2");
}

TEST(Response, is_read_up_to_256_records_and_16_addresses) {
    const std::vector<uint8_t> address = {10, 0, 0, 1};
    auto bytes = Answer(7, "nas.lan", RecordType::a).bytes();
    for (size_t count = 1; count <= 257; ++count) {
        append(bytes, 1, 1, address);
        const auto read = parse_response(bytes);
        ASSERT_EQ(read.has_value(), count <= 256) << count;
        if (!read) break;
        EXPECT_EQ(read->addresses.size(), std::min<size_t>(count, 16));
    }
}

TEST(Response, follows_eight_aliases_and_no_more) {
    Answer answer(7, "a0.lan", RecordType::a);
    for (int i = 0; i < 8; ++i)
        answer.cname("a" + std::to_string(i) + ".lan", "a" + std::to_string(i + 1) + ".lan");
    const auto read = parse_response(answer.bytes());
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->name, "a8.lan");
    EXPECT_FALSE(parse_response(answer.cname("a8.lan", "a9.lan").bytes()));
}

TEST(Response, that_answers_no_question_of_ours_is_refused) {
    const auto error_after = [](size_t at, uint8_t value) {
        auto bytes = Answer(7, "nas.lan", RecordType::a).a("nas.lan", 7, 60).bytes();
        bytes[at] = value;
        const auto read = parse_response(bytes);
        return read ? "" : read.error().what;
    };
    EXPECT_EQ(error_after(2, 0x81), "");
    EXPECT_EQ(error_after(2, 0x01), "a malformed DNS answer: it is no answer");
    EXPECT_EQ(error_after(2, 0x89), "a malformed DNS answer: it is no answer") << "opcode 1";
    EXPECT_EQ(error_after(5, 0), "a malformed DNS answer: it does not repeat the question");
    EXPECT_EQ(error_after(5, 2), "a malformed DNS answer: it does not repeat the question");
    EXPECT_EQ(error_after(24, 3), "a malformed DNS answer: not of class IN");
}

TEST(Response, that_was_cut_off_is_taken_for_what_it_says) {
    auto bytes = Answer(7, "nas.lan", RecordType::a, 3).a("nas.lan", 7, 60).truncated().bytes();
    bytes.resize(bytes.size() - 1);
    const auto read = parse_response(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_TRUE(read->truncated);
    EXPECT_EQ(read->code, 3);
    EXPECT_TRUE(read->addresses.empty());
}

/// A resolver, and the server that it asked last.
class Asking {
  public:
    explicit Asking(size_t servers, ResolverSettings settings = {})
        : resolver_(with(std::move(settings), servers), [this] { return ++random_; }) {
        note(resolver_.start("nas.lan", Moment{0}));
    }
    static IpAddress server(size_t number) {
        return IpAddress::v4(10, 0, 0, static_cast<uint8_t>(number));
    }
    bool waits() const { return resolver_.next_deadline().has_value(); }
    void wait_less() { note(resolver_.on_timer(*resolver_.next_deadline() - Milliseconds(1))); }
    void wait() { note(resolver_.on_timer(*resolver_.next_deadline())); }
    void give(const IpAddress& from, Bytes payload) {
        note(resolver_.on_packet(from, payload, Moment{0}));
    }
    Answer answer(uint8_t code = 0) const {
        auto question = asked.back().payload;
        question[2] |= 0x80;
        const auto read = parse_response(question).value();
        return Answer(read.id, read.question, static_cast<RecordType>(read.question_type), code);
    }

    std::vector<Send> asked;
    size_t resolved = 0;
    std::string trouble;
    std::string why;
    std::string hint;

  private:
    static ResolverSettings with(ResolverSettings settings, size_t servers) {
        for (size_t i = 1; i <= servers; ++i)
            settings.servers.push_back(server(i));
        return settings;
    }
    void note(const Actions& actions) {
        for (const auto& action : actions) {
            if (const auto* send = std::get_if<Send>(&action)) asked.push_back(*send);
            if (const auto* event = std::get_if<Event>(&action)) trouble = event->text;
            if (std::holds_alternative<Resolved>(action)) ++resolved;
            if (const auto* failed = std::get_if<Failed>(&action)) {
                why = failed->error.what;
                hint = failed->error.hint;
            }
        }
    }

    uint32_t random_ = 0;
    Resolver resolver_;
};

TEST(Resolver, asks_eight_servers_at_most) {
    Asking asking(9);
    while (asking.waits())
        asking.wait();
    EXPECT_EQ(asking.asked.size(), 24u);
    for (const Send& send : asking.asked)
        EXPECT_NE(send.to, Asking::server(9));
}

TEST(Resolver, does_not_lose_patience_early) {
    Asking asking(2);
    asking.wait_less();
    EXPECT_EQ(asking.asked.size(), 1u);
}

TEST(Resolver, asks_the_next_server_when_one_answers_what_cannot_be_read) {
    Asking asking(2);
    auto broken = asking.answer().a("nas.lan", 7, 60).bytes();
    broken.pop_back();
    asking.give(Asking::server(1), Bytes(broken).first(1));
    EXPECT_EQ(asking.asked.size(), 1u) << "whose answer one byte is, nobody knows";
    asking.give(Asking::server(1), broken);
    EXPECT_EQ(asking.trouble,
              "DNS server 10.0.0.1 sent a malformed DNS answer: a record that runs past the end");
    ASSERT_EQ(asking.asked.size(), 2u);
    asking.give(Asking::server(1), broken);
    EXPECT_EQ(asking.asked.size(), 2u) << "its turn is over";
}

TEST(Resolver, listens_to_nobody_once_it_has_an_answer) {
    Asking asking(1);
    const auto answer = asking.answer().a("nas.lan", 7, 60).bytes();
    asking.give(Asking::server(1), answer);
    asking.give(Asking::server(1), answer);
    EXPECT_EQ(asking.resolved, 1u);
}

TEST(Resolver, goes_on_over_four_bare_aliases_and_no_more) {
    Asking asking(1);
    for (int i = 0; i < 4; ++i) {
        const std::string asked = i == 0 ? "nas.lan" : "a" + std::to_string(i) + ".lan";
        asking.give(Asking::server(1),
                    asking.answer().cname(asked, "a" + std::to_string(i + 1) + ".lan").bytes());
        ASSERT_EQ(asking.asked.size(), 2u + static_cast<size_t>(i));
    }
    asking.give(Asking::server(1), asking.answer().cname("a4.lan", "a5.lan").bytes());
    EXPECT_EQ(asking.asked.size(), 5u);
    EXPECT_EQ(asking.why, "DNS knows nas.lan, but no address of it");
    EXPECT_EQ(asking.hint, "check the name, or use an address");
}

TEST(Resolver, does_not_ask_for_what_is_no_host_name) {
    Asking asking(1);
    asking.give(Asking::server(1), asking.answer().cname("nas.lan", "a b").bytes());
    EXPECT_EQ(asking.asked.size(), 1u);
    EXPECT_EQ(asking.why, "DNS knows nas.lan, but no address of it");
}

TEST(Resolver, takes_a_name_for_known_that_has_addresses_of_no_family) {
    Asking asking(1, {.wants_v6 = true});
    ASSERT_EQ(asking.asked.size(), 2u);
    asking.give(Asking::server(1), asking.answer().bytes());
    EXPECT_TRUE(asking.waits()) << "the other family's answer";
    asking.asked.pop_back();
    asking.give(Asking::server(1), asking.answer().bytes());
    EXPECT_EQ(asking.why, "DNS knows nas.lan, but no address of it");
}

TEST(Resolver, takes_two_bytes_for_a_broken_answer_of_the_server_that_they_name_the_question_of) {
    Asking asking(2);
    const auto answer = asking.answer().bytes();
    asking.give(Asking::server(1), Bytes(answer).first(2));
    EXPECT_EQ(asking.trouble, "DNS server 10.0.0.1 sent a malformed DNS answer: it is too short");
    EXPECT_EQ(asking.asked.size(), 2u);
}

TEST(Resolver, says_what_a_server_says_for_each_code_but_that_there_is_no_such_name) {
    for (const uint8_t code : {1, 2, 4, 5, 6}) {
        Asking asking(2);
        asking.give(Asking::server(1), asking.answer(code).bytes());
        EXPECT_EQ(asking.trouble, "DNS server 10.0.0.1 says: " + code_in_words(code));
        EXPECT_EQ(asking.asked.size(), 2u);
    }
    Asking asking(2);
    asking.give(Asking::server(1), asking.answer().truncated().bytes());
    EXPECT_EQ(asking.trouble, "DNS server 10.0.0.1 has an answer too long for one packet");
}

TEST(Resolver, takes_an_alias_with_its_addresses_from_one_answer) {
    Asking asking(1);
    asking.give(Asking::server(1),
                asking.answer().cname("nas.lan", "disk.lan").a("disk.lan", 7, 60).bytes());
    EXPECT_EQ(asking.resolved, 1u);
    EXPECT_EQ(asking.asked.size(), 1u);
}

TEST(Resolver, asks_again_for_the_family_alone_that_nobody_has_answered) {
    Asking asking(1, {.wants_v6 = true});
    asking.give(Asking::server(1), asking.answer().bytes());
    asking.asked.clear();
    asking.wait();
    ASSERT_EQ(asking.asked.size(), 1u);
    asking.give(Asking::server(1), asking.answer().a("nas.lan", 7, 60).bytes());
    EXPECT_EQ(asking.resolved, 1u);
}

TEST(Resolver, needs_one_answer_to_know_that_there_is_no_such_name) {
    Asking asking(1, {.wants_v6 = true});
    asking.give(Asking::server(1), asking.answer(3).bytes());
    EXPECT_FALSE(asking.waits());
    EXPECT_EQ(asking.why, "DNS says that nas.lan does not exist");
}

/// The names that are asked for, each of which does not exist.
std::vector<std::string> names_of(std::string_view name, std::string search_domain) {
    std::vector<std::string> names;
    uint32_t random = 0;
    Resolver resolver({.servers = {Asking::server(1)}, .search_domain = std::move(search_domain)},
                      [&] { return ++random; });
    Actions actions = resolver.start(name, Moment{0});
    while (names.size() < 4) {
        const auto sent = std::ranges::find_if(
            actions, [](const Action& action) { return std::holds_alternative<Send>(action); });
        if (sent == actions.end()) break;
        auto question = std::get<Send>(*sent).payload;
        question[2] |= 0x80;
        const auto read = parse_response(question).value();
        names.push_back(read.question);
        const auto answer = Answer(read.id, read.question, RecordType::a, 3).bytes();
        actions = resolver.on_packet(Asking::server(1), answer, Moment{0});
    }
    return names;
}

TEST(SearchDomain, is_put_behind_a_single_word_if_it_is_one) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(names_of("nas", "lan"), (Names{"nas.lan", "nas"}));
    EXPECT_EQ(names_of("nas", ".lan."), (Names{"nas.lan", "nas"}));
    EXPECT_EQ(names_of("nas", "..LAN"), (Names{"nas.lan", "nas"}));
    EXPECT_EQ(names_of("nas", ""), Names{"nas"});
    EXPECT_EQ(names_of("nas", "."), Names{"nas"});
    EXPECT_EQ(names_of("nas", "a b"), Names{"nas"});
    EXPECT_EQ(names_of("nas.", "lan"), Names{"nas"});
    EXPECT_EQ(names_of("nas.local", "lan"), Names{"nas.local"});
}

TEST(Hints, tell_of_names_that_dns_is_not_asked_for) {
    uint32_t random = 0;
    Resolver resolver({.servers = {Asking::server(1)}}, [&] { return ++random; });
    auto question = std::get<Send>(resolver.start("nas.local", Moment{0}).at(0)).payload;
    question[2] |= 0x80;
    question[3] = 3;
    const Actions actions = resolver.on_packet(Asking::server(1), question, Moment{0});
    EXPECT_EQ(std::get<Failed>(actions.at(0)).error.hint,
              "names under .local are not looked up by multicast; use an address");
}

}  // namespace
}  // namespace bootwire::dns
