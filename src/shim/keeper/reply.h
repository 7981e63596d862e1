// How a request over the control socket is answered.
#pragma once

#include <functional>
#include <string>

namespace bootwire::keeper {

/// To be called once, at once or later. That the client has gone meanwhile is no error.
using Reply = std::function<void(std::string text)>;

}  // namespace bootwire::keeper
