// How much of a command line is looked at, to the byte, and how the disk's and ours become one.
#include <gtest/gtest.h>

#include "plan/command_line.h"
#include "plan/disk_cmdline.h"
#include "plan/keys.h"
#include "plan/settings_file.h"

namespace bootwire::plan {
namespace {

constexpr size_t most = CommandLine::max_words;

/// "w0 w1 …"
CommandLine line_of(size_t words) {
    std::string text;
    for (size_t i = 0; i < words; ++i)
        text += "w" + std::to_string(i) + " ";
    return CommandLine::parse(text);
}

/// lib/ctype.c of the kernel.
TEST(KernelSpaces, are_seven) {
    std::string found;
    for (int c = 0; c < 256; ++c) {
        if (is_kernel_space(static_cast<char>(c))) found += static_cast<char>(c);
    }
    EXPECT_EQ(found, "\t\n\v\f\r \xa0");
}

TEST(LongCommandLine, is_looked_at_up_to_16384_bytes_and_1024_words) {
    const std::string longest(16384, 'x');
    EXPECT_FALSE(CommandLine::parse(longest).cut());
    EXPECT_EQ(CommandLine::parse(longest).words()[0].name, longest);
    EXPECT_EQ(CommandLine::parse(longest + "x").words()[0].name, longest);
    EXPECT_TRUE(CommandLine::parse(longest + "x").cut());
    EXPECT_FALSE(line_of(1024).cut());
    EXPECT_EQ(line_of(1024).words().size(), 1024u);
    EXPECT_TRUE(line_of(1025).cut());
    EXPECT_EQ(line_of(1025).words().size(), 1024u);
    std::string with_arguments = "a -- ";
    for (size_t i = 0; i < most; ++i)
        with_arguments += "b ";
    EXPECT_EQ(CommandLine::parse(with_arguments).init_arguments().size(), most - 1);
    EXPECT_TRUE(CommandLine::parse(with_arguments).cut());
}

TEST(FullCommandLine, takes_no_further_word) {
    CommandLine line = line_of(most - 1);
    line.add({.name = "last", .value = {}, .spelling = "last"});
    EXPECT_FALSE(line.cut());
    EXPECT_TRUE(line.has("last"));
    CommandLine added = line;
    added.add({.name = "more", .value = {}, .spelling = "more"});
    EXPECT_TRUE(added.cut());
    EXPECT_EQ(added.words().size(), most);
    CommandLine set = line;
    set.set("more", "1");
    EXPECT_EQ(set, line);
    set.set("last", "1");
    EXPECT_EQ(set.value("last"), "1") << "in its place there is room";
    CommandLine secret = line;
    secret.add_secrets("iscsi.password=x\n");
    EXPECT_EQ(secret, line);
    CommandLine nearly = line_of(most - 1);
    nearly.add_secrets("iscsi.password=x\n");
    EXPECT_EQ(nearly.value("iscsi.password"), "x");
    CommandLine before = line_of(most - 1);
    before.prepend(CommandLine::parse("a b"));
    EXPECT_EQ(before.words().front().name, "b");
    EXPECT_EQ(before.words().size(), most);
    EXPECT_TRUE(before.cut());
    CommandLine cut;
    cut.append(line_of(most + 1));
    EXPECT_TRUE(cut.cut());
}

TEST(FullCommandLine, counts_the_arguments_of_init_too) {
    const std::string text = "a -- b";
    CommandLine line = CommandLine::parse(text);
    for (size_t i = 0; i < most; ++i)
        line.add({.name = "w", .value = {}, .spelling = "w"});
    EXPECT_EQ(line.words().size(), most - 1);
    CommandLine set = line;
    set.set("x", "1");
    EXPECT_EQ(set, line);
    set.prepend(CommandLine::parse("x"));
    EXPECT_EQ(set.words(), line.words());
}

TEST(CommandLineWord, that_is_set_is_spelt_as_it_would_be_typed) {
    CommandLine line = CommandLine::parse("a=1 b a");
    line.set("a", "two words");
    ASSERT_EQ(line.words().size(), 2u);
    EXPECT_EQ(line.words()[1].spelling, "a=\"two words\"");
    line.set("a", "one");
    EXPECT_EQ(line.words()[1].spelling, "a=one");
    line.set("wifi.psk", "x");
    EXPECT_EQ(line.words()[2].spelling, "");
    line.remove("a");
    EXPECT_FALSE(line.has("a"));
}

TEST(CommandLineWord, is_taken_apart_at_its_quotes) {
    const auto parts = [](std::string_view text) {
        const Word word = CommandLine::parse(text).words().at(0);
        return word.name + "|" + word.value.value_or("-");
    };
    EXPECT_EQ(parts("\"a\""), "a|-");
    EXPECT_EQ(parts("\"a"), "a|-");
    EXPECT_EQ(parts("a\""), "a\"|-");
    EXPECT_EQ(parts("a=b\""), "a|b\"");
    EXPECT_EQ(parts("\"a=b\""), "a|b");
    EXPECT_EQ(parts("a=\"b"), "a|b");
    EXPECT_EQ(parts("a="), "a|");
    EXPECT_EQ(parts("=="), "=|");
    EXPECT_EQ(parts("a==b"), "a|=b");
}

TEST(HiddenSecrets, are_revealed_where_they_are_known) {
    auto line = CommandLine::parse("iscsi.password=* a=* wifi.psk=* wifi.psk=own wifi.secret");
    line.reveal("*", CommandLine::parse("iscsi.password=1 iscsi.password=2 a=3 wifi.secret=4"));
    EXPECT_EQ(line.words()[0].value, "2");
    EXPECT_EQ(line.words()[1].value, "*") << "no secret";
    EXPECT_EQ(line.words()[2].value, "*") << "nobody knows it";
    EXPECT_EQ(line.words()[3].value, "own");
    EXPECT_FALSE(line.words()[4].value);
}

std::string merged(std::string_view disk, std::string_view running,
                   const MergeChanges& changes = {}) {
    return merge_command_lines(read_disk_cmdline(disk), CommandLine::parse(running), changes).text;
}

TEST(MergedLine, is_never_longer_than_it_may_be) {
    MergeChanges changes;
    changes.additions = {"fg"};
    for (changes.max_length = 1; changes.max_length < 40; ++changes.max_length) {
        const std::string text = merged("a bc -- x yz", "de", changes);
        EXPECT_LE(text.size(), changes.max_length);
        EXPECT_TRUE(text.ends_with('\n'));
        EXPECT_EQ(text == "a bc fg de -- x yz\n", changes.max_length >= 21) << text;
        EXPECT_EQ(text == "\n", changes.max_length <= 10) << "a dash more than its arguments";
    }
    changes = {};
    changes.max_length = 4;
    EXPECT_EQ(merged("abc", "", changes), "abc\n");
    changes.max_length = 3;
    EXPECT_EQ(merged("abc", "", changes), "\n");
    const std::string longest(4094, 'x');
    EXPECT_EQ(merged(longest, ""), longest + "\n");
    EXPECT_EQ(merged(longest + "x", ""), "\n");
    changes.max_length = 9000;
    EXPECT_EQ(merged(longest + "x", "", changes), "\n") << "a page is a page";
}

TEST(MergedLine, tells_of_each_word_that_has_no_room) {
    MergeChanges changes;
    changes.additions = {"addition"};
    changes.max_length = 4;
    const auto result =
        merge_command_lines(read_disk_cmdline("abc"), CommandLine::parse("running"), changes);
    EXPECT_EQ(result.left_out, (std::vector<std::string>{"addition", "running"}));
}

TEST(MergedLine, has_consoles_of_one_side) {
    EXPECT_EQ(merged("console=tty1 consoles=2 console", "console=ttyS0"),
              "consoles=2 console=ttyS0\n");
    EXPECT_EQ(merged("console=serial1 console=tty1 console", "a"), "console=tty1 console a\n");
    EXPECT_EQ(merged("x=serial0", "console=serial0"), "x=serial0 console=serial0\n");
}

TEST(MergedLine, has_our_own_words_as_the_disk_must_not_have_them) {
    for (const char* word : {"root", "rootfstype=a", "rootflags=a", "rootwait", "rootdelay=1", "ro",
                             "rw", "init=/a", "rdinit=/a", "initrd=a", "resize", "maxcpus=1",
                             "ip=a", "vlan=1", "dns=a", "nameserver=a", "iscsi.password=a"}) {
        EXPECT_EQ(merged("quiet", word), "quiet\n") << word;
    }
    MergeChanges changes;
    changes.init = std::string(512, 'i');
    EXPECT_EQ(merged("init=/a", "", changes), "init=" + changes.init + "\n");
    changes.init += 'i';
    EXPECT_EQ(merged("init=/a", "", changes), "init=/a\n");
}

TEST(ShownLine, has_no_secret_in_its_servers) {
    EXPECT_EQ(without_secrets("rd.netroot=a netroot netroot2=a MyPassword=x"),
              "rd.netroot=* netroot netroot2=a MyPassword=*");
    EXPECT_EQ(without_secrets("-- a.secret=x"), "-- a.secret=*");
}

TEST(DisksLine, is_one_even_if_it_is_the_only_one_or_ends_nowhere) {
    EXPECT_EQ(read_disk_cmdline("root=a").root, "a");
    EXPECT_FALSE(read_disk_cmdline("root=a\n \n").further_lines);
    EXPECT_TRUE(read_disk_cmdline("root=a\nb").further_lines);
    EXPECT_EQ(read_disk_cmdline("ro rw").read_only, false);
    EXPECT_EQ(read_disk_cmdline("ro=1").read_only, std::nullopt);
}

TEST(SettingsText, is_read_up_to_twice_what_a_command_line_has) {
    const std::string before = "#" + std::string(2 * CommandLine::max_length - 9, '-') + "\n";
    EXPECT_EQ(read_settings_file(before + "vlan=12").value("vlan"), "12");
    EXPECT_EQ(read_settings_file(before + "vlan=123").value("vlan"), "12");
}

TEST(SettingsText, keeps_what_stands_behind_two_dashes) {
    const auto settings = read_settings_file("vlan=3");
    EXPECT_EQ(with_settings("vlan=1 a -- b c\n", settings), "a -- b c\nvlan=3\n");
    EXPECT_EQ(without_settings("vlan=1 -- b c", settings), "-- b c");
    EXPECT_EQ(without_settings("vlan=1", settings), "");
    CommandLine set;
    set.set("vlan", "7");
    set.add({.name = "bare", .value = {}, .spelling = {}});
    set.set("iscsi.password", "a b");
    EXPECT_EQ(write_settings_file(set), "vlan=7\r\nbare\r\niscsi.password=*\r\n");
}

TEST(NearestKey, is_at_most_three_letters_away) {
    EXPECT_EQ(nearest_key("bootwire.spxxxh"), "bootwire.splash");
    EXPECT_EQ(nearest_key("bootwire.sxxxxh"), "");
    EXPECT_EQ(nearest_key("bootwire.splashing"), "bootwire.splash");
    EXPECT_EQ(nearest_key("bootwire.splash1234"), "");
    EXPECT_EQ(nearest_key("ootwire.plas"), "bootwire.splash");
    EXPECT_EQ(nearest_key("iscsi.server"), "iscsi.ip");
    EXPECT_EQ(nearest_key("iscsi.secret"), "iscsi.password");
    EXPECT_EQ(nearest_key("dnss"), "") << "no name of ours";
}

}  // namespace
}  // namespace bootwire::plan
