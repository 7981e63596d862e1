// The portals that a target names, on their way from the process that asked for them
// (portal_query.h) to the keeper. No I/O.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "plan/values.h"

namespace bootwire::keeper {

/// Bytes; a list of portals has 400 at most.
inline constexpr size_t longest_portals_text = 1024;

/// Portals as PortalQuery's child writes them, and back. Nothing if the text is not complete, or
/// not what session::usable_portals() gives: at most session::most_learnt_portals, addresses of one
/// family at which a portal can be.
std::string encode_portals(const std::vector<plan::Portal>& portals);
std::optional<std::vector<plan::Portal>> decode_portals(std::string_view text);
/// What went wrong, likewise: what it was, and whether asking again can help.
std::string encode_trouble(const Error& error);
bool may_ask_again_after(std::string_view text);

}  // namespace bootwire::keeper
