#include "bootloader/card_update.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/text.h"
#include "eeprom/sha256.h"
#include "os/fd.h"
#include "os/file.h"

namespace bootwire::bootloader {

namespace {

constexpr size_t largest_image = 2 * 1024 * 1024;
constexpr size_t largest_recovery = 1024 * 1024;
constexpr size_t largest_note = 128;
constexpr char images[] = "/eeprom/";
constexpr char update_file[] = "/pieeprom.upd";
constexpr char signature_file[] = "/pieeprom.sig";
constexpr char recovery_file[] = "/recovery.bin";
constexpr char waiting_recovery[] = "/recovery.new";  // not yet what the boot ROM looks for
constexpr char note_file[] = "/eeprom.tried";

/// "recovery.000" and the like: what recovery.bin has called itself.
bool is_used_recovery(std::string_view name) {
    constexpr std::string_view start = "recovery.";
    const std::string_view number = name.starts_with(start) ? name.substr(start.size()) : "";
    return number.size() == 3 && number.find_first_not_of("0123456789") == number.npos;
}

Status remove_if_there(const std::string& path) {
    if (unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return fail_errno("cannot remove " + path.substr(path.rfind('/') + 1) + " from the SD card");
}

/// So that a rename lasts.
Status sync_folder(const std::string& card) {
    const Fd folder(open(card.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid() || fsync(folder.get()) != 0) return fail_errno("cannot write the SD card");
    return {};
}

}  // namespace

Result<std::optional<CardImage>> find_image(const std::string& card, uint32_t revision) {
    for (const std::string& folder : eeprom::image_folders(revision)) {
        const std::string path = card + images + folder;
        const auto names = names_in(path);
        const auto newest = eeprom::newest_image(names);
        if (!newest) continue;
        auto image = read_file(path + "/" + *newest, largest_image);
        if (!image) return std::unexpected(image.error());
        auto recovery = read_file(path + recovery_file, largest_recovery);
        if (!recovery) return std::unexpected(recovery.error());
        return CardImage{folder + "/" + *newest, std::move(*image), std::move(*recovery)};
    }
    return std::optional<CardImage>{};
}

std::string content_of(const CardImage& image, std::string_view configuration) {
    const std::string all = image.name + "\n" + std::string(configuration);
    return eeprom::hex(eeprom::sha256(bytes_of(all)));
}

std::string tried_content(const std::string& card) {
    return std::string(trim(read_file(card + note_file, largest_note).value_or("")));
}

Leftovers look_for_update(const std::string& card) {
    Leftovers left;
    for (const std::string& name : names_in(card)) {
        const std::string file = "/" + name;
        left.files |= file == update_file || file == signature_file || file == recovery_file ||
                      file == waiting_recovery || is_used_recovery(name);
        left.noted |= file == note_file;
    }
    return left;
}

Status put_on_card(const std::string& card, const eeprom::Update& update,
                   const std::string& recovery, const std::string& content) {
    if (auto gone = take_from_card(card, false); !gone) return gone;
    const struct {
        const char* name;
        std::string_view text;
    } files[] = {{update_file, text_of(update.image)},
                 {signature_file, update.signature},
                 {note_file, content},
                 {waiting_recovery, recovery}};
    for (const auto& [name, text] : files) {
        if (auto written = replace_and_verify(card + name, text); !written) return written;
    }
    const std::string from = card + waiting_recovery, to = card + recovery_file;
    if (rename(from.c_str(), to.c_str()) != 0) {
        return fail_errno("cannot name recovery.bin on the SD card");
    }
    return sync_folder(card);
}

Status take_from_card(const std::string& card, bool keep_note) {
    std::vector<std::string> names{recovery_file, update_file, signature_file, waiting_recovery};
    if (!keep_note) names.emplace_back(note_file);
    for (const std::string& name : names_in(card)) {
        if (is_used_recovery(name)) names.push_back("/" + name);
    }
    for (const std::string& name : names) {
        if (auto gone = remove_if_there(card + name); !gone) return gone;
    }
    return sync_folder(card);
}

}  // namespace bootwire::bootloader
