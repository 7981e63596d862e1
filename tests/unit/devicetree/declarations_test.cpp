// What a parameter may be declared as, byte by byte, and how far.
#include "devicetree/declarations.h"

#include <gtest/gtest.h>

#include "devicetree/tree.h"

namespace bootwire::devicetree {
namespace {

std::string words(std::string_view text) {
    return std::string(text) + '\0';
}

/// One declaration for the node with number 1; `more` follows its text.
Result<std::vector<Declaration>> parsed(std::string_view text, const std::string& more = {}) {
    return parse_declarations(cell(1) + words(text) + more);
}

std::string what_is_wrong(const Result<std::vector<Declaration>>& declarations) {
    return declarations ? "nothing" : declarations.error().what;
}

TEST(Declarations, have_a_property_a_kind_and_an_offset) {
    const struct {
        const char* text;
        const char* property;
        char kind;
        size_t offset;
    } cases[] = {{"status", "status", 0, 0}, {"reg:0", "reg", ':', 0},  {"reg:12", "reg", ':', 12},
                 {"a;2", "a", ';', 2},       {"a.3", "a", '.', 3},      {"a#8", "a", '#', 8},
                 {"a[", "a", '[', 0},        {"a[5", "a", '[', 5},      {"a?", "a", '?', 0},
                 {"a!", "a", '!', 0},        {"a:4096", "a", ':', 4096}};
    for (const auto& [text, property, kind, offset] : cases) {
        const auto found = parsed(text);
        ASSERT_TRUE(found) << text << ": " << found.error().what;
        ASSERT_EQ(found->size(), 1u);
        EXPECT_EQ(found->front().phandle, 1u);
        EXPECT_EQ(found->front().property, property);
        EXPECT_EQ(found->front().kind, kind) << text;
        EXPECT_EQ(found->front().offset, offset) << text;
        EXPECT_FALSE(found->front().literal);
        EXPECT_FALSE(found->front().has_table);
    }
}

TEST(Declarations, of_other_forms_are_not_understood) {
    for (const char* text :
         {"", ":0", "a:", "a:x", "a;", "a.", "a#", "a:4097", "a:65536", "a:0x", "a?1", "a!1",
          "a[1x", "a:0{", "a{x", "a{x,", "a{x}y", "a{x=y", "a{x=y}z"}) {
        EXPECT_EQ(what_is_wrong(parsed(text)).substr(0, 48),
                  "it is declared in a way that is not understood: ")
            << text;
    }
    for (const std::string& bytes : {std::string("\0\0\1", 3), cell(1), cell(1) + "a", cell(0)}) {
        EXPECT_EQ(what_is_wrong(parse_declarations(bytes)), "it is declared in no known way");
    }
    EXPECT_TRUE(parse_declarations("")->empty());
}

TEST(Declarations, follow_each_other_and_those_without_a_node_are_for_fragments) {
    const auto found = parse_declarations(cell(1) + words("a") + cell(0) + words("+1-2"));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    EXPECT_EQ((*found)[1].phandle, 0u);
    EXPECT_EQ((*found)[1].property, "+1-2");
}

TEST(DeclaredLiterals, are_texts_or_cells_behind_them) {
    EXPECT_EQ(parsed("a=b")->front().literal->text, "b");
    EXPECT_EQ(parsed("a=")->front().literal->text, "") << "at the end there is none";
    EXPECT_EQ(parsed("a=", words("behind"))->front().literal->text, "behind");
    EXPECT_FALSE(parsed("a=", "no end"));
    EXPECT_EQ(parsed("a:0=4")->front().literal->text, "4");
    EXPECT_FALSE(parsed("a:0=4")->front().literal->cell);
    const auto with_cell = parsed("a:0=", cell(5));
    ASSERT_TRUE(with_cell);
    EXPECT_EQ(with_cell->front().literal->cell, 9u) << "where it is: behind a number and \"a:0=\"";
    EXPECT_FALSE(parsed("a:0="));
    EXPECT_FALSE(parsed("a:0=", std::string(3, '\0')));
    EXPECT_EQ(parsed("a[=", cell(1) + words("b"))->size(), 2u) << "bytes have no cell";
    EXPECT_EQ(value_for(parsed("a=b")->front(), "given")->text, "b");
}

TEST(DeclaredTables, give_a_value_for_each_input) {
    const auto value = [](const std::string& table, std::string_view input) {
        const auto found = parsed("a{" + table + "}");
        if (!found) return found.error().what;
        const auto given = value_for(found->front(), input);
        return given ? given->text : given.error().what;
    };
    EXPECT_EQ(value("x=one,y='two, or more'", "x"), "one");
    EXPECT_EQ(value("x=one,y='two, or more'", "y"), "two, or more");
    EXPECT_EQ(value("x=one,y=two", "z"), "\"z\" is none of its values");
    EXPECT_EQ(value("x=\"it's\"", "x"), "it's");
    EXPECT_EQ(value("'x y'=z", "x y"), "z");
    EXPECT_EQ(value("x='open", "x"), "'open") << "a mark that nothing closes is a letter";
    EXPECT_EQ(value("x", "x"), "x");
    EXPECT_EQ(value("x", "y"), "\"y\" is none of its values");
    EXPECT_EQ(value("x=", "x"), "");
    EXPECT_EQ(value("x=one,=other", "y"), "other");
    EXPECT_EQ(value("x=one,=other", "x"), "one");
    EXPECT_EQ(value("x=one,", "y"), "y");
    EXPECT_EQ(value("x=one,=", "y"), "y");
    EXPECT_EQ(value("", "y"), "\"y\" is none of its values");
    EXPECT_EQ(value(",", "y"), "y");
    EXPECT_EQ(value_for(parsed("a")->front(), "y")->text, "y") << "no table at all";
}

TEST(DeclaredTables, may_have_cells_between_their_texts) {
    const auto found = parsed("a:0{x=", cell(7) + words("y=") + cell(8) + words("}"));
    ASSERT_TRUE(found) << found.error().what;
    ASSERT_EQ(found->front().table.size(), 2u);
    EXPECT_EQ(value_for(found->front(), "x")->cell, 4 + 7u);
    EXPECT_EQ(value_for(found->front(), "y")->cell, 4 + 7 + 4 + 3u);
    const auto otherwise = parsed("a:0{=", cell(7) + words("}"));
    ASSERT_TRUE(otherwise);
    EXPECT_EQ(value_for(otherwise->front(), "y")->cell, 4 + 6u);
    EXPECT_FALSE(parsed("a:0{x=", cell(7)));
    EXPECT_FALSE(parsed("a:0{x="));
    EXPECT_FALSE(parsed("a:0{x=", words("}")));
    EXPECT_FALSE(parsed("a:0{x=", cell(7) + words("}z")));
}

}  // namespace
}  // namespace bootwire::devicetree
