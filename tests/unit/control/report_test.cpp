#include "control/report.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "control/answer.h"
#include "control/quantities.h"
#include "control/render.h"

namespace bootwire::control {
namespace {

using namespace std::chrono_literals;

Report connected() {
    Report report;
    report.version = "0.1.0";
    report.now = 8000s;
    report.started_at = 1'795'000'000s;
    report.session.up = true;
    report.session.since = 140s;
    report.session.portal = "192.168.1.10:3260";
    report.session.target = "iqn.2024-01.lan.home:pi4-root";
    report.session.initiator = "iqn.2026-11.local.bootwire:9f2a3c41";
    report.session.agreed.max_recv_segment = 262144;
    report.session.agreed.max_xmit_segment = 8192;
    report.address = {"eth0", true, "192.168.1.23/24", true, "192.168.1.1", 9000s, 20000s};
    report.disk = {"sda", "1", block::Counters{10, 5'340'000, 20, 1'250'000'000, 0}};
    report.stages = {{"init", 812ms}, {"network", 901ms}};
    return report;
}

Report lost() {
    Report report = connected();
    report.session.up = false;
    report.session.since = 7990s;
    report.session.doing = "connecting";
    report.session.trouble = "nothing listens on 192.168.1.10:3260";
    report.session.attempts = 7;
    return report;
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Words, have_no_line_of_somebody_elses) {
    Report report = connected();
    const auto lines = std::ranges::count(in_words(report), '\n');
    report.session.target = "iqn.2024-01.a\nlease      none\x1b[2J";
    EXPECT_EQ(std::ranges::count(in_words(report), '\n'), lines);
    EXPECT_FALSE(in_words(report).contains('\x1b'));
}

TEST(Words, say_where_the_session_is_and_for_how_long) {
    const std::string text = in_words(connected());
    EXPECT_TRUE(has_line(text,
                         "session    connected to 192.168.1.10:3260 since "
                         "2026-11-18 11:09:00 UTC (2 h 11 min)"))
        << text;
    EXPECT_TRUE(has_line(text, "outages    none")) << text;
    EXPECT_TRUE(has_line(text, "disk       sda, LUN 1: 5.3 MB read, 1.2 GB written")) << text;
    EXPECT_TRUE(has_line(text,
                         "lease      from 192.168.1.1, ends 2026-11-18 16:40:00 UTC "
                         "(in 3 h 20 min), renewed in 16 min 40 s"))
        << text;
}

TEST(Words, say_of_a_lost_session_what_is_done_about_it) {
    const std::string text = in_words(lost());
    EXPECT_TRUE(has_line(text, "session    lost since 2026-11-18 13:19:50 UTC (10 s)")) << text;
    EXPECT_TRUE(has_line(text, "           connecting, attempt 7 at 192.168.1.10:3260")) << text;
    EXPECT_TRUE(has_line(text, "           nothing listens on 192.168.1.10:3260")) << text;
}

TEST(Words, list_the_outages_with_their_times) {
    Report report = connected();
    report.outage_count = 40;
    report.outage_time = 75s;
    report.outages = {{100s, 1900ms, "the target closed the connection"}};
    const std::string text = in_words(report);
    EXPECT_TRUE(has_line(text, "outages    40, 1 min 15 s in all; the last ones:")) << text;
    EXPECT_TRUE(has_line(
        text, "           2026-11-18 11:08:20 UTC       1.9 s  the target closed the connection"))
        << text;
}

TEST(Words, name_the_key_of_a_reservation_only_if_there_is_one) {
    Report report = connected();
    EXPECT_EQ(in_words(report).find("exclusive"), std::string::npos);
    report.session.reservation_key = "10000000a0770000";
    EXPECT_TRUE(has_line(in_words(report), "exclusive  reserved with the key 10000000a0770000"));
}

Report with_overlay(unsigned percent) {
    Report report = connected();
    report.disk.overlay = OverlayReport{88'000'000, 33'100'000, 512'000'000, percent};
    return report;
}

TEST(Words, say_how_full_the_memory_for_changes_is_where_they_are_kept_there) {
    EXPECT_TRUE(has_line(in_words(with_overlay(6)),
                         "overlay    33.1 MB of 512 MB of memory for 88.0 MB of changes: 6 %"))
        << in_words(with_overlay(6));
    EXPECT_TRUE(in_words(with_overlay(100))
                    .contains(": 100 %, full: file systems are read-only until a restart\n"));
    EXPECT_FALSE(in_words(connected()).contains("overlay"));
}

TEST(Json, has_the_memory_for_changes_where_they_are_kept_there) {
    EXPECT_TRUE(as_json(with_overlay(6))
                    .contains(R"("overlay":{"changes_bytes":88000000,"memory_bytes":33100000,)"
                              R"("limit_bytes":512000000,"percent_full":6})"));
    EXPECT_FALSE(as_json(connected()).contains("overlay"));
}

TEST(Prometheus, has_the_memory_for_changes_where_they_are_kept_there) {
    for (const char* sample :
         {"\nbootwire_overlay_changes_bytes 88000000\n",
          "\nbootwire_overlay_memory_bytes 33100000\n",
          "\nbootwire_overlay_limit_bytes 512000000\n", "\nbootwire_overlay_full_percent 6\n"}) {
        EXPECT_TRUE(as_prometheus(with_overlay(6)).contains(sample)) << sample;
    }
    EXPECT_FALSE(as_prometheus(connected()).contains("overlay"));
}

TEST(Words, say_of_a_lost_lease_what_becomes_of_the_address) {
    Report report = connected();
    report.address.lease_lost = "DHCP server 192.168.1.2 refuses";
    EXPECT_TRUE(has_line(in_words(report),
                         "lease      from 192.168.1.1, lost: DHCP server 192.168.1.2 refuses; the "
                         "address is kept until another one is there"))
        << in_words(report);
    report.address.lease_lost = "the DHCP lease of 192.168.1.23 has expired";
    report.address.expiry = 7820s;
    EXPECT_TRUE(has_line(in_words(report),
                         "lease      from 192.168.1.1, ended 2026-11-18 13:17:00 UTC (3 min ago); "
                         "the address is kept until another one is there"))
        << in_words(report);
    report.address.expiry.reset();
    report.address.lease_lost = "address 192.168.1.23 is in use by 52:54:00:12:34:56";
    report.address.given_back = true;
    EXPECT_TRUE(has_line(in_words(report),
                         "lease      from 192.168.1.1, lost: address 192.168.1.23 is in use by "
                         "52:54:00:12:34:56; given back, the disk waits for another one"))
        << in_words(report);
}

TEST(Json, has_the_leases_state) {
    Report report = connected();
    EXPECT_NE(as_json(report).find(R"("lease":{"state":"bound","server":"192.168.1.1",)"
                                   R"("renewal":"2026-11-18T13:36:40Z")"),
              std::string::npos)
        << as_json(report);
    report.address.lease_lost = "the DHCP lease of 192.168.1.23 has expired";
    EXPECT_NE(as_json(report).find(R"("lease":{"state":"lost","trouble":"the DHCP lease of )"
                                   R"(192.168.1.23 has expired","server":"192.168.1.1",)"
                                   R"("renewal":null)"),
              std::string::npos)
        << as_json(report);
}

TEST(Prometheus, has_a_metric_for_whether_the_lease_holds) {
    Report report = connected();
    EXPECT_TRUE(has_line(as_prometheus(report), "bootwire_lease_held 1"));
    report.address.lease_lost = "the DHCP lease of 192.168.1.23 has expired";
    EXPECT_TRUE(has_line(as_prometheus(report), "bootwire_lease_held 0"));
    report.address.leased = false;
    EXPECT_EQ(as_prometheus(report).find("lease_held"), std::string::npos);
}

TEST(Json, is_one_object_with_times_by_the_clock_and_since_the_start) {
    Report report = connected();
    report.outage_count = 1;
    report.outages = {{100s, 1900ms, "a \"quoted\" reason"}};
    const std::string json = as_json(report);
    EXPECT_NE(json.find(R"("session":{"state":"connected","since":"2026-11-18T11:09:00Z",)"
                        R"("since_at_s":140.000,"portal":"192.168.1.10:3260")"),
              std::string::npos)
        << json;
    EXPECT_NE(json.find(R"("reason":"a \"quoted\" reason")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("written_bytes":1250000000)"), std::string::npos) << json;
    EXPECT_EQ(json.back(), '\n');
    EXPECT_EQ(json.find('\n'), json.size() - 1);
}

TEST(Json, has_no_lease_where_the_address_is_fixed) {
    Report report = connected();
    report.address.leased = false;
    EXPECT_NE(as_json(report).find(R"("lease":null)"), std::string::npos);
}

TEST(Prometheus, describes_every_metric_once_before_its_samples) {
    const std::string text = as_prometheus(lost());
    EXPECT_TRUE(has_line(text, "# TYPE bootwire_session_up gauge"));
    EXPECT_TRUE(has_line(text, "bootwire_session_up 0"));
    EXPECT_TRUE(has_line(text, "bootwire_session_attempts 7"));
    EXPECT_TRUE(has_line(text, "bootwire_session_outage_seconds_total 10.000"))
        << "an outage under way counts";
    EXPECT_TRUE(has_line(text, "bootwire_boot_stage_seconds{stage=\"network\"} 0.901"));
    EXPECT_TRUE(has_line(text, "bootwire_lease_expiry_timestamp_seconds 1795020000.000"));
    std::string described;
    size_t at = 0;
    while (at < text.size()) {
        const size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.starts_with("# TYPE ")) {
            described = line.substr(7, line.find(' ', 7) - 7);
        } else if (!line.starts_with("#")) {
            EXPECT_EQ(line.substr(0, line.find_first_of(" {")), described) << line;
        }
    }
}

TEST(Prometheus, escapes_what_is_in_labels) {
    Report report = connected();
    report.session.portal = "a\"b\\c\nd";
    EXPECT_NE(as_prometheus(report).find(R"(portal="a\"b\\c\nd")"), std::string::npos);
}

TEST(Counters, that_are_not_known_are_left_out) {
    EXPECT_EQ(in_words([] {
                  Report report = connected();
                  report.disk.counters.reset();
                  return report;
              }())
                  .find(" read, "),
              std::string::npos);
}

TEST(Quantities, have_two_units_at_most) {
    EXPECT_EQ(duration_in_words(0ms), "0.0 s");
    EXPECT_EQ(duration_in_words(-5s), "0.0 s");
    EXPECT_EQ(duration_in_words(9949ms), "9.9 s");
    EXPECT_EQ(duration_in_words(59s), "59 s");
    EXPECT_EQ(duration_in_words(3600s), "1 h");
    EXPECT_EQ(duration_in_words(90061s), "1 d 1 h");
    EXPECT_EQ(amount_in_words(0), "0 B");
    EXPECT_EQ(amount_in_words(999), "999 B");
    EXPECT_EQ(amount_in_words(1999), "1.9 kB");
    EXPECT_EQ(amount_in_words(123'456'789), "123 MB");
    EXPECT_EQ(amount_in_words(UINT64_MAX), "18.4 EB");
    EXPECT_EQ(decimal_seconds(12304ms), "12.304");
    EXPECT_EQ(decimal_seconds(-1ms), "-0.001");
}

TEST(Answer, keeps_verdict_and_text_over_the_wire) {
    for (const Verdict verdict : {Verdict::ok, Verdict::lost, Verdict::denied, Verdict::unknown}) {
        const auto answer = Answer::from_wire(Answer{verdict, "a\nb\n"}.to_wire());
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->verdict, verdict);
        EXPECT_EQ(answer->text, "a\nb\n");
    }
    EXPECT_FALSE(Answer::from_wire(""));
    EXPECT_FALSE(Answer::from_wire("ok"));
    EXPECT_FALSE(Answer::from_wire("what\n"));
}

}  // namespace
}  // namespace bootwire::control
