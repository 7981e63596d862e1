// A kernel command line, read as the kernel reads it (lib/cmdline.c, kernel/params.c).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bootwire::plan {

/// One word of the command line.
struct Word {
    std::string name;                  ///< up to the first '=', without quotes
    std::optional<std::string> value;  ///< after it, without quotes; nothing for a bare word
    std::string spelling;              ///< as it stood, quotes included; empty for a secret
    unsigned line = 0;                 ///< of a file that it stood in, from 1; 0: of none

    /// Wherever they stood.
    bool operator==(const Word& other) const {
        return name == other.name && value == other.value && spelling == other.spelling;
    }
};

/// The kernel's isspace(): it reads bytes as Latin-1, where 0xa0 is a space, too (lib/ctype.c).
bool is_kernel_space(char c);
/// Are these the same parameter? The kernel takes '-' and '_' for each other (parameq).
bool same_parameter(std::string_view a, std::string_view b);
/// Is the parameter's value a secret? True for names that end in ".password", ".psk" or ".secret",
/// and for names of ours ("iscsi.", "bootwire.", "wifi.") that hold "pass", "pasw", "pwd", "secret"
/// or "psk", in whatever case: somebody mistyped one. The very rule by which our kernel blanks
/// values.
bool is_secret_parameter(std::string_view name);

/// What stands in a secret's place where it is not shown: in the command line of our kernel, and in
/// bootwire.txt.
inline constexpr std::string_view hidden_secret = "*";

class CommandLine {
  public:
    /// More than this is not looked at; arm64's kernel takes 2048 bytes.
    static constexpr size_t max_length = 16384;
    static constexpr size_t max_words = 1024;

    /// Never fails: every text is some command line. A NUL ends it. line: which one of a file it
    /// is, from 1; 0: of none.
    static CommandLine parse(std::string_view text, unsigned line = 0);

    /// Takes the `name=value` lines that our kernel keeps apart because it puts "*" for these
    /// values in the command line (/proc/cmdline_secrets; kernel/patches/0003). They replace the
    /// blanked words of the same name, in order; those of words after "--" are nobody's. What is
    /// not a secret by its name is left out. A word that no line is for keeps what stands in the
    /// command line.
    void add_secrets(std::string_view lines);

    /// Takes the words of a stronger line in place of those of the same name.
    void take_over(const CommandLine& stronger);
    /// Takes a word, or the words of another line, behind its own, as far as there is room
    /// (max_words).
    void add(const Word& word);
    void append(const CommandLine& more);
    /// Puts the words before its own, but for those that it has already, and each only once.
    void prepend(const CommandLine& words);
    /// A secret whose value is the text `hidden` gets the last value that it has in `known`.
    void reveal(std::string_view hidden, const CommandLine& known);
    /// One word of that name, with that value, in place of those that there are.
    void set(std::string_view name, std::string_view value);
    /// Leaves the words of that name out.
    void remove(std::string_view name);

    /// The words for the kernel and for us: those before "--".
    const std::vector<Word>& words() const { return words_; }
    /// The words after "--", which are arguments of init.
    const std::vector<Word>& init_arguments() const { return init_arguments_; }
    /// Was the text longer than is looked at?
    bool cut() const { return cut_; }

    bool has(std::string_view name) const;
    /// The value of the last word of that name: a later one wins. A bare word gives nothing.
    std::optional<std::string_view> value(std::string_view name) const;
    bool operator==(const CommandLine&) const = default;

  private:
    std::vector<Word> words_;
    std::vector<Word> init_arguments_;
    bool cut_ = false;
};

/// A value as it would be typed behind its name: in quotes, where the kernel would see a blank in
/// it. A value with a quote in it cannot be written.
std::string spell_out(std::string_view name, std::string_view value);

/// The text without its words of these names; what comes after "--" stays. Where nothing goes, it
/// stays as it is; else the words that stay have one blank between them.
std::string without_words(std::string_view text, const CommandLine& names);

}  // namespace bootwire::plan
