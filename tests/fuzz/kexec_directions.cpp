// Names and secrets of any bytes: what the next system is told is words that stay whole on its
// command line, and a file in which each of its readers finds what was meant.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "kexec/cpio.h"
#include "kexec/directions.h"
#include "plan/command_line.h"

using namespace bootwire;
using kexec::DiskAccess;

namespace {

using Names = std::vector<std::string>;

/// The value of a shell's assignment in single quotes; nothing if it is not that alone.
std::optional<std::string> unquoted(std::string_view text) {
    std::string value;
    bool inside = false;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\'') {
            inside = !inside;
        } else if (inside) {
            value += text[i];
        } else if (text[i] == '\\' && i + 1 < text.size()) {
            value += text[++i];
        } else {
            return std::nullopt;
        }
    }
    if (inside) return std::nullopt;
    return value;
}

/// NAME=VALUE of each assignment, as a shell that reads the file ends it.
std::vector<std::string> assignments(std::string_view text) {
    std::vector<std::string> found(1);
    bool inside = false, escaped = false;
    for (const char c : text) {
        if (c == '\'' && !escaped) inside = !inside;
        escaped = c == '\\' && !inside;
        if (c == '\n' && !inside) {
            found.emplace_back();
        } else {
            found.back() += c;
        }
    }
    found.pop_back();
    return found;
}

std::vector<std::pair<std::string, std::string>> expected(const DiskAccess& access, bool dracut) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const auto add = [&](const char* name, const char* secret, const plan::ChapLogin& login) {
        pairs.emplace_back(name, login.name);
        pairs.emplace_back(secret, login.secret.reveal());
    };
    if (dracut) {
        add("rd.iscsi.username", "rd.iscsi.password", *access.chap);
        if (access.mutual_chap) {
            add("rd.iscsi.in.username", "rd.iscsi.in.password", *access.mutual_chap);
        }
    } else {
        add("ISCSI_USERNAME", "ISCSI_PASSWORD", *access.chap);
        if (access.mutual_chap) add("ISCSI_IN_USERNAME", "ISCSI_IN_PASSWORD", *access.mutual_chap);
    }
    return pairs;
}

void check_file(std::string_view text, const DiskAccess& access, bool dracut) {
    const auto wanted = expected(access, dracut);
    std::vector<std::string> found;
    if (dracut) {
        for (const std::string_view word : split_words(text))
            found.emplace_back(word);
        if (text.find_first_of("'\"\\") != text.npos) std::abort();
    } else {
        found = assignments(text);
    }
    if (found.size() != wanted.size()) std::abort();
    for (size_t i = 0; i < found.size(); ++i) {
        const auto& [name, value] = wanted[i];
        if (!found[i].starts_with(name + "=")) std::abort();
        const std::string given = found[i].substr(name.size() + 1);
        if ((dracut ? given : unquoted(given)) != value) std::abort();
    }
    if (text.contains('\0')) std::abort();
}

void check_archive(const std::string& archive, const DiskAccess& access, bool dracut) {
    if (!access.chap) {
        if (!archive.empty()) std::abort();
        return;
    }
    Names names;
    kexec::CpioReader reader({[&](const kexec::CpioEntry& entry) -> Status {
        names.push_back(entry.name);
        return {};
    }});
    if (!reader.add(bytes_of(archive)) || !reader.at_boundary() || archive.size() % 512 != 0) {
        std::abort();
    }
    const Names wanted =
        dracut ? Names{"etc", "etc/cmdline.d", "etc/cmdline.d/90-bootwire.conf", "TRAILER!!!"}
               : Names{"etc", "etc/iscsi.initramfs", "TRAILER!!!"};
    if (names != wanted) std::abort();
    // The content is behind its name, both padded to 4 bytes, and as long as the header says.
    const std::string& path = wanted[wanted.size() - 2];
    const size_t name = archive.find(path + '\0');
    const auto length = parse_number<uint32_t>(archive.substr(name - 110 + 6 + 6 * 8, 8), 16);
    const size_t begin = (name + path.size() + 1 + 3) / 4 * 4;
    if (!length || begin + *length > archive.size()) std::abort();
    check_file(std::string_view(archive).substr(begin, *length), access, dracut);
}

void check(const DiskAccess& access, bool dracut) {
    kexec::InitramfsAbility ability;
    (dracut ? ability.dracut_iscsi : ability.initramfs_tools_iscsi) = true;
    const auto directions = kexec::directions_for(ability, access);
    if (!directions) {
        if (directions.error().what.empty()) std::abort();
        return;
    }
    if (directions->words.size() != (dracut ? 5u : 7u)) std::abort();
    const auto line = plan::CommandLine::parse(join(directions->words, " "));
    if (line.words().size() != directions->words.size() || !line.init_arguments().empty()) {
        std::abort();
    }
    for (size_t i = 0; i < line.words().size(); ++i) {
        if (line.words()[i].spelling != directions->words[i]) std::abort();
    }
    check_archive(directions->archive, access, dracut);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    // Six texts behind their lengths: initiator, target, host, and a name and secrets for CHAP.
    Reader reader(Bytes(data, size));
    const uint8_t options = reader.u8().value_or(0);
    const auto text = [&] {
        const size_t length = reader.u8().value_or(0);
        return std::string(text_of(*reader.take(std::min(length, reader.remaining()))));
    };
    DiskAccess access;
    access.initiator = text();
    access.target = text();
    access.host_name = text();
    const std::string name = text(), secret = text(), their_secret = text();
    access.portal = {IpAddress::v4(reader.be32().value_or(0)), reader.be16().value_or(3260)};
    access.lun = iscsi::Lun::from_linux(reader.be32().value_or(0));
    if ((options & 1) != 0) access.chap = plan::ChapLogin{name, plan::Secret(secret)};
    if ((options & 2) != 0) access.mutual_chap = plan::ChapLogin{name, plan::Secret(their_secret)};
    if ((options & 4) != 0) {
        access.static_address = IpPrefix{IpAddress::v4(10, 0, 0, 2),
                                         static_cast<uint8_t>(reader.u8().value_or(24) % 33)};
    }
    if ((options & 8) != 0) access.router = IpAddress::v4(10, 0, 0, 1);
    if ((options & 16) != 0) access.dns_servers.assign(3, IpAddress::v4(10, 0, 0, 1));
    check(access, false);
    check(access, true);
    return 0;
}
