// How a person's shell finds bootwirectl.
#pragma once

#include <string>
#include <string_view>

namespace bootwire::handoff {

/// The folder for PATH; what is in it: init/programs.cpp.
inline constexpr char programs_in_run[] = "/run/bootwire/bin";

/// /etc/profile, which login shells read, with our folder at the end of PATH, after what it sets
/// there by itself or by /etc/profile.d.
std::string profile_with_programs(std::string_view profile);

}  // namespace bootwire::handoff
