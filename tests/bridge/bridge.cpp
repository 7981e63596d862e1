// A stand-in for the bridge, a microcontroller that is a USB disk to a computer and has its blocks
// from an iSCSI target: all that it will use of bootwire, in the order in which it will. It is
// compiled and linked for two microcontrollers, and runs nowhere (tests/bridge.cmake).
#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <string_view>

#include "iscsi/async.h"
#include "iscsi/frame.h"
#include "iscsi/logout.h"
#include "iscsi/lun.h"
#include "iscsi/name.h"
#include "iscsi/pdu_scsi.h"
#include "iscsi/scsi.h"
#include "iscsi_initiator/claim.h"
#include "iscsi_initiator/login.h"
#include "iscsi_initiator/task_client.h"
#include "port.h"

namespace bridge {

namespace {

using namespace bootwire;
using namespace bootwire::iscsi;

// An RP2040 has 264 KB of RAM, and more to do in it than this.
static_assert(sizeof(LoginStorage) == 24 * 1024);
static_assert(sizeof(LoginClient) <= 2 * 1024 + 256);
static_assert(sizeof(TaskClient) <= 4 * 1024 + 512);
static_assert(sizeof(Claim) <= 512);

constexpr size_t block_size = 512;
/// Of one PDU of either direction.
constexpr size_t longest_data = login_data_length;
constexpr int max_logins = 4;  // redirections, and once more with MD5

constexpr uint8_t command_inquiry = 0x12;  // SPC-4 section 6.6
constexpr uint8_t command_read_10 = 0x28;  // SBC-3 section 5.8

using Cdb = std::array<uint8_t, 16>;

/// PDUs over the connection.
class Stream {
  public:
    void use_digests(Digests digests) {
        digests_ = digests;
        frames_.use_digests(digests);
    }
    void begin() {
        use_digests({});
        frames_.next();
    }
    bool send(const PduView& pdu) {
        const size_t size = write_frame(pdu.bhs, pdu.data, digests_, output_);
        return size > 0 && bridge::send(Bytes(output_).first(size));
    }
    /// Valid until the next one; nothing at the connection's end, or if state() says why.
    std::optional<PduView> receive() {
        if (frames_.state() == FrameState::ready) frames_.next();
        while (frames_.state() == FrameState::needs_more) {
            const size_t count = bridge::receive(frames_.room());
            if (count == 0) return std::nullopt;
            frames_.arrived(count);
        }
        if (frames_.state() != FrameState::ready) return std::nullopt;
        return frames_.pdu();
    }
    FrameState state() const { return frames_.state(); }

  private:
    std::array<uint8_t, longest_frame(longest_data)> input_;
    std::array<uint8_t, longest_frame(longest_data)> output_;
    FrameReader frames_{input_};
    Digests digests_;
};

/// Carries the PDUs of a LoginClient or TaskClient until it is through.
template <class State, class Client>
State carry(Client& client, Stream& stream) {
    while (client.state() == State::sending || client.state() == State::receiving) {
        const auto to_send = client.next_pdu();
        if (to_send && !stream.send(*to_send)) return client.connection_closed();
        if (const auto pdu = stream.receive()) {
            client.receive_pdu(*pdu);
        } else if (stream.state() == FrameState::needs_more) {
            client.connection_closed();
        } else {
            client.connection_unreadable(stream.state());
        }
    }
    return client.state();
}

/// What its owner has set.
struct Wishes {
    Endpoint portal;
    std::string_view initiator;
    std::string_view target;
    std::string_view lun;
    MacAddress mac;
    std::optional<ChapCredentials> chap;
    std::optional<ChapCredentials> mutual_chap;
    uint64_t reservation_key = 0;
};

/// The disk.
class Disk {
  public:
    bool attach(const Wishes& wishes);
    bool read(uint32_t block, uint16_t blocks, MutableBytes to);
    bool detach();

  private:
    bool log_in(const Wishes& wishes);
    bool reserve(uint64_t key);
    bool run(const Cdb& cdb, MutableBytes in);
    std::optional<bool> on_pdu(const PduView& pdu, MutableBytes in);
    std::optional<bool> on_data(const DataInPdu& pdu, Bytes data, MutableBytes in);
    bool answer(const NopInPdu& ping);
    void note(const TargetNumbers& numbers);

    // All of this is static: a stack is small, and the heap is none.
    Stream stream_;
    LoginStorage storage_;
    std::optional<LoginClient> login_;
    std::optional<Claim> claim_;
    std::optional<TaskClient> tasks_;
    LoginResult session_;
    Lun lun_;
    uint32_t task_tag_ = 0;
};

bool Disk::attach(const Wishes& wishes) {
    const auto lun = Lun::parse(wishes.lun);
    if (!lun || !check_name(wishes.target).ok()) return false;
    lun_ = *lun;
    if (!log_in(wishes) || (wishes.reservation_key != 0 && !reserve(wishes.reservation_key))) {
        return false;
    }
    std::array<uint8_t, 36> data{};
    Cdb inquiry{command_inquiry};
    inquiry[4] = data.size();
    if (!run(inquiry, data)) return false;
    const auto disk = decode_inquiry(data);
    return disk && disk->is_disk();
}

bool Disk::log_in(const Wishes& wishes) {
    LoginSettings settings;
    settings.initiator_name = wishes.initiator;
    settings.target_name = wishes.target;
    settings.isid = Isid::from_mac(wishes.mac);
    settings.chap = wishes.chap;
    settings.mutual_chap = wishes.mutual_chap;
    settings.operational.header_digest = DigestPreference::crc32c_first;
    settings.operational.data_digest = DigestPreference::crc32c_first;
    settings.operational.max_recv_data_segment_length = longest_data;
    Endpoint portal = wishes.portal;
    for (int i = 0; i < max_logins; ++i) {
        fill_with_random(settings.random.challenge);
        fill_with_random({&settings.random.identifier, 1});
        if (!connect(portal)) return false;
        stream_.begin();
        login_.emplace(settings, storage_.buffers());
        switch (carry<LoginState>(*login_, stream_)) {
            case LoginState::finished:
                session_ = login_->result();
                stream_.use_digests(session_.digests());
                return true;
            case LoginState::redirected: {
                const TargetAddress& there = login_->redirection().address;
                const auto address = there.address();
                if (!address) return false;  // a name: a bridge that knows DNS would ask
                portal = {*address, there.port};
                break;
            }
            case LoginState::retry_with_md5:
                settings.chap_algorithms = md5_alone;
                break;
            default:
                return false;  // login_->failure() says why
        }
    }
    return false;
}

bool Disk::reserve(uint64_t key) {
    claim_.emplace(key, Intent::claim);
    tasks_.emplace(session_, lun_, *claim_);
    if (carry<TaskState>(*tasks_, stream_) != TaskState::finished) return false;
    session_ = tasks_->result();
    return claim_->state() == ClaimState::done;
}

bool Disk::read(uint32_t block, uint16_t blocks, MutableBytes to) {
    if (to.size() != blocks * block_size) return false;
    Cdb cdb{command_read_10};
    store_be32(&cdb[2], block);
    store_be16(&cdb[7], blocks);
    return run(cdb, to);
}

/// Carries out a command that reads.
bool Disk::run(const Cdb& cdb, MutableBytes in) {
    ScsiCommandPdu command;
    command.read = true;
    command.lun = lun_;
    command.task_tag = ++task_tag_;
    command.expected_length = static_cast<uint32_t>(in.size());
    command.cmd_sn = session_.cmd_sn++;
    command.exp_stat_sn = session_.exp_stat_sn;
    command.cdb = cdb;
    if (!stream_.send({command.encode(), {}})) return false;
    while (const auto pdu = stream_.receive()) {
        if (const auto result = on_pdu(*pdu, in)) return *result;
    }
    return false;
}

/// How the command went, once it is known.
std::optional<bool> Disk::on_pdu(const PduView& pdu, MutableBytes in) {
    switch (opcode_of(pdu.bhs)) {
        case Opcode::data_in:
            return on_data(*DataInPdu::decode(pdu.bhs), pdu.data, in);
        case Opcode::scsi_response: {
            const auto response = ScsiResponsePdu::decode(pdu.bhs);
            note(*response);
            const auto sense = decode_sense(sense_in(pdu.data));
            return response->response == 0 &&
                   response->status == static_cast<uint8_t>(ScsiStatus::good) && !sense;
        }
        case Opcode::nop_in:
            if (!answer(*NopInPdu::decode(pdu.bhs))) return false;
            return std::nullopt;
        case Opcode::async_message: {
            const auto message = AsyncMessagePdu::decode(pdu.bhs);
            if (decode_async(*message).event != AsyncEvent::scsi) return false;
            note(*message);
            return std::nullopt;
        }
        default:
            return false;
    }
}

std::optional<bool> Disk::on_data(const DataInPdu& pdu, Bytes data, MutableBytes in) {
    const size_t offset = pdu.buffer_offset;
    if (offset > in.size() || data.size() > in.size() - offset) return false;
    std::ranges::copy(data, in.begin() + static_cast<ptrdiff_t>(offset));
    if (!pdu.has_status) return std::nullopt;
    note(pdu);
    return pdu.status == static_cast<uint8_t>(ScsiStatus::good);
}

bool Disk::answer(const NopInPdu& ping) {
    if (ping.target_transfer_tag == reserved_tag) return true;
    NopOutPdu pong;
    pong.lun = ping.lun;
    pong.target_transfer_tag = ping.target_transfer_tag;
    pong.cmd_sn = session_.cmd_sn;
    pong.exp_stat_sn = session_.exp_stat_sn;
    return stream_.send({pong.encode(), {}});
}

void Disk::note(const TargetNumbers& numbers) {
    session_.exp_stat_sn = numbers.stat_sn + 1;
}

bool Disk::detach() {
    LogoutRequestPdu request;
    request.task_tag = ++task_tag_;
    request.cmd_sn = session_.cmd_sn;
    request.exp_stat_sn = session_.exp_stat_sn;
    if (!stream_.send({request.encode(), {}})) return false;
    while (const auto pdu = stream_.receive()) {
        if (const auto response = LogoutResponsePdu::decode(pdu->bhs)) return is_closed(*response);
    }
    return false;
}

/// It is never destroyed: nothing ends on a microcontroller, and nobody there has atexit(3).
alignas(Disk) std::array<uint8_t, sizeof(Disk)> memory;
Disk* disk = nullptr;

}  // namespace

// What is linked is what these need.
extern "C" bool bridge_attach(const Wishes& wishes);
extern "C" bool bridge_read(uint32_t block, uint16_t blocks, MutableBytes to);
extern "C" bool bridge_detach();

bool bridge_attach(const Wishes& wishes) {
    disk = new (memory.data()) Disk;
    return disk->attach(wishes);
}
bool bridge_read(uint32_t block, uint16_t blocks, MutableBytes to) {
    return disk->read(block, blocks, to);
}
bool bridge_detach() {
    return disk->detach();
}

}  // namespace bridge
