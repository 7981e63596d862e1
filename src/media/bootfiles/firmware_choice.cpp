#include "bootfiles/firmware_choice.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "bootfiles/board_type.h"

namespace bootwire::bootfiles {

namespace {

constexpr std::array<std::string_view, 3> kernels32{"kernel.img", "kernel7.img", "kernel7l.img"};
constexpr std::string_view kernel64 = "kernel8.img";  // of a board that is not a Pi, too

bool is_kernel32(std::string_view name) {
    return std::ranges::find(kernels32, name) != kernels32.end();
}

class Choice {
  public:
    Choice(const ConfigTxt& config, const Folder& folder, const Board& board)
        : config_(config),
          folder_(folder),
          type_(board_type(board.revision)),
          second_stepping_(board.second_stepping) {}

    Result<BootFiles> make() {
        files_.source = "config.txt";
        files_.by_firmware = true;
        files_.notes = config_.notes;
        choose_prefix();
        if (auto done = choose_kernel(); !done) return std::unexpected(done.error());
        if (auto done = choose_initramfs(); !done) return std::unexpected(done.error());
        if (auto done = choose_tree(); !done) return std::unexpected(done.error());
        choose_overlays();
        choose_command_line();
        return std::move(files_);
    }

    /// Of the notes those that are about it.
    DiskWords make_words() {
        choose_prefix();
        choose_command_line();
        return {std::move(files_.command_line), std::move(files_.command_line_place),
                std::move(files_.notes)};
    }

  private:
    bool there(const std::string& path) const { return !path.empty() && folder_.exists(path); }
    std::string in_prefix(std::string_view name) const {
        return clean_path(prefix_ + std::string(name));
    }

    std::string first_there(std::string_view names, std::string_view suffix) const {
        for (const std::string_view name : split_words(names)) {
            const std::string path = in_prefix(std::string(name) + std::string(suffix));
            if (there(path)) return path;
        }
        return {};
    }

    std::string default_kernel() const {
        return first_there(type_ != nullptr ? type_->kernels64 : kernel64, "");
    }

    std::string default_tree() const {
        if (type_ == nullptr) return {};
        std::string path;
        if (second_stepping_) path = first_there(type_->second_stepping_trees, ".dtb");
        if (path.empty() && config_.flag("upstream_kernel", false)) {
            path = first_there(type_->mainline_trees, ".dtb");
        }
        return path.empty() ? first_there(type_->trees, ".dtb") : path;
    }

    bool has_kernel() const {
        const std::string named = config_.value("kernel");
        if (!named.empty()) return there(in_prefix(named));
        return !default_kernel().empty() ||
               (type_ != nullptr && !first_there(type_->kernel32, "").empty());
    }

    bool has_tree() const {
        const std::string named = config_.value("device_tree");
        if (type_ == nullptr) return true;
        return named.empty() ? !default_tree().empty() : there(in_prefix(named));
    }

    /// os_prefix= holds only if a kernel and a tree are there. Where there is no kernel without it
    /// either, it is what somebody meant all the same.
    void choose_prefix() {
        prefix_ =
            config_.value("os_prefix", config_.flag("upstream_kernel", false) ? "upstream/" : "");
        if (prefix_.empty() || (has_kernel() && has_tree())) return;
        const std::string left_out = std::exchange(prefix_, {});
        if (config_.value("os_prefix").empty()) return;
        if (!has_kernel()) {
            prefix_ = left_out;
            return;
        }
        files_.notes.push_back("config.txt: nothing to start under os_prefix=" +
                               printable(left_out, 60) + "; it is left out, as the firmware does");
    }

    Status choose_kernel() {
        const std::string named = config_.value("kernel");
        if (!named.empty()) return take_named_kernel(named);
        const bool wants_64bit = type_ == nullptr || type_->kernel32.empty() ||
                                 config_.flag("arm_64bit", type_->default_64bit);
        const std::string found = default_kernel();
        if (!wants_64bit && (found.empty() || there(in_prefix(type_->kernel32)))) {
            return fail_for_32bit(std::string(type_->kernel32));
        }
        if (found.empty()) {
            const std::string names(type_ != nullptr ? type_->kernels64 : kernel64);
            return fail("the boot partition has no " + printable(prefix_ + names, 120) +
                            ", and config.txt names no other kernel",
                        "put the kernel there, or name it with kernel= in config.txt");
        }
        files_.kernel = found;
        return {};
    }

    Status take_named_kernel(const std::string& name) {
        if (is_kernel32(name)) return fail_for_32bit(name);
        files_.kernel = in_prefix(name);
        if (there(files_.kernel)) return {};
        return fail("config.txt names the kernel " + printable(prefix_ + name, 120) +
                        ", which is not on the boot partition",
                    "put it there, or correct kernel= in config.txt");
    }

    static Status fail_for_32bit(const std::string& name) {
        return fail("config.txt asks for " + printable(name, 80) +
                        ", a 32-bit kernel, which cannot be started from here",
                    "put a 64-bit kernel on the disk and arm_64bit=1 into config.txt, or boot "
                    "with iscsi.mode=pivot");
    }

    Status choose_initramfs() {
        for (const std::string& name : config_.initramfs) {
            const std::string path = in_prefix(name);
            if (!there(path)) {
                return fail("config.txt names the initramfs " + printable(prefix_ + name, 120) +
                                ", which is not on the boot partition",
                            "put it there, or correct config.txt");
            }
            files_.initramfs.push_back(path);
        }
        if (!config_.initramfs.empty() || !config_.flag("auto_initramfs", false)) return {};
        // kernel8.img has initramfs8, kernel_2712.img has initramfs_2712.
        const size_t slash = files_.kernel.rfind('/');
        const size_t start = slash == files_.kernel.npos ? 0 : slash + 1;
        std::string name = files_.kernel.substr(start);
        if (!name.starts_with("kernel") || !name.ends_with(".img")) return {};
        name = "initramfs" + name.substr(6, name.size() - 10);
        const std::string path = files_.kernel.substr(0, start) + name;
        if (there(path)) files_.initramfs.push_back(path);
        return {};
    }

    /// device_tree= without a value: none.
    Status choose_tree() {
        if (!config_.values.contains("device_tree")) {
            files_.device_tree = default_tree();
            return {};
        }
        const std::string name = config_.value("device_tree");
        if (name.empty()) return {};
        files_.device_tree = in_prefix(name);
        if (there(files_.device_tree)) return {};
        return fail("config.txt names the device tree " + printable(prefix_ + name, 120) +
                        ", which is not on the boot partition",
                    "put it there, or take device_tree= out of config.txt");
    }

    /// Their files may be missing: overlay_map.dtb has yet to be asked what the names stand for.
    void choose_overlays() {
        std::string folder = config_.value("overlay_prefix", "overlays/");
        // Overlays are shared with the system outside of the prefix unless a README says otherwise.
        if (there(in_prefix(folder + "README"))) folder = prefix_ + folder;
        add_second_stepping(folder);
        for (TreeChange change : config_.tree) {
            if (!change.overlay.empty()) {
                const std::string path = clean_path(folder + change.overlay + ".dtbo");
                if (path.empty()) note_outside(change.overlay);
                change.overlay = path;
            }
            files_.tree_changes.push_back(std::move(change));
        }
    }

    /// The firmware's own doing: config.txt does not name it (raspberrypi/firmware, issue 2018).
    void add_second_stepping(const std::string& folder) {
        const std::string path = clean_path(folder + "bcm2712d0.dtbo");
        const bool has_tree_for_it =
            files_.device_tree.contains("bcm2712d0-") || files_.device_tree.contains("bcm2712-d-");
        if (second_stepping_ && !has_tree_for_it && there(path)) {
            files_.tree_changes.push_back({path, {}});
        }
    }

    void note_outside(const std::string& overlay) {
        files_.notes.push_back("config.txt names the overlay " + printable(overlay, 80) +
                               ", which is not on the boot partition");
    }

    void choose_command_line() {
        const std::string path = in_prefix(config_.value("cmdline", "cmdline.txt"));
        const auto text = there(path) ? folder_.read(path, largest_text) : fail("none");
        if (!text) return;
        files_.command_line = *text;
        files_.command_line_place = path;
    }

    const ConfigTxt& config_;
    const Folder& folder_;
    const BoardType* type_;
    const bool second_stepping_;
    std::string prefix_;
    BootFiles files_;
};

}  // namespace

Result<BootFiles> choose_as_firmware(const ConfigTxt& config, const Folder& folder,
                                     const Board& board) {
    return Choice(config, folder, board).make();
}

DiskWords words_as_firmware(const ConfigTxt& config, const Folder& folder, const Board& board) {
    return Choice(config, folder, board).make_words();
}

}  // namespace bootwire::bootfiles
