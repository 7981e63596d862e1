#include "dns/resolver.h"

#include <gtest/gtest.h>

#include "answer.h"

namespace bootwire::dns {
namespace {

using namespace std::chrono_literals;

const IpAddress one = IpAddress::v4(10, 0, 0, 1);
const IpAddress two = IpAddress::v4(10, 0, 0, 2);

class Bench {
  public:
    explicit Bench(ResolverSettings settings)
        : resolver(std::move(settings), [this] { return random_ += 0x9e3779b9; }) {}

    void start(std::string_view name) { record(resolver.start(name, time)); }
    void give(const IpAddress& from, const Answer& answer) {
        record(resolver.on_packet(from, answer.bytes(), time));
    }
    void wait() {
        time = resolver.next_deadline().value();
        record(resolver.on_timer(time));
    }
    Response last_question() {
        auto question = sent.back().payload;
        question[2] |= 0x80;
        return parse_response(question).value();
    }
    Answer answer(uint8_t code = 0) {
        const Response question = last_question();
        return Answer(question.id, question.question,
                      static_cast<RecordType>(question.question_type), code);
    }
    void record(Actions actions) {
        for (auto& action : actions) {
            if (auto* send = std::get_if<Send>(&action)) sent.push_back(std::move(*send));
            if (auto* found = std::get_if<Resolved>(&action)) resolved.push_back(*found);
            if (auto* failure = std::get_if<Failed>(&action)) failed.push_back(failure->error);
        }
    }

    Moment time{0};
    Resolver resolver;
    std::vector<Send> sent;
    std::vector<Resolved> resolved;
    std::vector<Error> failed;

  private:
    uint32_t random_ = 1;
};

TEST(Resolver, asks_the_first_server_and_takes_its_answer) {
    Bench bench({.servers = {one, two}});
    bench.start("NAS.lan");
    ASSERT_EQ(bench.sent.size(), 1u);
    EXPECT_EQ(bench.sent[0].to, one);
    bench.give(one, bench.answer().a("nas.lan", 7, 60));
    ASSERT_EQ(bench.resolved.size(), 1u);
    EXPECT_EQ(bench.resolved[0].addresses.at(0).to_string(), "10.0.0.7");
    EXPECT_FALSE(bench.resolver.next_deadline());
}

TEST(Resolver, passes_over_wrong_ids_names_and_senders) {
    Bench bench({.servers = {one, two}});
    bench.start("nas.lan");
    const uint16_t id = bench.last_question().id;
    const auto id_off = static_cast<uint16_t>(id + 1);
    bench.give(two, bench.answer().a("nas.lan", 7, 60));
    bench.give(one, Answer(id_off, "nas.lan", RecordType::a).a("nas.lan", 7, 60));
    bench.give(one, Answer(id, "evil.lan", RecordType::a).a("evil.lan", 7, 60));
    bench.give(one, Answer(id, "nas.lan", RecordType::aaaa).aaaa("nas.lan", 7, 60));
    EXPECT_TRUE(bench.resolved.empty());
    EXPECT_TRUE(bench.failed.empty());
    EXPECT_EQ(bench.sent.size(), 1u);
}

TEST(Resolver, asks_the_next_server_after_a_second_and_still_takes_the_slow_ones_answer) {
    Bench bench({.servers = {one, two}});
    bench.start("nas.lan");
    bench.wait();
    EXPECT_EQ(bench.time, 1s);
    EXPECT_EQ(bench.sent.back().to, two);
    bench.give(one, bench.answer().a("nas.lan", 7, 60));
    EXPECT_EQ(bench.resolved.size(), 1u);
}

TEST(Resolver, gives_up_for_now_after_three_rounds_and_says_why) {
    Bench bench({.servers = {one, two}});
    bench.start("nas.lan");
    while (bench.resolver.next_deadline())
        bench.wait();
    EXPECT_EQ(bench.sent.size(), 6u);
    EXPECT_EQ(bench.time, 14s);
    ASSERT_EQ(bench.failed.size(), 1u);
    EXPECT_EQ(bench.failed[0].what,
              "DNS does not tell the address of nas.lan: 10.0.0.2 does not answer");
    EXPECT_EQ(bench.failed[0].remedy, Remedy::waiting_helps);
}

TEST(Resolver, asks_the_next_server_at_once_when_one_fails_or_is_truncated) {
    Bench bench({.servers = {one, two}});
    bench.start("nas.lan");
    bench.give(one, bench.answer(2));
    EXPECT_EQ(bench.sent.back().to, two);
    bench.give(two, bench.answer().truncated());
    EXPECT_EQ(bench.sent.back().to, one);
    bench.give(two, bench.answer(5));
    EXPECT_EQ(bench.sent.size(), 3u) << "a failure of a server whose turn is over";
    bench.give(one, bench.answer().a("nas.lan", 7, 60));
    EXPECT_EQ(bench.resolved.size(), 1u);
}

TEST(Resolver, believes_that_a_name_does_not_exist) {
    Bench bench({.servers = {one, two}});
    bench.start("nas.lan");
    bench.give(one, bench.answer(3));
    ASSERT_EQ(bench.failed.size(), 1u);
    EXPECT_EQ(bench.failed[0].what, "DNS says that nas.lan does not exist");
    EXPECT_EQ(bench.failed[0].remedy, Remedy::operator_must_act);
}

TEST(Resolver, tries_a_single_word_in_the_search_domain_first_and_then_alone) {
    Bench bench({.servers = {one}, .search_domain = "Example.org."});
    bench.start("nas");
    EXPECT_EQ(bench.last_question().question, "nas.example.org");
    bench.give(one, bench.answer(3));
    EXPECT_EQ(bench.last_question().question, "nas");
    bench.give(one, bench.answer().a("nas", 7, 60));
    EXPECT_EQ(bench.resolved.size(), 1u);
    bench.start("nas.");
    EXPECT_EQ(bench.last_question().question, "nas");
    bench.start("nas.lan");
    EXPECT_EQ(bench.last_question().question, "nas.lan");
}

TEST(Resolver, asks_for_what_a_bare_alias_stands_for) {
    Bench bench({.servers = {one}});
    bench.start("disk.lan");
    bench.give(one, bench.answer().cname("disk.lan", "nas.lan"));
    EXPECT_EQ(bench.last_question().question, "nas.lan");
    bench.give(one, bench.answer().a("nas.lan", 7, 60));
    EXPECT_EQ(bench.resolved.size(), 1u);
}

TEST(Resolver, gives_up_on_bare_aliases_without_end) {
    Bench bench({.servers = {one}});
    bench.start("a0.lan");
    for (int i = 0; i < 20 && bench.failed.empty(); ++i) {
        const std::string alias = "a" + std::to_string(i + 1) + ".lan";
        bench.give(one, bench.answer().cname(bench.last_question().question, alias));
    }
    EXPECT_EQ(bench.failed.size(), 1u);
}

TEST(Resolver, asks_for_both_families_and_does_not_wait_long_for_the_second) {
    Bench bench({.servers = {one}, .wants_v6 = true});
    bench.start("nas.lan");
    ASSERT_EQ(bench.sent.size(), 2u);
    bench.give(one, bench.answer().aaaa("nas.lan", 7, 60));
    EXPECT_TRUE(bench.resolved.empty());
    bench.wait();
    EXPECT_EQ(bench.time, 300ms);
    ASSERT_EQ(bench.resolved.size(), 1u);
    EXPECT_EQ(bench.resolved[0].addresses.at(0).to_string(), "fd00::7");
}

TEST(Resolver, keeps_the_addresses_of_one_family_when_the_other_fails) {
    Bench bench({.servers = {one}, .wants_v6 = true});
    bench.start("nas.lan");
    Answer failure = bench.answer(2);
    bench.sent.pop_back();
    bench.give(one, bench.answer().a("nas.lan", 7, 60));
    bench.give(one, failure);
    EXPECT_EQ(bench.resolved.size(), 1u);
}

TEST(Resolver, says_what_it_lacks) {
    Bench none({});
    none.start("nas.lan");
    ASSERT_EQ(none.failed.size(), 1u);
    EXPECT_EQ(none.failed[0].what, "no DNS server to ask for nas.lan");
    Bench bench({.servers = {one}});
    bench.start("bad name");
    ASSERT_EQ(bench.failed.size(), 1u);
    bench.start("nas.lan");
    bench.give(one, bench.answer());
    ASSERT_EQ(bench.failed.size(), 2u);
    EXPECT_EQ(bench.failed[1].what, "DNS knows nas.lan, but no address of it");
}

}  // namespace
}  // namespace bootwire::dns
