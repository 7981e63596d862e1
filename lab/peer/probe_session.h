// What login-probe does once it is logged in: SCSI commands that read, one after the other.
#pragma once

#include <vector>

#include "base/error.h"
#include "connection.h"
#include "iscsi/scsi.h"
#include "iscsi_initiator/login.h"

namespace bootwire::peer {

class ProbeSession {
  public:
    ProbeSession(Connection& connection, const iscsi::LoginResult& login);

    /// Runs a command that reads at most `length` bytes; an error for any status but GOOD. A unit
    /// attention, which follows every new login, is asked away by a second try.
    Result<std::vector<uint8_t>> read_command(iscsi::Lun lun, std::array<uint8_t, 16> cdb,
                                              uint32_t length);
    /// Logs out and reads the response.
    Status log_out();

  private:
    Result<std::vector<uint8_t>> run_once(iscsi::Lun lun, const std::array<uint8_t, 16>& cdb,
                                          uint32_t length, iscsi::ScsiStatus& status);
    Status check_number(uint32_t stat_sn);

    Connection& connection_;
    uint32_t cmd_sn_;
    uint32_t exp_stat_sn_;
    uint32_t task_tag_ = 16;
};

}  // namespace bootwire::peer
