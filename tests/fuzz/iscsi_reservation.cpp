// Any bytes as what a target sends about its reservations: answers of SCSI commands, and the stream
// that they come in.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "iscsi/reservation.h"
#include "iscsi_initiator/task_client.h"
#include "pdus_of_stream.h"

using namespace bootwire;
using namespace bootwire::iscsi;

namespace {

void decode_all(Bytes data) {
    decode_sense(data);
    decode_reservation(data);
    Registrants registrants(data);
    for (size_t count = 0; registrants.next(); ++count) {
        if (count > data.size()) std::abort();
    }
}

/// Each answer: status, length, bytes (sense data, or what was read).
void answer_claim(Intent intent, Reader reader) {
    Claim claim(0x10000000a0770000, intent);
    while (claim.state() == ClaimState::asking) {
        const auto status = reader.u8();
        const auto data =
            reader.take(std::min<size_t>(reader.u8().value_or(0), reader.remaining()));
        if (!status || !data) return;
        claim.on_outcome(static_cast<ScsiStatus>(*status), *data, *data);
    }
    const bool at_peace = claim.state() == ClaimState::done;
    if (at_peace != (claim.failure().problem == ClaimProblem::none)) std::abort();
}

void stream(Intent intent, Bytes rest) {
    Claim claim(0x10000000a0770000, intent);
    // The first byte: how many commands there are until the kernel's.
    if (rest.empty()) return;
    const uint32_t end = rest[0] % 32;
    LoginResult login;
    login.max_cmd_sn = end;
    const auto client = std::make_unique<TaskClient>(login, Lun{}, claim, end);
    feed_stream(*client, rest.subspan(1));
    if (client->fill_up() == TaskState::sending) feed_stream(*client, rest.subspan(1));
    if (is_after(client->result().cmd_sn, end)) std::abort();
    if (client->state() != TaskState::finished) client->connection_closed();
    if (client->state() == TaskState::failed && client->failure().problem == TaskProblem::none)
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    const auto intent = static_cast<Intent>(data[0] / 3 % 3);
    const Bytes rest(data + 1, size - 1);
    if (data[0] % 3 == 0) decode_all(rest);
    if (data[0] % 3 == 1) answer_claim(intent, Reader(rest));
    if (data[0] % 3 == 2) stream(intent, rest);
    return 0;
}
