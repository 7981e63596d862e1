#include "keeper/redirection_chain.h"

#include "session/account.h"
#include "session/elsewhere.h"

namespace bootwire::keeper {

namespace {

constexpr unsigned most_hops = 8;

}  // namespace

void RedirectionChain::begin() {
    hops_ = 0;
    moved_ = false;
}

std::expected<plan::Portal, std::string> RedirectionChain::follow(
    const iscsi::LoginRedirection& to) {
    if (++hops_ > most_hops) return std::unexpected("the portals redirect in a circle");
    plan::Portal next = session::portal_of(to.address);
    const auto* address = std::get_if<IpAddress>(&next.host);
    if (address != nullptr && !session::can_be_elsewhere(*address)) {
        return std::unexpected("it redirects to " + next.to_string() + ", where no target can be");
    }
    moved_ = to.permanent;
    return next;
}

std::optional<std::string> RedirectionChain::told(const plan::Portal& from, const plan::Portal& to,
                                                  Moment now) {
    return told_.say(from.to_string() + " redirects to " + to.to_string(), now);
}

}  // namespace bootwire::keeper
