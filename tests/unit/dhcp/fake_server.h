// The other end of the wire for the client's tests: reads what the client sends, answers as told.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dhcp/client.h"
#include "dhcp/message.h"
#include "dhcp/packet.h"

namespace bootwire::dhcp {

using namespace std::chrono_literals;

inline const MacAddress own_mac = *MacAddress::parse("dc:a6:32:01:02:03");
inline const MacAddress other_mac = *MacAddress::parse("52:54:00:12:34:56");
inline const IpAddress server_one = IpAddress::v4(10, 0, 0, 1);
inline const IpAddress server_two = IpAddress::v4(10, 0, 0, 2);
inline const IpAddress leased = IpAddress::v4(10, 0, 0, 50);
inline constexpr std::string_view root_path = "iscsi:10.0.0.1:::1:iqn.2026-11.local.test:disk";

/// Replies to the client; change a field and send it again to make it wrong.
inline Message reply(const Message& to, MessageType type, const IpAddress& server = server_one) {
    Message message;
    message.from_server = true;
    message.type = type;
    message.transaction = to.transaction;
    message.hardware_address = to.hardware_address;
    message.options.add_address(option::server_id, server);
    if (type == MessageType::nak) return message;
    message.your_address = leased;
    message.options.add_address(option::subnet_mask, IpAddress::v4(255, 255, 255, 0));
    message.options.add(option::lease_time, std::vector<uint8_t>{0, 0, 0x0e, 0x10});  // 3600
    return message;
}

inline Message with_root_path(Message message, std::string_view path = root_path) {
    message.options.add_text(option::root_path, path);
    return message;
}

/// Without option 54.
inline Message unnamed(Message message) {
    const Options all = std::exchange(message.options, {});
    for (const auto& [code, value] : all.all())
        if (code != option::server_id) message.options.add(code, value);
    return message;
}

/// A client, its clock, and everything it did since it was last asked.
class Bench {
  public:
    explicit Bench(ClientSettings settings = {})
        : client(with_mac(std::move(settings)),
                 [this] { return random_ = random_ * 1664525 + 1013904223; }) {}

    static ClientSettings with_mac(ClientSettings settings) {
        settings.identity.mac = own_mac;
        return settings;
    }

    void start() { record(client.start(time)); }
    void give(const Message& message, const IpAddress& sender = {}) {
        record(client.on_message(build_message(message), time, sender));
    }
    void link(bool up) { record(client.on_link(up, time)); }
    void arp(Bytes packet) { record(client.on_arp(packet, time)); }
    /// Lets time pass, every deadline kept.
    void pass(Milliseconds duration) {
        const Moment end = time + duration;
        for (int steps = 0; steps < 10000; ++steps) {
            const auto next = client.next_deadline();
            if (!next || *next > end) break;
            time = std::max(time, *next);
            record(client.on_timer(time));
        }
        time = end;
    }

    /// The messages sent since the last call, broadcast or unicast.
    std::vector<Message> sent() { return std::exchange(sent_, {}); }
    /// The one message sent since the last call.
    Message sent_one() {
        const auto messages = sent();
        EXPECT_EQ(messages.size(), 1u);
        return messages.empty() ? Message{} : messages.back();
    }
    /// The next message that is sent, whenever that is.
    Message sent_next() {
        for (int steps = 0; steps < 100 && sent_.empty() && client.next_deadline(); ++steps)
            pass(*client.next_deadline() - time);
        return sent_one();
    }
    template <class Kind>
    std::vector<Kind> all() {
        std::vector<Kind> found;
        std::erase_if(actions_, [&](const Action& action) {
            const auto* kind = std::get_if<Kind>(&action);
            if (kind) found.push_back(*kind);
            return kind != nullptr;
        });
        return found;
    }
    std::string log() {
        std::string lines;
        for (const auto& event : all<Event>())
            lines += event.text + "\n";
        return lines;
    }
    /// Through DISCOVER, OFFER, REQUEST and ACK.
    void obtain_lease() {
        start();
        give(with_root_path(reply(sent_one(), MessageType::offer)));
        give(with_root_path(reply(sent_one(), MessageType::ack)));
        ASSERT_EQ(client.state(), State::bound);
    }

    void record(Actions actions) {
        for (auto& action : actions) {
            if (const auto* broadcast = std::get_if<SendBroadcast>(&action)) {
                // From the client's port to the server's: swapped, it is what a client accepts.
                const auto message = parse_message(Bytes(broadcast->packet).subspan(28));
                ASSERT_TRUE(message) << message.error().to_string();
                sent_.push_back(*message);
            } else if (const auto* unicast = std::get_if<SendUnicast>(&action)) {
                const auto message = parse_message(unicast->payload);
                ASSERT_TRUE(message) << message.error().to_string();
                sent_.push_back(*message);
            }
            actions_.push_back(std::move(action));
        }
    }

    Moment time{1000};
    Client client;

  private:
    uint32_t random_ = 1;
    std::vector<Message> sent_;
    Actions actions_;
};

}  // namespace bootwire::dhcp
