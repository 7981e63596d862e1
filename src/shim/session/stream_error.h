// Why a connection to a target broke, for a person.
#pragma once

#include <string>

#include "net/pdu_stream.h"

namespace bootwire::session {

/// "the target closed the connection": half a sentence, to follow what broke off.
std::string stream_error(const net::StreamProblem& problem);

}  // namespace bootwire::session
