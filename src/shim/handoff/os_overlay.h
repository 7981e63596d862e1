// A root that is not to be written to: what its own initramfs would make an overlay by, which we do
// not make.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire::handoff {

/// Of overlayroot.conf (Ubuntu's package overlayroot) the line that counts, as "overlayroot=tmpfs";
/// empty if it asks for nothing.
std::string overlay_in_conf(std::string_view conf);

/// What asks for it, and where, for a person.
struct OverlayWish {
    std::string word;  ///< empty: nothing does
    std::string place;
};

/// What the two files of that name in the root say that is mounted there.
OverlayWish overlay_wish(const std::string& root);

Error not_to_be_written_to(const OverlayWish& wish);

}  // namespace bootwire::handoff
