#include "uplink/remote_log.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "net/socket_address.h"

namespace bootwire::uplink {

namespace {

constexpr size_t most_lines = 500;
constexpr size_t longest_message = 1024;
constexpr int local0 = 16;

int code(log::Severity severity) {
    switch (severity) {
        case log::Severity::info:
            return 6;
        case log::Severity::warning:
            return 4;
        case log::Severity::failure:
            return 3;
    }
    return 6;
}

/// PRINTUSASCII without blanks, or the NILVALUE.
std::string header_field(std::string_view text, size_t longest) {
    std::string field;
    for (const char c : text.substr(0, longest)) {
        if (is_graphic(c)) field += c;
    }
    return field.empty() ? "-" : field;
}

}  // namespace

std::string syslog_message(const std::string& own_name, const log::Line& line) {
    std::string message = "<" + std::to_string(local0 * 8 + code(line.severity)) + ">1 - " +
                          header_field(own_name, 255) + " bootwire " +
                          header_field(line.program, 48) + " - - ";
    message += line.text.substr(std::min(line.text.find_first_not_of(' '), line.text.size()));
    message.resize(std::min(message.size(), longest_message));
    return message;
}

void RemoteLog::add(const log::Line& line) {
    lines_.push_back({line.severity, std::string(line.program), std::string(line.text)});
    if (lines_.size() > most_lines) {
        lines_.pop_front();
        ++first_;
    }
    flush();
}

void RemoteLog::open(RemoteLogSettings settings) {
    std::vector<Receiver> receivers;
    for (const RemoteLogSettings::Server& server : settings.servers) {
        Receiver receiver{server, std::nullopt, nullptr, 0};
        for (const Receiver& before : receivers_) {
            if (before.server == server) receiver.next = before.next;
        }
        receivers.push_back(std::move(receiver));
    }
    receivers_ = std::move(receivers);
    settings_ = std::move(settings);
    flush();
}

/// The address, if there is one yet. A name that has none is asked for again with the next attempt
/// to boot; the log is no place to complain that there is no log.
void RemoteLog::find(Receiver& receiver) {
    if (receiver.endpoint) return;
    if (const auto address = IpAddress::parse(receiver.server.host)) {
        receiver.endpoint = Endpoint{*address, receiver.server.port};
        return;
    }
    if (!receiver.look_up) {
        receiver.look_up =
            std::make_unique<net::LookUp>(settings_.name_servers, receiver.server.host);
    }
    receiver.look_up->go_on();
    const auto& outcome = receiver.look_up->outcome();
    if (outcome && *outcome) {
        receiver.endpoint = Endpoint{(*outcome)->front(), receiver.server.port};
    }
}

void RemoteLog::flush() {
    if (busy_) return;  // a look-up has its own lines to log
    busy_ = true;
    for (Receiver& receiver : receivers_) {
        find(receiver);
        if (!receiver.endpoint) continue;
        receiver.next = std::max(receiver.next, first_);
        while (receiver.next < first_ + lines_.size() &&
               send(receiver, lines_[receiver.next - first_])) {
            ++receiver.next;
        }
    }
    busy_ = false;
}

bool RemoteLog::send(const Receiver& receiver, const Kept& line) {
    Fd& socket = receiver.endpoint->address.is_v4() ? v4_ : v6_;
    const net::SocketAddress to = net::socket_address(*receiver.endpoint);
    if (!socket.valid()) {
        socket.reset(::socket(to.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    }
    const std::string message =
        syslog_message(settings_.own_name, {line.severity, line.program, line.text});
    return sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                  to.pointer(), to.length) >= 0;
}

RemoteLogSettings RemoteLog::settings() const {
    RemoteLogSettings known = settings_;
    known.servers.clear();
    for (const Receiver& receiver : receivers_) {
        known.servers.push_back(receiver.server);
        if (receiver.endpoint) known.servers.back().host = receiver.endpoint->address.to_string();
    }
    return known;
}

}  // namespace bootwire::uplink
