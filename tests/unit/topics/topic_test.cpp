#include "topics/topic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <ranges>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "os/file.h"

namespace bootwire {
namespace {

struct Section {
    std::string heading;
    size_t lines = 0;  // that are not empty
};

std::vector<Section> sections_of_the_page() {
    const auto page = read_file(TROUBLESHOOTING_PAGE);
    EXPECT_TRUE(page) << TROUBLESHOOTING_PAGE;
    const std::string text = page.value_or("");
    std::vector<Section> sections;
    for (const std::string_view line : split(text, '\n')) {
        if (line.starts_with("## ")) {
            sections.push_back({std::string(line.substr(3)), 0});
        } else if (!sections.empty() && !trim(line).empty()) {
            ++sections.back().lines;
        }
    }
    return sections;
}

TEST(Topics, each_has_its_section_in_the_troubleshooting_page) {
    std::set<std::string> headings;
    for (const Section& section : sections_of_the_page()) {
        EXPECT_GE(section.lines, 2u) << section.heading << " says nothing";
        EXPECT_TRUE(headings.insert(section.heading).second)
            << section.heading << " is there twice";
    }
    for (const TopicInfo& info : topics()) {
        EXPECT_TRUE(headings.contains(std::string(info.title)))
            << "docs/troubleshooting.md has no section \"## " << info.title << '"';
    }
}

/// The page begins with what comes before any line of ours, the firmware's failures.
TEST(Topics, each_section_of_the_page_since_our_first_line_has_its_topic) {
    std::set<std::string> titles;
    for (const TopicInfo& info : topics())
        titles.insert(std::string(info.title));
    const std::vector<Section> sections = sections_of_the_page();
    const auto first =
        std::ranges::find(sections, "Since bootwire's first line", &Section::heading);
    ASSERT_NE(first, sections.end());
    EXPECT_NE(first, sections.begin());
    for (const Section& section : std::ranges::subrange(std::next(first), sections.end())) {
        EXPECT_TRUE(titles.contains(section.heading))
            << "no failure is about \"" << section.heading << "\": src/shim/topics/topic.cpp";
    }
}

/// The names of the enumeration, as they are written in topic.h.
std::vector<std::string> names() {
    const auto header = read_file(SOURCES "/shim/topics/topic.h");
    EXPECT_TRUE(header);
    const size_t begin = header->find("enum class Topic");
    const size_t end = header->find("};", begin);
    const std::string text = header->substr(begin, end - begin);
    std::vector<std::string> names;
    for (const std::string_view line : split(text, '\n')) {
        const std::string_view name = trim(line.substr(0, line.find(',')));
        if (line.starts_with("    ")) names.emplace_back(name);
    }
    EXPECT_EQ(names.size(), topics().size());
    return names;
}

TEST(Topics, each_is_reported_somewhere) {
    std::string sources;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SOURCES)) {
        const std::string path = entry.path();
        if (path.ends_with(".cpp") && !path.ends_with("topics/topic.cpp")) {
            sources += read_file(path).value_or("");
        }
    }
    for (const std::string& name : names()) {
        if (name == "other") continue;  // the default
        const size_t at = sources.find("Topic::" + name);
        EXPECT_NE(at, sources.npos) << "nothing is about Topic::" << name;
    }
}

TEST(Topics, have_anchors_of_their_own_that_need_no_escaping) {
    std::set<std::string> anchors;
    for (const TopicInfo& info : topics()) {
        const std::string name = anchor(info.topic);
        EXPECT_TRUE(anchors.insert(name).second) << name;
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), name.npos)
            << name;
    }
    EXPECT_EQ(anchor(Topic::name_unknown), "the-servers-name-is-not-known");
    EXPECT_EQ(help_link("https://example.org/help", Topic::no_link),
              "https://example.org/help#no-link");
    EXPECT_EQ(help_link("", Topic::no_link), "");
}

TEST(Topics, who_is_nearest_to_the_cause_names_it) {
    const Error near = about(Topic::no_answer, fail("no answer")).error();
    EXPECT_EQ(near.topic, Topic::no_answer);
    EXPECT_EQ(about(Topic::disk_unreadable, near).topic, Topic::no_answer);
    EXPECT_EQ(about(Topic::disk_unreadable, fail("broken").error()).topic, Topic::disk_unreadable);
    EXPECT_EQ(fail("who knows").error().topic, Topic::other);
}

}  // namespace
}  // namespace bootwire
