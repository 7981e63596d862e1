// config.txt, the file by which a Raspberry Pi's firmware is told what to start.
// Source: raspberrypi.com/documentation/computers/config_txt.html.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bootfiles/boot_files.h"

namespace bootwire::bootfiles {

struct ConfigTxt {
    std::map<std::string, std::string, std::less<>> values;  ///< a later line wins
    std::vector<std::string> initramfs;                      ///< names, as they stand there
    std::vector<TreeChange> tree;  ///< overlays by name, not path; dtparam= after its overlay
    std::vector<std::string> notes;
    bool has_tryboot = false;  ///< there is a section for an update that is tried once

    /// The value; `fallback` if there is none.
    std::string value(std::string_view key, std::string_view fallback = {}) const;
    /// As the firmware takes numbers: 0 is no, any other one yes.
    bool flag(std::string_view key, bool fallback) const;
};

/// Reads the text and what it includes from the folder, as far as its filters apply to the board.
/// Never fails: what is not understood is skipped and noted.
ConfigTxt parse_config_txt(std::string_view text, const Folder& folder, const Board& board);

}  // namespace bootwire::bootfiles
