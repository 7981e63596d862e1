// The client's state machine under a sequence of steps taken from the input: packets (with the
// right transaction and MAC put in, so that they get somewhere), ARP, timers, link changes.
#include <cstdlib>
#include <cstring>

#include "dhcp/client.h"

using namespace bootwire;

namespace {

const MacAddress own{{2, 0, 0, 0, 0, 1}};

class World {
  public:
    explicit World(uint8_t mode)
        : client_(
              {
                  .identity = {.mac = own},
                  .root_path = static_cast<dhcp::RootPathPolicy>(mode % 3),
                  .rapid_commit = (mode & 4) == 0,
              },
              [this] { return random_ = random_ * 1664525 + 1013904223; }) {}

    void step(Reader& input) {
        const uint8_t kind = input.u8().value_or(0);
        switch (kind % 8) {
            case 0:
            case 1:
                return receive(input);
            case 2:
                now_ = std::max(now_, client_.next_deadline().value_or(now_));
                return look(client_.on_timer(now_));
            case 3:
                now_ += Milliseconds(input.be16().value_or(0)) * 16;
                return look(client_.on_timer(now_));
            case 4:
                if (kind & 16) return look(client_.on_host_name("pi4.lan", now_));
                return look(client_.on_link((kind & 8) != 0, now_));
            case 5:
                if (kind & 8) return refuse(input);
                return look(client_.on_arp(input.take(28).value_or(Bytes{}), now_));
            case 6:
                if (kind & 8) return look(client_.release(now_));
                if (client_.lease()) return look(client_.resume(*client_.lease(), now_));
                [[fallthrough]];
            default:
                return look(client_.start(now_));
        }
    }

  private:
    void receive(Reader& input) {
        const size_t size = input.be16().value_or(0) % 600;
        const Bytes taken = input.take(std::min(size, input.remaining())).value_or(Bytes{});
        std::vector<uint8_t> message(taken.begin(), taken.end());
        if (message.size() >= 240) {
            store_be32(&message[4], transaction_);
            std::memcpy(&message[28], own.bytes.data(), own.bytes.size());
        }
        look(client_.on_message(message, now_));
    }

    /// A refusal that is well-formed, of one of a few servers.
    void refuse(Reader& input) {
        dhcp::Message message;
        message.from_server = true;
        message.type = dhcp::MessageType::nak;
        message.transaction = transaction_;
        message.hardware_address = own;
        const uint8_t server = input.u8().value_or(0) % 4;
        if (server > 0) {
            message.options.add_address(dhcp::option::server_id, IpAddress::v4(10, 0, 0, server));
        }
        look(client_.on_message(dhcp::build_message(message), now_));
    }

    void look(const dhcp::Actions& actions) {
        bool has_lease = client_.lease().has_value();
        if (actions.size() > 16) abort();
        for (const auto& action : actions) {
            if (const auto* sent = std::get_if<dhcp::SendBroadcast>(&action)) {
                sent_message(Bytes(sent->packet).subspan(28));
            } else if (const auto* unicast = std::get_if<dhcp::SendUnicast>(&action)) {
                sent_message(unicast->payload);
            } else if (const auto* bound = std::get_if<dhcp::Bound>(&action)) {
                if (!has_lease || bound->lease.address != client_.lease()->address) abort();
                if (bound->lease.since > now_) abort();
            } else if (const auto* lost = std::get_if<dhcp::Lost>(&action)) {
                if (lost->reason.empty()) abort();
            }
        }
        const bool may_rest = client_.state() == dhcp::State::stopped || has_lease ||
                              client_.state() == dhcp::State::init;
        if (!client_.next_deadline() && !may_rest) abort();
        // A deadline that on_timer() does not move on would be a busy loop.
        if (const auto next = client_.next_deadline(); next && *next < now_ && ++overdue_ > 4) {
            overdue_ = 0;
            client_.on_timer(now_);
            if (client_.next_deadline() == next) abort();
        }
    }

    void sent_message(Bytes payload) {
        const auto message = dhcp::parse_message(payload);
        if (!message || message->hardware_address != own) abort();
        transaction_ = message->transaction;
    }

    uint32_t random_ = 1;
    uint32_t transaction_ = 0;
    unsigned overdue_ = 0;
    Moment now_{0};
    dhcp::Client client_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Reader input(Bytes(data, size));
    World world(input.u8().value_or(0));
    const uint8_t start[] = {7};
    Reader first{Bytes(start)};
    world.step(first);
    while (!input.empty())
        world.step(input);
    return 0;
}
