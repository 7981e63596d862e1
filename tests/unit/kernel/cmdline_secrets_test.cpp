#include "kernel/cmdline_secrets.h"

#include <gtest/gtest.h>

#include "plan/command_line.h"

namespace bootwire::kernel {
namespace {

std::string shown(std::string_view line) {
    return hide_secrets(line).line;
}

TEST(KernelCommandLine, shows_no_secret_and_keeps_each) {
    const Hidden hidden = hide_secrets(
        "iscsi.password=\"MARKER one\" \"wifi.psk=MARKER=two\" a=b.secret x.secret=MARKER-three "
        "iscsi.Pasword_in=MARKER4 a.passwords=1");
    EXPECT_EQ(hidden.line,
              "iscsi.password=* wifi.psk=* a=b.secret x.secret=* iscsi.Pasword_in=* a.passwords=1");
    EXPECT_EQ(hidden.lines,
              "iscsi.password=MARKER one\nwifi.psk=MARKER=two\nx.secret=MARKER-three\n"
              "iscsi.Pasword_in=MARKER4\n");
    EXPECT_EQ(hidden.count, 4u);
    EXPECT_EQ(hidden.rest, std::string(hidden.rest.size(), '\0'));
}

TEST(KernelCommandLine, without_secrets_stays_what_it_is) {
    for (const char* line :
         {"", " ", "a.passwords=1 password=2 .pskx=3 q=\"a  b\"   b.secret",
          "a.secret= a.secret=\"\" \"a.secret=\" \"a.secret=\"\"", "\"", "=", "=="}) {
        const Hidden hidden = hide_secrets(line);
        EXPECT_EQ(hidden.line, line);
        EXPECT_EQ(hidden.lines, "");
        EXPECT_EQ(hidden.count, 0u);
    }
}

TEST(KernelCommandLine, ends_at_its_first_nul) {
    const std::string_view line("a.psk=x\0a.psk=y", 15);
    const Hidden hidden = hide_secrets(line);
    EXPECT_EQ(hidden.line, "a.psk=*");
    EXPECT_EQ(hidden.rest, line.substr(7));
}

// The kernel doesn't see an '=' in the first place (next_arg() of lib/cmdline.c).
TEST(KernelCommandLine, hides_secrets_whose_names_begin_with_an_equals_sign) {
    EXPECT_EQ(shown("=a.password=MARKER"), "=a.password=*");
    EXPECT_EQ(shown("\"=a.password=MARKER x\" y"), "=a.password=* y");
}

// A quote less would have what follows become a part of the word.
TEST(KernelCommandLine, keeps_the_quotes_that_a_secrets_name_needs) {
    EXPECT_EQ(shown("\"a\".password=MARKER init=/x"), "\"a\".password=* init=/x");
    EXPECT_EQ(shown("\"a b.password=MARKER\" init=/x"), "\"a b.password=\"* init=/x");
    EXPECT_EQ(shown("a\"b.password=M\" init=/x"), "a\"b.password=\"* init=/x");
    EXPECT_EQ(shown("\"a b.password=MARKER init=/x"), "\"a b.password=*");
    for (const char* line : {"\"a\".password=MARKER init=/x", "\"a b.password=MARKER\" init=/x",
                             "\"a b.password=MARKER init=/x"}) {
        EXPECT_EQ(plan::CommandLine::parse(shown(line)).words().size(),
                  plan::CommandLine::parse(line).words().size());
        EXPECT_EQ(shown(shown(line)), shown(line));
    }
}

TEST(KernelCommandLine, keeps_no_secret_that_would_be_lines_of_its_own) {
    const Hidden hidden = hide_secrets("iscsi.password=\"a\niscsi.mutual.password=b\" x.psk=c");
    EXPECT_EQ(hidden.line, "iscsi.password=* x.psk=*");
    EXPECT_EQ(hidden.lines, "x.psk=c\n");
}

TEST(KernelCommandLine, of_any_length_is_kept_as_far_as_there_is_room) {
    const std::string most(2048 - sizeof "a.psk=", 'x');
    EXPECT_EQ(hide_secrets("a.psk=" + most).lines, "a.psk=" + most + "\n");
    const Hidden hidden = hide_secrets("a.psk=" + most + "x b.psk=y");
    EXPECT_EQ(hidden.line, "a.psk=* b.psk=*");
    EXPECT_EQ(hidden.lines, "b.psk=y\n");
}

}  // namespace
}  // namespace bootwire::kernel
