#include "topics/topic.h"

#include <array>

#include "base/ascii.h"

namespace bootwire {

namespace {

constexpr std::array catalogue{
    TopicInfo{Topic::other, "Something else"},
    TopicInfo{Topic::no_interface, "No wired network interface"},
    TopicInfo{Topic::no_link, "No link"},
    TopicInfo{Topic::no_dhcp_answer, "No DHCP answer"},
    TopicInfo{Topic::no_server_named, "No iSCSI server is named"},
    TopicInfo{Topic::address_lost, "The address is lost"},
    TopicInfo{Topic::unusable_setting, "A setting is not usable"},
    TopicInfo{Topic::name_unknown, "The server's name is not known"},
    TopicInfo{Topic::no_answer, "The server does not answer"},
    TopicInfo{Topic::nothing_listens, "No target runs on the server"},
    TopicInfo{Topic::login_breaks_off, "The login breaks off"},
    TopicInfo{Topic::login_refused, "User name or secret is refused"},
    TopicInfo{Topic::target_unproved, "The target does not prove itself"},
    TopicInfo{Topic::not_allowed, "This Pi may not use the target"},
    TopicInfo{Topic::no_such_target, "No such target"},
    TopicInfo{Topic::several_targets, "No target, or several"},
    TopicInfo{Topic::target_not_ready, "The target is not ready"},
    TopicInfo{Topic::target_moved, "The target has moved"},
    TopicInfo{Topic::login_does_not_fit, "The two sides do not fit"},
    TopicInfo{Topic::no_disk, "No disk on the LUN"},
    TopicInfo{Topic::too_many_disks, "Too many disks"},
    TopicInfo{Topic::disk_not_reserved, "The disk cannot be reserved"},
    TopicInfo{Topic::disk_unreadable, "The disk cannot be read"},
    TopicInfo{Topic::other_block_size, "The disk has blocks of another size"},
    TopicInfo{Topic::no_root, "No root file system"},
    TopicInfo{Topic::root_not_as_asked, "The root is not as asked for"},
    TopicInfo{Topic::cannot_mount, "The root cannot be mounted"},
    TopicInfo{Topic::no_init, "No init on the disk"},
    TopicInfo{Topic::wrong_architecture, "The system is for another computer"},
    TopicInfo{Topic::init_does_not_start, "The system's init does not start"},
    TopicInfo{Topic::disk_kernel_unusable, "The disk's kernel cannot be started"},
    TopicInfo{Topic::no_usb_port, "No USB port for the disk"},
    TopicInfo{Topic::overlay_wanted, "The disk is not to be written to"},
    TopicInfo{Topic::initramfs_unusable, "The disk's initramfs cannot be used"},
};

constexpr bool table_is_in_order() {
    for (size_t i = 0; i < catalogue.size(); ++i) {
        if (static_cast<size_t>(catalogue[i].topic) != i) return false;
    }
    return catalogue.size() == static_cast<size_t>(Topic::initramfs_unusable) + 1;
}
static_assert(table_is_in_order());

}  // namespace

std::span<const TopicInfo> topics() {
    return catalogue;
}

std::string_view title(Topic topic) {
    return catalogue[static_cast<size_t>(topic)].title;
}

std::string anchor(Topic topic) {
    std::string text;
    for (const char c : title(topic)) {
        if (is_letter_or_digit(c) || c == '-') {
            text += to_lower(c);
        } else if (c == ' ') {
            text += '-';
        }
    }
    return text;
}

std::string help_link(std::string_view page, Topic topic) {
    if (page.empty()) return {};
    return std::string(page) + "#" + anchor(topic);
}

}  // namespace bootwire
