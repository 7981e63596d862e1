// A client without chance, for tests of what happens at which moment.
#pragma once

#include "fake_server.h"

namespace bootwire::dhcp {

/// A client whose random numbers are all the same.
class Fixed {
  public:
    explicit Fixed(uint32_t number, ClientSettings settings = {})
        : client(Bench::with_mac(std::move(settings)), [number] { return number; }) {
        note(client.start(time));
    }

    /// The moments at which something is sent, from now on.
    std::vector<Milliseconds> sending_until(Moment end) {
        std::vector<Milliseconds> moments;
        while (client.next_deadline() && *client.next_deadline() <= end) {
            time = *client.next_deadline();
            const size_t before = sent.size();
            note(client.on_timer(time));
            if (sent.size() > before) moments.push_back(time);
        }
        return moments;
    }
    void give(const Message& message) { note(client.on_message(build_message(message), time)); }
    void bind(uint32_t duration) {
        uint8_t bytes[4];
        store_be32(bytes, duration);
        give(with_root_path(reply(sent.back(), MessageType::offer)));
        Message ack = reply(sent.back(), MessageType::ack);
        ack.options = {};
        ack.options.add_address(option::server_id, server_one);
        ack.options.add(option::lease_time, bytes);
        give(ack);
        ASSERT_EQ(client.state(), State::bound);
    }
    void note(const Actions& actions) {
        for (const auto& action : actions) {
            if (const auto* broadcast = std::get_if<SendBroadcast>(&action))
                sent.push_back(*parse_message(Bytes(broadcast->packet).subspan(28)));
            if (const auto* unicast = std::get_if<SendUnicast>(&action))
                sent.push_back(*parse_message(unicast->payload));
            if (std::holds_alternative<SendArp>(action)) arps.push_back(time);
            if (const auto* event = std::get_if<Event>(&action)) {
                log.push_back(event->text);
                if (event->warning) warnings.push_back(event->text);
            }
        }
    }

    Moment time{0};
    Client client;
    std::vector<Message> sent;
    std::vector<Moment> arps;
    std::vector<std::string> log;
    std::vector<std::string> warnings;  ///< among them
};

}  // namespace bootwire::dhcp
