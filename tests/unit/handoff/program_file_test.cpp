// What a file has to be to be started as a program.
#include "handoff/program_file.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "programs.h"
#include "topics/topic.h"

namespace bootwire::handoff {
namespace {

TEST(Interpreter, of_scripts_and_programs_is_found) {
    EXPECT_EQ(interpreter_of("#!/bin/sh\necho"), "/bin/sh");
    EXPECT_EQ(interpreter_of("#! \t/usr/bin/env python3\n"), "/usr/bin/env");
    EXPECT_EQ(interpreter_of("#!/bin/sh"), "/bin/sh");
    EXPECT_EQ(interpreter_of("#!sh\n"), std::nullopt);
    EXPECT_EQ(interpreter_of(dynamic_program("/lib/ld.so")), "/lib/ld.so");
    EXPECT_EQ(interpreter_of(elf_header(183)), std::nullopt) << "static";
}

TEST(Interpreter, of_a_table_that_makes_no_sense_is_none) {
    const std::string good = dynamic_program("/lib/ld.so");
    for (size_t length = 0; length < good.size(); ++length)
        EXPECT_EQ(interpreter_of(good.substr(0, length)), std::nullopt) << length;
    for (const size_t field : {size_t{32}, size_t{64 + 56 + 8}, size_t{64 + 56 + 32}}) {
        std::string bad = good;
        put(bad, field, ~uint64_t{0} - 8, 8);
        EXPECT_EQ(interpreter_of(bad), std::nullopt) << field;
    }
}

TEST(ProgramHeader, of_arm_programs_and_scripts_is_accepted) {
    EXPECT_TRUE(check_program_header(elf_header(183), "/sbin/init"));
    EXPECT_TRUE(check_program_header(elf_header(40), "/sbin/init"));
    EXPECT_TRUE(check_program_header("#!/bin/sh\n", "/sbin/init"));
}

TEST(ProgramHeader, of_another_machine_is_explained) {
    const auto checked = check_program_header(elf_header(62), "/sbin/init");
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().what.find("for PCs"), std::string::npos);
    EXPECT_EQ(checked.error().topic, Topic::wrong_architecture);
    EXPECT_FALSE(check_program_header("", "/sbin/init"));
    EXPECT_FALSE(check_program_header("garbage", "/sbin/init"));
}

}  // namespace
}  // namespace bootwire::handoff
