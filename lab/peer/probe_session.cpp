#include "probe_session.h"

#include "iscsi/logout.h"
#include "iscsi/pdu_scsi.h"
#include "iscsi/scsi.h"

namespace bootwire::peer {

using namespace iscsi;

ProbeSession::ProbeSession(Connection& connection, const LoginResult& login)
    : connection_(connection), cmd_sn_(login.cmd_sn), exp_stat_sn_(login.exp_stat_sn) {
    connection_.use_digests(login.digests());
}

Result<std::vector<uint8_t>> ProbeSession::read_command(Lun lun, std::array<uint8_t, 16> cdb,
                                                        uint32_t length) {
    ScsiStatus status = ScsiStatus::good;
    for (int attempt = 0; attempt < 3; ++attempt) {
        auto data = run_once(lun, cdb, length, status);
        if (!data || status == ScsiStatus::good) return data;
        if (status != ScsiStatus::check_condition) break;
    }
    return fail("SCSI command " + std::to_string(cdb[0]) + " on LUN " + lun.to_string() +
                " ended with status " + std::to_string(static_cast<int>(status)));
}

/// StatSN must count on from the login without a gap.
Status ProbeSession::check_number(uint32_t stat_sn) {
    if (stat_sn != exp_stat_sn_) {
        return fail("StatSN " + std::to_string(stat_sn) + " where " + std::to_string(exp_stat_sn_) +
                    " was expected");
    }
    ++exp_stat_sn_;
    return {};
}

Result<std::vector<uint8_t>> ProbeSession::run_once(Lun lun, const std::array<uint8_t, 16>& cdb,
                                                    uint32_t length, ScsiStatus& status) {
    ScsiCommandPdu command;
    command.read = true;
    command.lun = lun;
    command.task_tag = ++task_tag_;
    command.expected_length = length;
    command.cmd_sn = cmd_sn_++;
    command.exp_stat_sn = exp_stat_sn_;
    command.cdb = cdb;
    if (auto sent = connection_.write(command.encode(), {}); !sent) {
        return std::unexpected(sent.error());
    }
    std::vector<uint8_t> data;
    for (;;) {
        const auto pdu = connection_.read();
        if (!pdu) return std::unexpected(pdu.error());
        const Opcode opcode = opcode_of(pdu->bhs);
        if (const auto data_in = DataInPdu::decode(pdu->bhs)) {
            data.insert(data.end(), pdu->data.begin(), pdu->data.end());
            if (!data_in->has_status) continue;
            status = static_cast<ScsiStatus>(data_in->status);
        } else if (const auto response = ScsiResponsePdu::decode(pdu->bhs)) {
            status = static_cast<ScsiStatus>(response->status);
        } else if (opcode == Opcode::nop_in) {
            continue;
        } else {
            return fail("unexpected PDU type " + std::to_string(static_cast<int>(opcode)));
        }
        if (auto in_order = check_number(target_numbers_of(pdu->bhs).stat_sn); !in_order) {
            return std::unexpected(in_order.error());
        }
        return data;
    }
}

Status ProbeSession::log_out() {
    LogoutRequestPdu request;
    request.task_tag = ++task_tag_;
    request.cmd_sn = cmd_sn_;
    request.exp_stat_sn = exp_stat_sn_;
    if (auto sent = connection_.write(request.encode(), {}); !sent) return sent;
    for (;;) {
        const auto pdu = connection_.read();
        if (!pdu) return std::unexpected(pdu.error());
        if (const auto response = LogoutResponsePdu::decode(pdu->bhs)) {
            return check_logout_response(*response);
        }
    }
}

}  // namespace bootwire::peer
