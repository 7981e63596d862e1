// Disks as USB mass storage: what is written into configfs, in which order. Sources:
// Documentation/usb/gadget_configfs.rst and
// Documentation/ABI/testing/configfs-usb-gadget-mass-storage. No I/O: see usb_device.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bootwire::handoff {

/// The kernel's mass storage function shows at most this many disks (FSG_MAX_LUNS).
inline constexpr size_t most_gadget_disks = 16;

struct GadgetDisk {
    std::string device;  ///< "/dev/sda", or a file
    bool read_only = false;
    std::string inquiry;  ///< what SCSI INQUIRY says, as inquiry_string() makes it
};

struct Gadget {
    std::string manufacturer;
    std::string product;
    std::string serial;
    bool can_stall = true;          ///< controller_can_stall()
    std::vector<GadgetDisk> disks;  ///< 1 to most_gadget_disks
};

/// One step of setting a gadget up. Paths are relative to the gadget's folder; "" is that folder.
struct GadgetStep {
    enum class Kind {
        make_directory,
        write,  ///< value into the attribute at path
        link,   ///< at path, to value
    };
    Kind kind;
    std::string path;
    std::string value;

    bool operator==(const GadgetStep&) const = default;
};

/// Can so many disks be shown?
Status check_disk_count(size_t disks);

/// Can a controller with this driver halt a bulk endpoint when there is nothing to say, so that the
/// host goes on? dwc2, which is every Raspberry Pi's, can't: the host resets the bus instead
/// (raspberrypi/linux, issues 7452, 6246 and 2962).
bool controller_can_stall(std::string_view driver);

/// All steps but the last one, the name of the controller into the attribute "UDC". A disk's `ro`
/// comes before its `file`: it can't be changed while the file is open.
std::vector<GadgetStep> gadget_steps(const Gadget& gadget);

/// Where the number of a disk is its place in Gadget::disks.
std::string lun_folder(size_t number);

/// 28 characters: vendor 8, product 16, revision 4 (SPC-4 section 6.6.2), padded and cut.
std::string inquiry_string(const std::string& vendor, const std::string& product,
                           const std::string& revision);

/// A text as a USB string descriptor can have it: printable ASCII, at most 126 characters (USB 2.0
/// section 9.6.7), and never empty.
std::string usb_string(const std::string& text, const std::string& if_empty);

/// The serial number by which a host tells this disk from others: the same for the same target and
/// board, different for another one. At least 12 characters of 0–9 and A–F, as the USB mass storage
/// class wants them (Bulk-Only Transport section 4.1.1).
std::string gadget_serial(const std::string& board_serial, const std::string& target);

}  // namespace bootwire::handoff
