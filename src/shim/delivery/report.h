// What is told of the kernel's modules: to the log in a line, to `bootwirectl modules` in words.
#pragma once

#include <cstdint>
#include <string>

namespace bootwire::delivery {

/// Where `bootwirectl modules` finds the words.
inline constexpr char report_path[] = "/run/bootwire/modules.txt";
inline constexpr char file_name[] = "modules.sqfs";

struct Report {
    enum class Kind : uint8_t {
        of_disk,    ///< the disk has some for this kernel
        in_memory,  ///< fetched
        on_the_way,
        none,
    };
    Kind kind = Kind::none;
    std::string release;    ///< of the kernel
    std::string source{};   ///< where they come from; may be empty
    size_t count = 0;       ///< modules
    uint64_t bytes = 0;     ///< in memory
    std::string seen_at{};  ///< the folder in which the system finds them; empty: in none
    std::string why{};      ///< there are none, or the system finds them nowhere
};

std::string in_one_line(const Report& report);
std::string in_words(const Report& report);

/// Lines of modules.dep(5).
size_t count_modules(std::string_view modules_dep);

}  // namespace bootwire::delivery
