#include "helpdisk/page.h"

#include <gtest/gtest.h>

#include "plan/settings_file.h"

namespace bootwire::helpdisk {
namespace {

screen::View failing() {
    screen::View view;
    view.version = "9.9";
    view.board = "Raspberry Pi 4 <Model> B";
    view.serial = "1000";
    view.steps = {{"Network", screen::Step::State::done, "eth0: address 10.0.0.2/24"},
                  {"Target", screen::Step::State::failed, "iqn.x & more"}};
    screen::Notice notice;
    notice.kind = screen::Notice::Kind::failure;
    notice.title = "Nothing listens";
    notice.text = "nothing listens at 10.0.0.1:3260";
    notice.hint = "is the target running?";
    notice.link = "https://example.org/help#nothing-listens";
    view.notice = notice;
    return view;
}

TEST(IndexPage, says_what_failed_and_what_to_do) {
    const std::string page = index_page(failing(), true);
    for (const std::string_view part :
         {"nothing listens at 10.0.0.1:3260", "is the target running?", "bootwire.txt",
          "href=\"https://example.org/help#nothing-listens\"", "class=\"failed\"",
          "<code>iscsi.ip=</code>", "could not start"}) {
        EXPECT_NE(page.find(part), page.npos) << part;
    }
    EXPECT_NE(page.find("#bootwire.keep=card"), page.npos);
    EXPECT_EQ(index_page(failing(), false).find("#bootwire.keep=card"), std::string::npos);
}

TEST(IndexPage, escapes_what_it_is_given_and_loads_nothing) {
    const std::string page = index_page(failing(), true);
    EXPECT_NE(page.find("4 &lt;Model&gt; B"), page.npos);
    EXPECT_NE(page.find("iqn.x &amp; more"), page.npos);
    EXPECT_EQ(page.find("<Model>"), page.npos);
    for (const std::string_view part : {"<script", "src=", "@import", "url("})
        EXPECT_EQ(page.find(part), page.npos) << part;
}

TEST(SettingsText, says_what_it_is_read_back_as_and_shows_no_secret) {
    plan::CommandLine said;
    said.set("iscsi.ip", "10.0.0.1");
    said.set("iscsi.password", "do-not-show");
    const std::string text = settings_text(said, true);
    EXPECT_EQ(text.find("do-not-show"), text.npos);
    EXPECT_NE(text.find("#bootwire.keep=card"), text.npos);
    EXPECT_EQ(settings_text(said, false).find("bootwire.keep"), std::string::npos);
    EXPECT_EQ(plan::read_settings_file(text, said), said);
}

}  // namespace
}  // namespace bootwire::helpdisk
