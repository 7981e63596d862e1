#include "session/stream_error.h"

#include <cstring>

namespace bootwire::session {

std::string stream_error(const net::StreamProblem& problem) {
    using Kind = net::StreamProblem::Kind;
    switch (problem.kind) {
        case Kind::closed:
            return "the target closed the connection";
        case Kind::silent:
            return "the target does not answer";
        case Kind::cannot_receive:
            return std::string("cannot receive from the target: ") + std::strerror(problem.error);
        case Kind::cannot_send:
            return std::string("cannot send to the target: ") + std::strerror(problem.error);
        case Kind::takes_no_more:
            return "the target takes no more";
        case Kind::unreadable:
            break;
    }
    return problem.frame == iscsi::FrameState::too_long ? "the target sent more than was asked for"
                                                        : "a digest is wrong";
}

}  // namespace bootwire::session
