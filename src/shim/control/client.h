// Asking the keeper.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace bootwire::control {

/// Sends the request (without line end) and returns the whole answer; an empty one if the keeper
/// hung up, as it does where too many ask at once. Fails if nobody listens at the path, or if the
/// answer is not complete within the timeout.
Result<std::string> ask(const std::string& path, std::string_view request, Milliseconds timeout);

}  // namespace bootwire::control
