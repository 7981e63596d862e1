// The error catalogue: what a failure is about. Several sentences share a topic; each topic has a
// section in docs/troubleshooting.md, which tests/unit/topics/topic_test.cpp checks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire {

/// Of base/error.h, where it is opaque.
enum class Topic : uint8_t {
    other,  ///< nothing better is known; the sentence has to do
    no_interface,
    no_link,
    no_dhcp_answer,
    no_server_named,
    address_lost,
    unusable_setting,
    name_unknown,
    no_answer,
    nothing_listens,
    login_breaks_off,
    login_refused,
    target_unproved,
    not_allowed,
    no_such_target,
    several_targets,
    target_not_ready,
    target_moved,
    login_does_not_fit,
    no_disk,
    too_many_disks,
    disk_not_reserved,
    disk_unreadable,
    other_block_size,
    no_root,
    root_not_as_asked,
    cannot_mount,
    no_init,
    wrong_architecture,
    init_does_not_start,
    disk_kernel_unusable,
    no_usb_port,
    overlay_wanted,
    initramfs_unusable,
};

struct TopicInfo {
    Topic topic;
    std::string_view title;  ///< the section's heading
};

/// All topics, in the order of the enumeration.
std::span<const TopicInfo> topics();

std::string_view title(Topic topic);
/// The section's anchor, as made of headings by GitHub and most others: "no-link".
std::string anchor(Topic topic);
/// The section's address below that of the page; empty if the page has none.
std::string help_link(std::string_view page, Topic topic);

}  // namespace bootwire
