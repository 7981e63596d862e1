// Datagrams of the kernel's iSCSI initiator, each behind its length in two bytes: alone, and as
// answers to what is asked of it, with events among them.
#include <linux/netlink.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>

#include "base/bytes.h"
#include "session/kernel_initiator.h"

using namespace bootwire;
using namespace bootwire::session;

namespace {

using Datagrams = std::deque<std::vector<uint8_t>>;
using Kind = KernelEvent::Kind;

constexpr size_t message_size = 56;  // struct iscsi_uevent

class Socket final : public KernelSocket {
  public:
    explicit Socket(Datagrams datagrams) : datagrams_(std::move(datagrams)) {}
    int fd() const override { return -1; }
    int send(Bytes) override { return 0; }
    bool receive(std::vector<uint8_t>& datagram) override {
        if (datagrams_.empty()) return false;
        datagram = std::move(datagrams_.front());
        datagrams_.pop_front();
        return true;
    }
    Result<std::unique_ptr<KernelSocket>> another() const override { return fail("there is none"); }

  private:
    Datagrams datagrams_;
};

void check(const KernelEvent& event, const std::vector<uint8_t>& datagram) {
    nlmsghdr header;
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len > datagram.size()) std::abort();
    if (event.kind != Kind::received_pdu) {
        if (!event.data.empty()) std::abort();
        return;
    }
    const size_t begin = NLMSG_HDRLEN + message_size;
    if (begin + event.header.size() + event.data.size() > header.nlmsg_len) std::abort();
    if (event.data.size() > load_be24(&event.header[5])) std::abort();
    const uint8_t* const pdu = datagram.data() + begin;
    if (!std::equal(event.header.begin(), event.header.end(), pdu) ||
        !std::equal(event.data.begin(), event.data.end(), pdu + event.header.size())) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Reader reader(Bytes(data, size));
    Datagrams datagrams;
    size_t events = 0;
    while (const auto length = reader.be16()) {
        const auto bytes = reader.take(std::min<size_t>(*length, reader.remaining()));
        datagrams.emplace_back(bytes->begin(), bytes->end());
        const auto event = KernelInitiator::decode_event(datagrams.back());
        if (event) check(*event, datagrams.back());
        events += event ? 1 : 0;
    }
    KernelInitiator kernel(std::make_unique<Socket>(std::move(datagrams)), 1);
    const auto session = kernel.create_session(1).value_or(KernelSession{});
    const Status steps[] = {
        kernel.set_parameter(session, Parameter::fast_abort, "1"),
        kernel.start_connection(session),
        kernel.unbind_session(session),
    };
    size_t answers = 0;
    for (const Status& done : steps)
        answers += done ? 1 : 0;
    size_t told = 0;
    while (kernel.next_event())
        ++told;
    // Nothing is told twice, and nothing is both an answer and an event.
    if (told + answers > events || kernel.has_queued_event()) std::abort();
    return 0;
}
