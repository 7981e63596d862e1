#include "session/connect_error.h"

#include <cerrno>
#include <cstring>

#include "topics/topic.h"

namespace bootwire::session {

Error connect_error(const Endpoint& portal, int error) {
    const std::string where = portal.to_string();
    const auto because = [](Topic topic, std::string what, std::string hint) {
        return Error{std::move(what), std::move(hint), Remedy::waiting_helps, topic};
    };
    switch (error) {
        case ECONNREFUSED:
            return because(Topic::nothing_listens, "nothing listens on " + where,
                           "is the iSCSI target running there?");
        case ENETUNREACH:
            return because(Topic::no_answer, "there is no route to " + where,
                           "check the router that DHCP or ip= gives");
        case EHOSTUNREACH:
        case ETIMEDOUT:
            return because(Topic::no_answer, where + " does not answer",
                           "check the address, the server and what is between");
        default:
            return because(Topic::no_answer,
                           "cannot connect to " + where + ": " + std::strerror(error), "");
    }
}

}  // namespace bootwire::session
