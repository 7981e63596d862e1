#include "delivery/report.h"

#include <gtest/gtest.h>

#include "delivery/announce.h"

namespace bootwire::delivery {
namespace {

Report fetched() {
    Report report{Report::Kind::in_memory, "7.3.4-bootwire", "tftp://10.0.0.1/modules.sqfs"};
    report.count = 3214;
    report.bytes = 41'200'000;
    report.seen_at = "/lib/modules/7.3.4-bootwire";
    return report;
}

TEST(Report, of_modules_in_memory_says_where_they_are_from_and_what_they_take) {
    EXPECT_EQ(in_one_line(fetched()),
              "kernel modules: 3214 from tftp://10.0.0.1/modules.sqfs, 41.2 MB in memory");
    EXPECT_EQ(in_words(fetched()),
              "kernel     7.3.4-bootwire\n"
              "modules    3214, in memory: 41.2 MB\n"
              "from       tftp://10.0.0.1/modules.sqfs\n"
              "folder     /lib/modules/7.3.4-bootwire\n"
              "to keep    bootwirectl modules install puts them on the disk\n");
}

TEST(Report, of_modules_that_the_system_does_not_find_says_why) {
    Report report = fetched();
    report.seen_at.clear();
    report.why = "no folder";
    EXPECT_TRUE(in_one_line(report).ends_with("in memory; no folder"));
    EXPECT_TRUE(in_words(report).contains("why        no folder\n"));
    EXPECT_FALSE(in_words(report).contains("folder     "));
}

TEST(Report, of_no_modules_says_why_and_how_to_get_them) {
    Report report{Report::Kind::none, "7.3.4-bootwire"};
    report.why = "tftp://10.0.0.1/modules.sqfs: there is no such file";
    EXPECT_EQ(in_one_line(report),
              "kernel modules: none but Image.gz's own: tftp://10.0.0.1/modules.sqfs: there is no "
              "such file");
    const std::string words = in_words(report);
    EXPECT_TRUE(words.contains("why        tftp://10.0.0.1/modules.sqfs: there is no such file\n"));
    EXPECT_TRUE(words.contains("to have    put modules.sqfs"));
}

TEST(Report, of_the_disks_own_needs_no_more) {
    Report report{Report::Kind::of_disk, "7.3.4-bootwire"};
    report.count = 2;
    report.seen_at = "/lib/modules/7.3.4-bootwire";
    EXPECT_EQ(in_one_line(report), "kernel modules: the disk has them");
    EXPECT_EQ(in_words(report),
              "kernel     7.3.4-bootwire\nmodules    2, of the disk\n"
              "folder     /lib/modules/7.3.4-bootwire\n");
}

TEST(Report, of_what_is_on_the_way_says_where_from) {
    const Report report{Report::Kind::on_the_way, "7", "http://nas.lan/m"};
    EXPECT_EQ(in_one_line(report), "kernel modules: still being fetched from http://nas.lan/m");
    EXPECT_EQ(in_words(report),
              "kernel     7\nmodules    being fetched\nfrom       http://nas.lan/m\n");
}

TEST(Modules, are_counted_by_the_lines_of_their_table) {
    EXPECT_EQ(count_modules(""), 0u);
    EXPECT_EQ(count_modules("kernel/a.ko.xz:\nkernel/b.ko.xz: kernel/a.ko.xz\n"), 2u);
}

TEST(DeviceNodes, are_read_from_depmods_table) {
    EXPECT_EQ(parse_devname("# Device nodes to trigger on-demand module loading.\n"
                            "fuse fuse c10:229\ntun net/tun c10:200\nloop loop7 b7:7\n"),
              (std::vector<DeviceNode>{
                  {"fuse", false, 10, 229}, {"net/tun", false, 10, 200}, {"loop7", true, 7, 7}}));
}

TEST(DeviceNodes, that_lead_elsewhere_or_are_malformed_are_passed_over) {
    for (const char* line : {"a ../etc/x c1:1", "a /etc/x c1:1", "a b p1:1", "a b c1", "a b c:1",
                             "a b c1:x", "a b", "a b c1:1 more", "a b :"}) {
        EXPECT_TRUE(parse_devname(line).empty()) << line;
    }
}

}  // namespace
}  // namespace bootwire::delivery
