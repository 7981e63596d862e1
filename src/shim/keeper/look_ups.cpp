#include "keeper/look_ups.h"

#include <utility>

#include "os/clock.h"

namespace bootwire::keeper {

LookUps::LookUps(EventLoop& loop, std::shared_ptr<const net::NameServers> name_servers, Found found)
    : loop_(loop), name_servers_(std::move(name_servers)), found_(std::move(found)) {}

LookUps::~LookUps() {
    forget_all();
}

void LookUps::begin(const std::string& name) {
    if (under_way_.contains(name)) return;
    // What each name server answers or not is no news: names are looked up again and again.
    net::LookUp look_up(*name_servers_, name, [](std::string_view) {});
    await(name, under_way_.emplace(name, UnderWay{std::move(look_up)}).first->second);
}

void LookUps::go_on(const std::string& name) {
    const auto found = under_way_.find(name);
    net::LookUp& look_up = found->second.look_up;
    look_up.go_on();
    if (!look_up.outcome()) return await(name, found->second);
    const Answer answer = *look_up.outcome();
    forget(found->second);
    under_way_.erase(found);
    found_(name, answer);
}

void LookUps::await(const std::string& name, UnderWay& under_way) {
    forget(under_way);
    under_way.watched = under_way.look_up.sockets();
    for (const int socket : under_way.watched)
        loop_.watch(socket, [this, name] { go_on(name); });
    // Without a deadline there is an outcome already.
    under_way.timer =
        loop_.at(under_way.look_up.next_deadline().value_or(now()), [this, name] { go_on(name); });
}

void LookUps::forget(UnderWay& under_way) {
    for (const int socket : under_way.watched)
        loop_.unwatch(socket);
    loop_.cancel(under_way.timer);
}

void LookUps::forget_all() {
    for (auto& [name, under_way] : under_way_)
        forget(under_way);
    under_way_.clear();
}

}  // namespace bootwire::keeper
