// Moments of boots, as the splash gets them.
#pragma once

#include <array>

#include "screen/view.h"

namespace bootwire::screen {

using namespace std::chrono_literals;

inline constexpr Moment view_time{61400};

inline View begun() {
    View view;
    view.version = "0.1.0";
    view.board = "Raspberry Pi 4 Model B Rev 1.4";
    view.serial = "10000000abcdef01";
    for (const char* name : {"Network", "Target", "Disk", "System"})
        view.steps.push_back({name});
    return view;
}

inline View booting() {
    View view = begun();
    view.steps[0] = {"Network", Step::State::done, "eth0: address 192.168.1.77/24 from 192.168.1.1",
                     Moment(900), Moment(4130)};
    view.steps[1] = {"Target", Step::State::done,
                     "iqn.2024-01.lan.home:pi4-root at 192.168.1.10:3260", Moment(4130),
                     Moment(4190)};
    view.steps[2] = {"Disk", Step::State::running, "LUN 1: disk, IET VIRTUAL-DISK", Moment(4190)};
    return view;
}

inline View starting() {
    View view = booting();
    view.steps[2] = {"Disk", Step::State::done,
                     "/dev/sda2: partition 2, ext4 \"rootfs\": root=PARTUUID=1a2b3c4d-02 in the "
                     "disk's cmdline.txt",
                     Moment(4190), Moment(4420)};
    view.steps[3] = {"System", Step::State::running, "", Moment(4420)};
    return view;
}

inline View updating() {
    View view = begun();
    view.notice = Notice{Notice::Kind::work,
                         "EEPROM update: leave the power on",
                         "the Pi restarts, its firmware writes the EEPROM, and it starts once more",
                         "the Pi boots from SD card, USB, again from the start (0xf41); after this "
                         "it boots from SD card, network, USB, again from the start (0xf421)",
                         "",
                         Moment(1300)};
    return view;
}

inline View waiting() {
    View view = begun();
    view.steps[0] = {"Network", Step::State::running, "eth0: wired interface", Moment(900)};
    view.notice = Notice{Notice::Kind::wait,
                         "No link",
                         "eth0: no link",
                         "check the cable and the switch",
                         "https://example.org/help#no-link",
                         Moment(900)};
    return view;
}

inline View failed() {
    View view = booting();
    view.steps[1].state = Step::State::failed;
    view.steps[2] = {"Disk"};
    view.notice =
        Notice{Notice::Kind::failure,
               "User name or secret is refused",
               "login to iqn.2024-01.lan.home:pi4-root at 192.168.1.10:3260: authentication "
               "failed (status 0201)",
               "check user name and secret, here and on the target",
               "https://example.org/bootwire/troubleshooting#user-name-or-secret-is-refused",
               Moment(60000),
               3,
               Moment(68000),
               "Enter on a keyboard: rescue console; at the USB port: help disk"};
    return view;
}

/// Everything as long as it can get.
inline View overflowing() {
    View view = failed();
    const std::string word(400, 'w');
    view.version = word;
    view.board = word + " " + word;
    view.serial = word;
    for (Step& step : view.steps)
        step = {word, Step::State::done, word + " x " + word, Moment(1), Moment(9000000)};
    view.steps[3].state = Step::State::running;
    view.notice->title = word;
    view.notice->text = word + " and some shorter words " + word;
    view.notice->hint = word + " " + word + " " + word;
    view.notice->attempt = 1000000;
    view.notice->next_attempt = Moment(1000000000);
    view.notice->help = word + " " + word;
    view.notice->link = "https://example.org/" + std::string(86, 'x');
    return view;
}

struct NamedView {
    const char* name;
    View (*make)();
    Moment time = view_time;  ///< of its picture
};
inline constexpr std::array named_views{
    NamedView{"begun", begun},
    NamedView{"booting", booting},
    NamedView{"starting", starting, Moment(4500)},
    NamedView{"updating", updating, Moment(3400)},
    NamedView{"waiting", waiting},
    NamedView{"failed", failed},
    NamedView{"overflowing", overflowing},
};

}  // namespace bootwire::screen
