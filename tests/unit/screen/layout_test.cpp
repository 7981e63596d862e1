#include "screen/layout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "views.h"

namespace bootwire::screen {
namespace {

struct Size {
    int width;
    int height;
};
constexpr std::array sizes{Size{640, 480},   Size{800, 480},   Size{1024, 768},
                           Size{1280, 720},  Size{1366, 768},  Size{1920, 1080},
                           Size{1920, 1200}, Size{3840, 2160}, Size{720, 1280}};

std::string at(const NamedView& view, const Size& size) {
    return std::string(view.name) + " at " + std::to_string(size.width) + "x" +
           std::to_string(size.height);
}

bool overlap(const Rect& a, const Rect& b) {
    return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

bool contains(const Rect& outer, const Rect& inner) {
    return inner.x >= outer.x && inner.y >= outer.y && inner.right() <= outer.right() &&
           inner.bottom() <= outer.bottom();
}

/// All texts, in order, separated by blanks.
std::string words_of(const View& view, int width, int height, Moment now) {
    std::string words;
    for (const Item& item : lay_out(view, width, height, now))
        words += item.text + " ";
    return words;
}

TEST(Layout, keeps_everything_on_the_screen) {
    for (const NamedView& view : named_views) {
        for (const Size& size : sizes) {
            const Rect screen{0, 0, size.width, size.height};
            for (const Item& item : lay_out(view.make(), size.width, size.height, view_time)) {
                EXPECT_TRUE(contains(screen, item.place)) << at(view, size) << ": " << item.text;
                EXPECT_GT(item.place.width, 0) << at(view, size);
                EXPECT_GT(item.place.height, 0) << at(view, size);
            }
        }
    }
}

TEST(Layout, lets_nothing_overlap_but_a_panel_and_what_is_on_it) {
    for (const NamedView& view : named_views) {
        for (const Size& size : sizes) {
            const auto items = lay_out(view.make(), size.width, size.height, view_time);
            for (size_t i = 0; i < items.size(); ++i) {
                for (size_t j = i + 1; j < items.size(); ++j) {
                    if (!overlap(items[i].place, items[j].place)) continue;
                    EXPECT_EQ(items[i].kind, Item::Kind::panel)
                        << at(view, size) << ": " << items[i].text << " / " << items[j].text;
                    EXPECT_TRUE(contains(items[i].place, items[j].place)) << at(view, size);
                }
            }
        }
    }
}

TEST(Layout, gives_each_text_the_place_that_its_font_needs) {
    for (const NamedView& view : named_views) {
        for (const Size& size : sizes) {
            for (const Item& item : lay_out(view.make(), size.width, size.height, view_time)) {
                if (item.kind != Item::Kind::text) continue;
                const int letters = static_cast<int>(item.text.size());
                EXPECT_EQ(item.place.width, letters * item.font->width * item.scale);
                EXPECT_EQ(item.place.height, item.font->height * item.scale);
                EXPECT_EQ(item.text.find_first_not_of(item.font->characters), item.text.npos)
                    << item.text;
            }
        }
    }
}

TEST(Layout, begins_at_one_margin_and_ends_at_the_other) {
    for (const Size& size : sizes) {
        const auto items = lay_out(failed(), size.width, size.height, view_time);
        int left = size.width;
        int right = 0;
        for (const Item& item : items) {
            left = std::min(left, item.place.x);
            right = std::max(right, item.place.right());
        }
        EXPECT_NEAR(left, size.width - right, items.front().font->width) << size.width;
    }
}

TEST(Layout, shows_all_of_a_usual_failure) {
    for (const Size& size : {Size{640, 480}, Size{1920, 1080}}) {
        const std::string words = words_of(failed(), size.width, size.height, view_time);
        for (const char* expected :
             {"boot wire", "0.1.0", "Raspberry Pi 4 Model B Rev 1.4", "10000000abcdef01",
              "eth0: address 192.168.1.77/24", "3.2 s", "iqn.2024-01.lan.home:pi4-root at",
              "User name or secret is refused", "authentication failed", "check user name",
              "attempt 3, the next one in 7 s", "rescue console", "help disk"}) {
            EXPECT_NE(words.find(expected), words.npos) << expected << " in " << words;
        }
    }
}

TEST(Layout, says_how_long_something_is_waited_for) {
    const std::string words = words_of(waiting(), 640, 480, Moment(900 + 42000));
    EXPECT_NE(words.find("for 42 s"), words.npos) << words;
    EXPECT_NE(words_of(waiting(), 640, 480, Moment(900 + 180000)).find("for 3 min"), words.npos);
    View view = failed();
    EXPECT_NE(words_of(view, 640, 480, Moment(68001)).find("trying again, attempt 3"), words.npos);
}

TEST(Layout, says_what_is_done_beside_the_steps_and_for_how_long) {
    const std::string words = words_of(updating(), 640, 480, Moment(1300 + 2100));
    for (const char* expected : {"EEPROM update: leave the power on", "starts once more",
                                 "after this it boots from SD card, network", "at it for 2.1 s"}) {
        EXPECT_NE(words.find(expected), words.npos) << expected << " in " << words;
    }
    EXPECT_EQ(words.find("waiting for"), words.npos);
}

TEST(Layout, has_a_code_only_where_there_is_a_link_that_fits) {
    const auto codes = [](const View& view) {
        const auto items = lay_out(view, 640, 480, view_time);
        return std::ranges::count(items, Item::Kind::code, &Item::kind);
    };
    View view = failed();
    EXPECT_EQ(codes(view), 1);
    view.notice->link = "";
    EXPECT_EQ(codes(view), 0);
    view.notice->link = std::string(longest_qr_text + 1, 'x');
    EXPECT_EQ(codes(view), 0);
    EXPECT_EQ(codes(booting()), 0);
}

TEST(Grid, uses_the_largest_font_that_leaves_eighty_columns_and_thirty_lines) {
    EXPECT_EQ(grid_for(640, 480).font, &small_font);
    EXPECT_EQ(grid_for(640, 480).columns, 80);
    EXPECT_EQ(grid_for(1280, 720).font, &medium_font);
    EXPECT_EQ(grid_for(1920, 1080).font, &large_font);
    EXPECT_EQ(grid_for(1920, 1080).scale, 1);
    EXPECT_EQ(grid_for(3840, 2160).font, &medium_font);
    EXPECT_EQ(grid_for(3840, 2160).scale, 3);
}

TEST(Wrap, breaks_at_blanks_and_long_words_wherever_it_must) {
    using Lines = std::vector<std::string>;
    EXPECT_EQ(wrap("one two three", 7, 9), (Lines{"one two", "three"}));
    EXPECT_EQ(wrap("abcdefghij", 4, 9), (Lines{"abcd", "efgh", "ij"}));
    EXPECT_EQ(wrap("one two three four", 7, 2), (Lines{"one two", "thre..."}));
    EXPECT_EQ(wrap("", 7, 2), Lines{});
    EXPECT_EQ(wrap("a\xc3\xa4\n…", 9, 1), (Lines{"a???..."}));
    EXPECT_EQ(wrap("text", 7, 0), Lines{});
}

TEST(Canvas, draws_nothing_outside) {
    Canvas canvas(20, 10, 0x111111);
    canvas.fill({-5, -5, 7, 7}, 0xffffff);
    canvas.fill({18, 8, 100, 100}, 0xffffff);
    canvas.text(-4, -8, "MMMMMM", small_font, 1, 0xff0000);
    canvas.disc({0, 0}, 50, 0x00ff00);
    canvas.line({-30, -30}, {50, 50}, 3, 0x0000ff);
    EXPECT_EQ(canvas.row(9)[0], 0x00ff00u);
    EXPECT_EQ(canvas.row(5)[5], 0x0000ffu);
}

TEST(Canvas, draws_letters_as_the_font_has_them) {
    Canvas canvas(16, 32, 0);
    canvas.text(0, 0, "|", small_font, 2, 0xffffff);
    int lit = 0;
    for (int y = 0; y < 32; ++y)
        lit += canvas.row(y)[8] == 0xffffff;
    EXPECT_GT(lit, 20) << "a bar is a bar";
    EXPECT_EQ(canvas.row(16)[0], 0u);
}

TEST(View, goes_to_another_process_and_arrives_whole) {
    for (const NamedView& named : named_views) {
        const View view = named.make();
        const std::string bytes = encode(view);
        const auto arrived = decode(bytes);
        ASSERT_TRUE(arrived) << named.name;
        EXPECT_EQ(encode(*arrived), bytes);
        EXPECT_EQ(words_of(*arrived, 640, 480, view_time), words_of(view, 640, 480, view_time));
        for (size_t size = 0; size < bytes.size(); size += 7)
            EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size))) << named.name;
    }
}

}  // namespace
}  // namespace bootwire::screen
