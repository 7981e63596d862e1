#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "handoff/os_overlay.h"
#include "topics/topic.h"

namespace bootwire::handoff {
namespace {

TEST(OverlayConf, asks_for_an_overlay_by_its_last_line_that_says_anything) {
    EXPECT_EQ(overlay_in_conf("# overlayroot=\"tmpfs\"\noverlayroot_cfgdisk=\"disabled\"\n"), "");
    EXPECT_EQ(overlay_in_conf("overlayroot_cfgdisk=\"disabled\"\noverlayroot=\"\"\n"), "");
    EXPECT_EQ(overlay_in_conf("overlayroot=\"\"\n  overlayroot='tmpfs:swap=1' \n"),
              "overlayroot=tmpfs:swap=1");
    EXPECT_EQ(overlay_in_conf("overlayroot=tmpfs\r\noverlayroot=\"disabled\"\n"), "");
    EXPECT_EQ(overlay_in_conf("overlayroot=\""), "overlayroot=\"") << "an odd one is no nothing";
}

TEST(OverlayConf, of_the_machine_counts_more_than_the_packages) {
    namespace fs = std::filesystem;
    char name[] = "/tmp/bootwire-test-XXXXXX";
    const std::string root = mkdtemp(name);
    fs::create_directories(root + "/etc");
    EXPECT_EQ(overlay_wish(root).word, "");
    std::ofstream(root + "/etc/overlayroot.conf") << "#\noverlayroot=\"tmpfs\"\n";
    EXPECT_EQ(overlay_wish(root).word, "overlayroot=tmpfs");
    EXPECT_EQ(overlay_wish(root).place, "/etc/overlayroot.conf");
    EXPECT_EQ(not_to_be_written_to(overlay_wish(root)).topic, Topic::overlay_wanted);
    std::ofstream(root + "/etc/overlayroot.local.conf") << "overlayroot=disabled\n";
    EXPECT_EQ(overlay_wish(root).word, "");
    fs::remove_all(root);
}

}  // namespace
}  // namespace bootwire::handoff
