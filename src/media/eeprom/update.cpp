#include "eeprom/update.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ascii.h"
#include "base/text.h"
#include "eeprom/config.h"
#include "eeprom/release.h"
#include "eeprom/sha256.h"

namespace bootwire::eeprom {

namespace {

constexpr uint32_t new_style_bit = 1U << 23;
constexpr uint32_t type_cm4 = 0x14;
constexpr uint32_t type_cm4s = 0x15;
constexpr std::string_view time_key = "ts:";
constexpr std::string_view target_key = "target-soc:";
constexpr std::string_view rsa_key = "rsa2048:";

std::string hex_number(uint32_t number) {
    char text[12];
    std::snprintf(text, sizeof text, "%x", static_cast<unsigned>(number));
    return text;
}

bool has_only(std::string_view text, bool (*wanted)(char)) {
    return std::ranges::all_of(text, wanted);
}

}  // namespace

std::optional<Chip> chip_of(uint32_t revision) {
    constexpr uint32_t processor_2711 = 3;
    constexpr uint32_t processor_2712 = 4;
    if ((revision & new_style_bit) == 0) return std::nullopt;
    switch ((revision >> 12) & 0xf) {
        case processor_2711:
            return Chip::bcm2711;
        case processor_2712:
            return Chip::bcm2712;
        default:
            return std::nullopt;
    }
}

Board RunningBootloader::board() const {
    return {chip_of(revision).value_or(Chip::bcm2711), revision, serial};
}

Status takes_update(const RunningBootloader& running) {
    if (!chip_of(running.revision)) {
        return fail("this board has no EEPROM for its bootloader",
                    "the order of boot is set on a Raspberry Pi 4, 400, 5, 500 and CM5");
    }
    const uint32_t type = (running.revision >> 4) & 0xff;
    if (type == type_cm4 || type == type_cm4s) {
        return fail("a Compute Module 4 takes no update of its bootloader from a card",
                    "set BOOT_ORDER by rpiboot, from another computer over USB");
    }
    if (running.signed_boot != 0 ||
        may_be_on(running.configuration, "SIGNED_BOOT", running.board())) {
        return fail("this board starts what its owner has signed, so its bootloader is left alone",
                    "sign an image with the order of boot that you want, and flash that");
    }
    return {};
}

Status may_replace(const Image& image, const RunningBootloader& running) {
    if (auto status = takes_update(running); !status) return status;
    if (image.chip() != chip_of(running.revision)) {
        return fail("the image is for the " + std::string(name_of(image.chip())) +
                        ", which is not this board's chip",
                    "take it from the folder of this board's chip");
    }
    if (const auto signature = owners_signature(image)) {
        return fail("the image is signed by an owner: " + *signature,
                    "take one as Raspberry Pi publishes it");
    }
    const Release release = release_of(image);
    if (!release.built || *release.built < running.built) {
        return fail("the image is older than the bootloader that runs, or does not say its age",
                    "put a newer release on the card");
    }
    if (release.manufacture < running.least_manufacture) {
        return fail("this board wants a bootloader of at least version " +
                        std::to_string(running.least_manufacture) + " (MFG_VER), the image has " +
                        std::to_string(release.manufacture),
                    "put a newer release on the card");
    }
    const bool frozen = may_be_on(running.configuration, "FREEZE_VERSION", running.board());
    if (frozen && *release.built != running.built) {
        return fail("FREEZE_VERSION in this board's configuration forbids another version",
                    "put the version on the card that runs, or take FREEZE_VERSION out");
    }
    return {};
}

std::vector<std::string> image_folders(uint32_t revision) {
    const auto chip = chip_of(revision);
    if (!chip) return {};
    const std::string folder = "firmware-" + std::string(name_of(*chip)) + "/default";
    const std::string code = hex_number(revision);
    // rpi-eeprom-update takes the code's 8 digits from the device tree, and 6 from /proc/cpuinfo.
    const std::string filled = std::string(8 - code.size(), '0') + code;
    return {folder + "-" + code, folder + "-" + filled, folder};
}

std::optional<std::string> newest_image(std::span<const std::string> names) {
    constexpr std::string_view pattern = "pieeprom-DDDD-DD-DD.bin";
    const auto is_image = [&](const std::string& name) {
        return std::ranges::equal(name, pattern, [](char c, char wanted) {
            return wanted == 'D' ? is_digit(c) : c == wanted;
        });
    };
    std::optional<std::string> newest;
    for (const std::string& name : names) {
        if (is_image(name) && (!newest || name > *newest)) newest = name;
    }
    return newest;
}

std::string_view configuration_to_keep(std::string_view running, std::string_view of_image) {
    // The chip matters for nothing here but for whether lines count.
    return settings(running, Board{}).empty() ? of_image : running;
}

uint32_t next_update_time(uint64_t now, uint32_t last) {
    constexpr uint64_t most = UINT32_MAX - 1;  // all ones is erased flash
    return static_cast<uint32_t>(std::min(std::max(now, uint64_t{last} + 1), most));
}

std::string signature_text(const Image& image, uint32_t time) {
    return hex(sha256(image.bytes())) + "\n" + std::string(time_key) + " " + std::to_string(time) +
           "\n" + std::string(target_key) + " " + std::string(name_of(image.chip())) + "\n";
}

Result<Signature> parse_signature(std::string_view text) {
    Signature signature;
    const auto lines = split(text, '\n');
    signature.sha256 = lower(trim(lines.front()));
    if (signature.sha256.size() != 64 || !has_only(signature.sha256, is_hex_digit)) {
        return fail("the .sig file does not begin with a SHA-256 of 64 hexadecimal digits",
                    "make it anew: edit --sig, or rpi-eeprom-digest");
    }
    for (const std::string_view line : lines) {
        if (line.starts_with(time_key)) {
            signature.time = parse_number<uint32_t>(trim(line.substr(time_key.size())));
            if (!signature.time) {
                return fail("the .sig file has no time that can be read: " + printable(line, 40),
                            "it is \"ts: \" and seconds since 1970");
            }
        } else if (line.starts_with(target_key)) {
            signature.target = trim(line.substr(target_key.size()));
        } else if (line.starts_with(rsa_key)) {
            signature.has_rsa = true;
        }
    }
    return signature;
}

Status matches(const Signature& signature, const Image& image) {
    if (signature.sha256 != hex(sha256(image.bytes()))) {
        return fail("the .sig file is not of this image: their SHA-256 differ",
                    "make it anew from the image, or copy both again");
    }
    if (!signature.target.empty() && signature.target != name_of(image.chip())) {
        return fail("the .sig file is for the " + printable(signature.target, 20) +
                        ", and the image for the " + std::string(name_of(image.chip())),
                    "make it anew from the image");
    }
    return {};
}

Result<Update> prepare_update(Image image, std::string_view configuration, uint32_t time) {
    if (const auto signature = owners_signature(image)) {
        return fail("the image is signed by an owner: " + *signature,
                    "take one as Raspberry Pi publishes it");
    }
    if (auto status = image.replace_configuration(configuration); !status) {
        return std::unexpected(status.error());
    }
    if (auto status = image.set_update_time(time); !status) return std::unexpected(status.error());
    const Bytes bytes = image.bytes();
    return Update{{bytes.begin(), bytes.end()}, signature_text(image, time)};
}

}  // namespace bootwire::eeprom
