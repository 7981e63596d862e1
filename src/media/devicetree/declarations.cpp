#include "devicetree/declarations.h"

#include <algorithm>

#include "base/text.h"
#include "devicetree/tree.h"

namespace bootwire::devicetree {

namespace {

/// Cells and texts that follow each other without padding.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    bool at_end() const { return at_ == bytes_.size(); }
    /// The offset of the cell that is passed over.
    std::optional<size_t> cell() {
        if (bytes_.size() - at_ < 4) return std::nullopt;
        at_ += 4;
        return at_ - 4;
    }
    std::optional<std::string_view> text() {
        const size_t end = bytes_.find('\0', at_);
        if (end == bytes_.npos) return std::nullopt;
        const std::string_view found = bytes_.substr(at_, end - at_);
        at_ = end + 1;
        return found;
    }

  private:
    std::string_view bytes_;
    size_t at_ = 0;
};

std::unexpected<Error> strange(std::string_view text) {
    return fail("it is declared in a way that is not understood: " + printable(text, 60));
}

/// Up to what ends a word in a table; quotation marks keep a word together.
std::string take_word(std::string_view& text) {
    const char quote = text.starts_with('\'') || text.starts_with('"') ? text.front() : '\0';
    const size_t closed = quote != 0 ? text.find(quote, 1) : text.npos;
    const bool quoted = closed != text.npos;
    const size_t end = quoted ? closed : std::min(text.find_first_of(",=}"), text.size());
    std::string word(text.substr(quoted ? 1 : 0, end - (quoted ? 1 : 0)));
    text.remove_prefix(quoted ? end + 1 : end);
    return word;
}

/// The text behind "{". A cell ends a text, and with it its pair; the table goes on in the next.
Status parse_table(Declaration& declaration, std::string_view text, Reader& reader) {
    declaration.has_table = true;
    const std::string_view whole = text;
    bool pair_expected = false;
    for (;;) {
        if (text.starts_with('}')) {
            declaration.others_as_they_are |= pair_expected;
            return text.size() == 1 ? Status() : strange(whole);
        }
        const std::string input = take_word(text);
        Given value{input, std::nullopt};
        pair_expected = false;
        if (text == "=") {
            value = {"", reader.cell()};
            const auto more = reader.text();
            if (!value.cell || !more) return strange(whole);
            text = *more;
        } else if (text.starts_with('=')) {
            text.remove_prefix(1);
            value.text = take_word(text);
            if (input.empty() && value.text.empty()) declaration.others_as_they_are = true;
        } else if (input.empty()) {
            declaration.others_as_they_are = true;
        }
        if (!value.cell) {
            pair_expected = text.starts_with(',');
            if (pair_expected) text.remove_prefix(1);
            if (!pair_expected && !text.starts_with('}')) return strange(whole);
        }
        const bool is_given = value.cell || !value.text.empty();
        if (!input.empty()) {
            declaration.table.push_back({input, std::move(value)});
        } else if (is_given) {
            declaration.otherwise = std::move(value);
        }
    }
}

/// Without a text behind "=", a cell follows, or for a text that one.
bool parse_literal(Declaration& declaration, std::string_view text, Reader& reader) {
    declaration.literal = Given{std::string(text), std::nullopt};
    if (!text.empty() || declaration.kind == '[') return true;
    if (declaration.kind != 0) {
        declaration.literal->cell = reader.cell();
        return declaration.literal->cell.has_value();
    }
    if (reader.at_end()) return true;
    const auto more = reader.text();
    if (more) declaration.literal->text = *more;
    return more.has_value();
}

Status parse_target(Declaration& declaration, std::string_view text, Reader& reader) {
    const size_t end = std::min(text.find_first_of(":.;#[?!={"), text.size());
    declaration.property = text.substr(0, end);
    std::string_view rest = text.substr(end);
    if (declaration.property.empty()) return strange(text);
    if (!rest.empty() && rest.front() != '=' && rest.front() != '{') {
        declaration.kind = rest.front();
        rest.remove_prefix(1);
        const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        const bool has_offset = declaration.kind != '?' && declaration.kind != '!';
        const auto offset = parse_number<uint16_t>(rest.substr(0, digits));
        // Bytes may be without one: "bytestr[=b8:27:eb".
        const bool may_lack = declaration.kind == '[' && digits == 0;
        if (has_offset && !may_lack) {
            if (!offset || *offset > longest_property) return strange(text);
            declaration.offset = *offset;
        }
        rest.remove_prefix(has_offset ? digits : 0);
    }
    if (rest.empty()) return {};
    if (rest.starts_with('{')) return parse_table(declaration, rest.substr(1), reader);
    if (!rest.starts_with('=')) return strange(text);
    return parse_literal(declaration, rest.substr(1), reader) ? Status() : strange(text);
}

}  // namespace

Result<std::vector<Declaration>> parse_declarations(std::string_view bytes) {
    std::vector<Declaration> declarations;
    Reader reader(bytes);
    while (!reader.at_end()) {
        Declaration declaration;
        const auto target = reader.cell();
        const auto text = reader.text();
        if (!target || !text) return fail("it is declared in no known way");
        declaration.phandle = *cell_at(bytes, *target);
        if (declaration.phandle == 0) {
            declaration.property = *text;
        } else if (auto parsed = parse_target(declaration, *text, reader); !parsed) {
            return std::unexpected(parsed.error());
        }
        declarations.push_back(std::move(declaration));
    }
    return declarations;
}

Result<Given> value_for(const Declaration& declaration, std::string_view input) {
    Given as_it_is{std::string(input), std::nullopt};
    if (declaration.literal) return *declaration.literal;
    if (!declaration.has_table) return as_it_is;
    for (const Declaration::Choice& choice : declaration.table) {
        if (choice.input == input) return choice.value;
    }
    if (declaration.otherwise) return *declaration.otherwise;
    if (declaration.others_as_they_are) return as_it_is;
    return fail("\"" + printable(input, 40) + "\" is none of its values");
}

}  // namespace bootwire::devicetree
