#include "init/help_disk.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/secret.h"
#include "base/text.h"
#include "fat/volume.h"
#include "helpdisk/page.h"
#include "init/card.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "plan/settings_file.h"
#include "screen/console.h"

namespace bootwire::init {

namespace {

// In the initramfs, not in /run, which the booted system keeps.
constexpr char image_path[] = "/help-disk.img";
constexpr char settings_name[] = "bootwire.txt";
constexpr char volume_label[] = "BOOTWIRE";
constexpr size_t longest_settings = 64 * 1024;

handoff::Gadget describe(const std::string& serial) {
    handoff::Gadget gadget;
    gadget.manufacturer = handoff::usb_string("bootwire", "");
    gadget.product = handoff::usb_string("bootwire help", "");
    gadget.serial = handoff::gadget_serial(serial, image_path);
    gadget.disks.push_back({image_path, false, handoff::inquiry_string("bootwire", "help", "1")});
    return gadget;
}

std::string with_windows_line_ends(const std::string& text) {
    std::string changed;
    for (const char c : text) {
        if (c == '\n') changed += '\r';
        changed += c;
    }
    return changed;
}

}  // namespace

void HelpDisk::offer(const screen::View& view, const plan::CommandLine& said) {
    if (!device_) {
        if (!handoff::UsbDevice::check_port()) return;
        if (auto made = write_files(view, said); !made) {
            return log::warning("no help disk: " + made.error().to_string());
        }
        auto device = handoff::UsbDevice::show(describe(serial_));
        if (!device) {
            unlink(image_path);
            return log::warning("no help disk: " + device.error().to_string());
        }
        device_.emplace(std::move(*device));
        return log::info("the help disk is at the USB port, for a computer there");
    }
    const bool unused = device_->host() == handoff::UsbHost::absent && !device_->is_empty(0);
    if (!stale_ && !unused) return;
    (void)device_->take_out(0);
    if (auto made = write_files(view, said); !made) log::warning(made.error().to_string());
    if (auto done = device_->put_in(0, image_path); !done) log::warning(done.error().to_string());
}

Status HelpDisk::write_files(const screen::View& view, const plan::CommandLine& said) {
    const bool has_card = has_own_card();
    const std::array files{
        fat::File{"INDEX.HTM", helpdisk::index_page(view, has_card), true},
        fat::File{"BOOTLOG.TXT", with_windows_line_ends(screen::transcript()), true},
        fat::File{settings_name, helpdisk::settings_text(said, has_card), false},
    };
    const auto volume = fat::make_volume(volume_label, files);
    if (!volume) return std::unexpected(volume.error());
    if (auto made = replace_file(image_path, *volume, 0600); !made) return made;
    watch_.begin(written());
    stale_ = false;
    return {};
}

uint64_t HelpDisk::written() const {
    struct stat status{};
    if (stat(image_path, &status) != 0) return 0;
    return static_cast<uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000 +
           static_cast<uint64_t>(status.st_mtim.tv_nsec);
}

std::optional<plan::CommandLine> HelpDisk::look(const plan::CommandLine& said) {
    if (!device_) return std::nullopt;
    const helpdisk::DiskSample sample{device_->host() != handoff::UsbHost::absent,
                                      device_->is_empty(0), written()};
    switch (watch_.look(sample, now())) {
        case helpdisk::DiskWatch::Verdict::leave:
            break;
        case helpdisk::DiskWatch::Verdict::read_back:
            return read_back(said);
        case helpdisk::DiskWatch::Verdict::put_in:
            if (auto done = device_->put_in(0, image_path); !done) log::warning(done.error().what);
            break;
    }
    return std::nullopt;
}

std::optional<plan::CommandLine> HelpDisk::read_back(const plan::CommandLine& said) {
    auto volume = read_file(image_path, fat::volume_size);
    if (!volume) {
        log::warning("help disk: " + volume.error().to_string());
        return std::nullopt;
    }
    auto text = fat::read_root_file(*volume, settings_name, longest_settings);
    wipe(*volume);  // a secret may be in it
    if (!text) {
        log::warning("help disk: " + printable(text.error().what));
        return std::nullopt;
    }
    plan::CommandLine now_said = plan::read_settings_file(*text, said);
    wipe(*text);
    if (now_said == said) return std::nullopt;
    stale_ = true;
    return now_said;
}

void HelpDisk::withdraw() {
    if (!device_) return;
    device_.reset();
    unlink(image_path);
}

}  // namespace bootwire::init
