#include "eeprom_command/command.h"

#include <chrono>
#include <cstdio>

#include "base/text.h"
#include "eeprom/boot_order.h"
#include "eeprom/config.h"
#include "eeprom/release.h"
#include "eeprom/update.h"
#include "eeprom_command/describe.h"
#include "eeprom_command/files.h"
#include "os/file.h"

namespace bootwire::eeprom_command {

namespace {

using eeprom::Image;

constexpr size_t largest_file = 4 * 1024 * 1024;

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

Result<Image> read_image(const std::string& path) {
    const auto content = read_file(path, largest_file);
    if (!content) return std::unexpected(content.error());
    const Bytes bytes = bytes_of(*content);
    auto image = Image::parse({bytes.begin(), bytes.end()});
    if (!image) return fail(path + ": " + image.error().what, image.error().hint);
    return image;
}

Result<uint32_t> time_of(const std::string& text) {
    if (text == "now") {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        return static_cast<uint32_t>(now.time_since_epoch().count());
    }
    const auto seconds = parse_number<uint32_t>(text);
    if (seconds) return *seconds;
    return fail("--timestamp " + printable(text, 40) + " is no time",
                "it is \"now\", or whole seconds since 1970");
}

/// The configuration as the arguments want it.
Result<std::string> edited(std::string text, const Arguments& arguments, const Image& image) {
    const eeprom::Board board{image.chip(), {}, {}};
    if (arguments.config) {
        auto file = read_file(*arguments.config, eeprom::largest_text);
        if (!file) return file;
        text = std::move(*file);
        if (text.find('\0') != text.npos) {
            return fail(*arguments.config + " has a NUL byte",
                        "is it a text file, in UTF-8 or ASCII?");
        }
    }
    for (const auto& [key, value] : arguments.settings) {
        auto changed = eeprom::set(text, key, value, board);
        if (!changed) return changed;
        text = std::move(*changed);
    }
    if (!arguments.boot_order) return text;
    const auto wish = eeprom::parse_order_wish(*arguments.boot_order);
    if (!wish) return std::unexpected(wish.error());
    switch (wish->what) {
        case eeprom::OrderWish::What::keep:
            return text;
        case eeprom::OrderWish::What::add_network:
            return eeprom::add_network(text, board);
        case eeprom::OrderWish::What::set:
            return eeprom::set(text, eeprom::boot_order_key, eeprom::boot_order_text(wish->order),
                               board);
    }
    return text;
}

/// Of the files that would be replaced, whether they may be.
Result<bool> may_write(const Arguments& arguments, const std::string& out) {
    std::string there;
    if (exists(out)) there = out;
    if (arguments.signature && exists(*arguments.signature)) {
        there += (there.empty() ? "" : " and ") + *arguments.signature;
    }
    if (there.empty() || arguments.yes) return true;
    return ask("replace " + there + "?");
}

Result<bool> edit(const Arguments& arguments) {
    auto image = read_image(arguments.file);
    if (!image) return std::unexpected(image.error());
    if (const auto signature = eeprom::owners_signature(*image)) {
        return fail(
            arguments.file +
                " is signed by an owner, and would start nowhere once changed: " + *signature,
            "change the configuration it was made of, and sign that anew");
    }
    const auto text = image->configuration();
    if (!text) return fail(arguments.file + ": " + text.error().what, text.error().hint);
    const std::string before(*text);
    auto after = edited(before, arguments, *image);
    if (!after) return std::unexpected(after.error());
    // A .sig file has a time, and the image of an update has the same.
    const bool timed = arguments.timestamp || arguments.signature;
    const auto time = time_of(arguments.timestamp.value_or("now"));
    if (!time) return std::unexpected(time.error());

    print(before == *after ? "the configuration is as it was asked for\n"
                           : differences(before, *after));
    if (eeprom::is_too_short_to_last(*after)) {
        print(
            "note: of fewer than three lines, and rpi-eeprom-update, in a booted Raspberry Pi OS, "
            "carries no such configuration over to its next version\n");
    }
    if (auto status = image->replace_configuration(*after); !status) {
        return std::unexpected(status.error());
    }
    if (timed) {
        if (auto status = image->set_update_time(*time); !status) {
            return std::unexpected(status.error());
        }
    }
    const std::string& out = arguments.out ? *arguments.out : arguments.file;
    const auto may = may_write(arguments, out);
    if (!may) return may;
    if (!*may) {
        print("nothing was written\n");
        return false;
    }
    if (auto status = write_and_compare(out, image->bytes()); !status) {
        return std::unexpected(status.error());
    }
    print("written and read back: " + out + "\n");
    if (!arguments.signature) return true;
    const std::string signature = eeprom::signature_text(*image, *time);
    if (auto status = write_and_compare(*arguments.signature, bytes_of(signature)); !status) {
        return std::unexpected(status.error());
    }
    print("written and read back: " + *arguments.signature + "\n");
    return true;
}

Result<bool> verify_files(const Arguments& arguments, const Image& image) {
    const Verified verified = verify(arguments.file, image);
    print(verified.text);
    if (!arguments.signature) return verified.whole;
    const auto text = read_file(*arguments.signature);
    if (!text) return std::unexpected(text.error());
    const auto signature = eeprom::parse_signature(*text);
    const Status status =
        signature ? eeprom::matches(*signature, image) : Status(std::unexpected(signature.error()));
    if (!status)
        return fail(*arguments.signature + ": " + status.error().what, status.error().hint);
    print(*arguments.signature + ": SHA-256" +
          (signature->target.empty() ? " is" : " and target-soc are") + " those of the image" +
          (signature->has_rsa ? "; its RSA signature was not checked" : "") + "\n");
    return verified.whole;
}

}  // namespace

Result<bool> run(const Arguments& arguments) {
    if (arguments.verb == Arguments::Verb::edit) return edit(arguments);
    const auto image = read_image(arguments.file);
    if (!image) return std::unexpected(image.error());
    if (arguments.verb == Arguments::Verb::verify) return verify_files(arguments, *image);
    print(describe(arguments.file, *image));
    return true;
}

}  // namespace bootwire::eeprom_command
