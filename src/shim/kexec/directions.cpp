#include "kexec/directions.h"

#include <algorithm>
#include <cstdio>

#include "base/ascii.h"
#include "base/secret.h"
#include "base/text.h"
#include "kexec/cpio.h"

namespace bootwire::kexec {

namespace {

/// In single quotes for a shell that reads the file.
std::string in_quotes(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'') result += "'\\'";
        result += c;
    }
    return result + "'";
}

std::string netmask(uint8_t length) {
    return IpAddress::v4(length == 0 ? 0 : UINT32_MAX << (32 - length)).to_string();
}

/// client:server:gateway:netmask:host:device:autoconf:dns0:dns1 (nfsroot.rst). Which device it is
/// says BOOTIF=.
std::string static_ip_word(const DiskAccess& access) {
    std::string word = "ip=" + access.static_address->address.to_string() + "::";
    if (access.router) word += access.router->to_string();
    word += ":" + netmask(access.static_address->length) + ":" + access.host_name + "::off";
    for (size_t i = 0; i < std::min<size_t>(access.dns_servers.size(), 2); ++i)
        word += ":" + access.dns_servers[i].to_string();
    return word;
}

std::string boot_interface_word(const MacAddress& mac) {
    std::string text = mac.to_string();
    std::ranges::replace(text, ':', '-');
    return "BOOTIF=01-" + text;
}

Status check_reachable(const DiskAccess& access) {
    const bool v4 = access.portal.address.is_v4() &&
                    (!access.static_address || access.static_address->address.is_v4());
    if (!v4) {
        return fail("the disk's own initramfs cannot be told of an IPv6 address",
                    "reach the target over IPv4, or boot with iscsi.mode=pivot");
    }
    if (access.has_vlan) {
        return fail("the disk's own initramfs cannot be told of a VLAN",
                    "have the switch put the Pi's port into it, or boot with iscsi.mode=pivot");
    }
    return {};
}

/// Each is to be one word of the kernel's command line.
Status check_words(const std::vector<std::string>& words) {
    const auto stays_whole = [](char c) { return is_graphic(c) && c != '"'; };
    for (const std::string& word : words) {
        if (std::ranges::all_of(word, stays_whole)) continue;
        return fail("the disk's own initramfs cannot be told \"" + printable(word) + "\"",
                    "use names of letters, digits and hyphens, or boot with iscsi.mode=pivot");
    }
    return {};
}

/// The file is read by a shell, which takes all between quotes but a NUL.
Result<std::string> open_iscsi_secrets(const DiskAccess& access) {
    if (!access.chap) return std::string();
    std::string text = "ISCSI_USERNAME=" + in_quotes(access.chap->name) +
                       "\nISCSI_PASSWORD=" + in_quotes(access.chap->secret.reveal()) + "\n";
    if (access.mutual_chap) {
        text += "ISCSI_IN_USERNAME=" + in_quotes(access.mutual_chap->name) +
                "\nISCSI_IN_PASSWORD=" + in_quotes(access.mutual_chap->secret.reveal()) + "\n";
    }
    if (text.contains('\0')) {
        wipe(text);
        return fail("the disk's initramfs cannot be told a CHAP name or secret with a NUL",
                    "choose another secret, or boot with iscsi.mode=pivot");
    }
    CpioWriter writer;
    writer.add_folder("etc");
    writer.add_file("etc/iscsi.initramfs", text, 0600);
    wipe(text);
    return writer.finish();
}

/// A letter of any alphabet can.
bool cannot_be_in_a_word(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '"' || c == '\'' || c == '\\';
}

/// The file is read as words of a command line, without quotes.
Result<std::string> dracut_secrets(const DiskAccess& access) {
    if (!access.chap) return std::string();
    std::string text;
    bool sayable = true;
    const auto add = [&](const char* name, std::string_view value) {
        sayable = sayable && std::ranges::none_of(value, cannot_be_in_a_word);
        text += std::string(name) + "=" + std::string(value) + "\n";
    };
    add("rd.iscsi.username", access.chap->name);
    add("rd.iscsi.password", access.chap->secret.reveal());
    if (access.mutual_chap) {
        add("rd.iscsi.in.username", access.mutual_chap->name);
        add("rd.iscsi.in.password", access.mutual_chap->secret.reveal());
    }
    if (!sayable) {
        wipe(text);
        return fail(
            "the disk's initramfs (dracut) cannot be told a CHAP name or secret with "
            "blanks, control characters, quotes or backslashes",
            "choose another secret, or boot with iscsi.mode=pivot");
    }
    CpioWriter writer;
    writer.add_folder("etc");
    writer.add_folder("etc/cmdline.d");
    writer.add_file("etc/cmdline.d/90-bootwire.conf", text, 0600);
    wipe(text);
    return writer.finish();
}

void add_open_iscsi_words(const DiskAccess& access, std::vector<std::string>& words) {
    words.push_back("ISCSI_INITIATOR=" + access.initiator);
    words.push_back("ISCSI_TARGET_NAME=" + access.target);
    words.push_back("ISCSI_TARGET_IP=" + access.portal.address.to_string());
    words.push_back("ISCSI_TARGET_PORT=" + std::to_string(access.portal.port));
    words.push_back("ISCSI_TARGET_GROUP=" + std::to_string(access.portal_group));
}

void add_dracut_words(const DiskAccess& access, std::vector<std::string>& words) {
    char lun[20];
    std::snprintf(lun, sizeof lun, "%llx", static_cast<unsigned long long>(access.lun.to_linux()));
    words.push_back("rd.neednet=1");
    words.push_back("rd.iscsi.initiator=" + access.initiator);
    words.push_back("netroot=iscsi:" + access.portal.address.to_string() +
                    ":6:" + std::to_string(access.portal.port) + ":" + lun + ":" + access.target);
}

}  // namespace

Result<Directions> directions_for(const InitramfsAbility& ability, const DiskAccess& access) {
    if (auto reachable = check_reachable(access); !reachable) {
        return std::unexpected(reachable.error());
    }
    Directions directions;
    directions.words.push_back(access.static_address ? static_ip_word(access) : "ip=dhcp");
    directions.words.push_back(boot_interface_word(access.mac));
    if (ability.initramfs_tools_iscsi) {
        add_open_iscsi_words(access, directions.words);
    } else {
        add_dracut_words(access, directions.words);
    }
    if (auto usable = check_words(directions.words); !usable) {
        return std::unexpected(usable.error());
    }
    auto secrets =
        ability.initramfs_tools_iscsi ? open_iscsi_secrets(access) : dracut_secrets(access);
    if (!secrets) return std::unexpected(secrets.error());
    directions.archive = std::move(*secrets);
    return directions;
}

}  // namespace bootwire::kexec
