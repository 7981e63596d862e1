#include "base/error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace bootwire {

std::string Error::to_string() const {
    return hint.empty() ? what : what + " (" + hint + ")";
}

std::unexpected<Error> fail(std::string what, std::string hint) {
    return std::unexpected(Error{std::move(what), std::move(hint), Remedy::operator_must_act});
}

std::unexpected<Error> fail_for_now(std::string what, std::string hint) {
    return std::unexpected(Error{std::move(what), std::move(hint), Remedy::waiting_helps});
}

std::unexpected<Error> fail_errno(std::string what, std::string hint) {
    return fail_errno(errno, std::move(what), std::move(hint));
}

std::unexpected<Error> fail_errno(int error_number, std::string what, std::string hint) {
    what += ": ";
    what += std::strerror(std::abs(error_number));
    return fail(std::move(what), std::move(hint));
}

Error about(Topic topic, Error error) {
    if (error.topic == Topic{}) error.topic = topic;
    return error;
}

std::unexpected<Error> about(Topic topic, std::unexpected<Error> error) {
    return std::unexpected(about(topic, std::move(error.error())));
}

}  // namespace bootwire
