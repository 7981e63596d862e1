#include "init/usb_stage.h"

#include <signal.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "block/counters.h"
#include "board/cpus.h"
#include "board/ending.h"
#include "control/address.h"
#include "control/client.h"
#include "control/ending.h"
#include "handoff/usb_device.h"
#include "handoff/usb_watch.h"
#include "init/attached_disk.h"
#include "init/keeping.h"
#include "keeper/keeper.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "session/start.h"
#include "topics/topic.h"

namespace bootwire::init {

namespace {

using namespace std::chrono_literals;

constexpr char project_name[] = "bootwire";
/// Kilobytes. The kernel's gadget reads 16 KB at a time and waits for each: what is read ahead is
/// what keeps the network busy.
constexpr unsigned read_ahead_kb = 2048;
constexpr Milliseconds keeper_answers_within = 90min;  // it has limits of its own

/// "pi4-root" of "iqn.2024-01.lan.home:pi4-root": what a person calls the disk.
std::string short_name(const std::string& target) {
    return target.substr(target.rfind(':') + 1);  // npos + 1 is 0
}

bool is_read_only(const session::ScsiDisk& disk) {
    const auto flag = read_file("/sys/class/block/" + disk.name + "/ro", 16);
    return flag && trim(*flag) == "1";
}

handoff::Gadget describe(const Online& at, const UsbDisks& usb, const board::Board& board) {
    const std::string& target = at.session.account.target;
    handoff::Gadget gadget;
    gadget.manufacturer = handoff::usb_string(project_name, project_name);
    gadget.product = handoff::usb_string(short_name(target), "iSCSI disk");
    gadget.serial = handoff::gadget_serial(board.serial, target);
    for (const session::ScsiDisk& disk : usb.disks) {
        const std::string name =
            short_name(target) +
            (usb.disks.size() > 1 ? " " + std::to_string(disk.device.lun) : std::string());
        gadget.disks.push_back({"/dev/" + disk.name,
                                at.plan.usb_read_only.value || is_read_only(disk),
                                handoff::inquiry_string(project_name, name, "1")});
    }
    return gadget;
}

/// While it lives, SIGINT (which Ctrl-Alt-Del becomes) and SIGTERM are wishes that can be asked
/// for.
class Farewells {
  public:
    Farewells() {
        reboot(RB_DISABLE_CAD);
        sigemptyset(&wanted_);
        sigaddset(&wanted_, SIGINT);
        sigaddset(&wanted_, SIGTERM);
        sigprocmask(SIG_BLOCK, &wanted_, nullptr);
        signals_.reset(signalfd(-1, &wanted_, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    Farewells(const Farewells&) = delete;
    Farewells& operator=(const Farewells&) = delete;
    ~Farewells() {
        sigprocmask(SIG_UNBLOCK, &wanted_, nullptr);
        reboot(RB_ENABLE_CAD);
    }

    /// How to end, if it is time to.
    std::optional<board::Verb> asked() const {
        signalfd_siginfo info{};
        if (read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
            return std::nullopt;
        }
        return info.ssi_signo == SIGTERM ? board::Verb::poweroff : board::Verb::reboot;
    }

  private:
    sigset_t wanted_;
    Fd signals_;
};

/// When it goes, the machine ends at once again where somebody asks for it.
class Restored {
  public:
    explicit Restored(People& people) : people_(people) {}
    Restored(const Restored&) = delete;
    Restored& operator=(const Restored&) = delete;
    ~Restored() { people_.end = board::end_machine; }

  private:
    People& people_;
};

bool state_is(const std::string& path, std::string_view wanted) {
    const auto text = read_file(path, 64);
    return text && trim(*text) == wanted;
}

/// taken: which disks have been taken out here, rather than ejected by the computer.
handoff::UsbSample look(const Online& at, const UsbDisks& usb, const handoff::UsbDevice& device,
                        const std::vector<bool>& taken) {
    handoff::UsbSample sample;
    sample.host = device.host();
    sample.speed = device.speed();
    for (size_t number = 0; number < usb.disks.size(); ++number)
        sample.ejected |= !taken[number] && device.is_empty(number);
    const std::string sid = std::to_string(at.session.handle.sid);
    sample.connected = state_is("/sys/class/iscsi_session/session" + sid + "/state", "LOGGED_IN");
    for (const session::ScsiDisk& disk : usb.disks) {
        const std::string block = "/sys/class/block/" + disk.name;
        if (const auto stat = read_file(block + "/stat", 1024)) {
            const auto counters = block::parse_counters(*stat).value_or(block::Counters{});
            sample.traffic.read += counters.read_bytes;
            sample.traffic.written += counters.written_bytes;
        }
        sample.disk_is_lost |= state_is(block + "/device/state", "transport-offline");
    }
    return sample;
}

/// Changes `taken` where it has done something. What can't be put back is tried again the next
/// time.
void apply(handoff::UsbWatch::Medium medium, const UsbDisks& usb, handoff::UsbDevice& device,
           std::vector<bool>& taken) {
    using Medium = handoff::UsbWatch::Medium;
    const bool again = medium == Medium::leave;
    const bool out = medium == Medium::take_out;
    for (size_t number = 0; number < usb.disks.size(); ++number) {
        if (out == device.is_empty(number)) continue;
        if (medium != Medium::put_in && !out && !taken[number]) continue;
        const auto done =
            out ? device.take_out(number) : device.put_in(number, "/dev/" + usb.disks[number].name);
        if (done) {
            taken[number] = out;
        } else if (!again) {
            log::warning(done.error().to_string());
        }
    }
}

/// The keeper gives up a target that stays away: until then, or until it is back, the computer's
/// last accesses wait, and with them the end.
void announce_end(board::Verb verb, board::Watchdog& watchdog) {
    watchdog.expect_progress_within(keeper_answers_within);
    const auto told = control::ask(
        control::socket_path,
        std::string(control::ending_request) + std::string(board::to_string(verb)), 10s);
    if (!told) log::warning(told.error().what);
}

/// Serves until there is a reason to end: a wish, or an error.
Result<board::Verb> serve(const Online& at, const UsbDisks& usb, handoff::UsbDevice& device,
                          pid_t keeper, Machine& machine) {
    const Farewells farewells;
    std::optional<board::Verb> typed;  // at the rescue console
    machine.people.end = [&typed](board::Verb verb) { typed = verb; };
    const Restored ends_at_once(machine.people);
    handoff::UsbWatch watch;
    std::vector<bool> taken(usb.disks.size());
    for (;;) {
        machine.on_progress()();
        const handoff::UsbSample sample = look(at, usb, device, taken);
        const auto verdict = watch.look(sample, now());
        for (const std::string& line : verdict.lines)
            log::info(line);
        if (!verdict.status.empty()) machine.telling.progress.detail(verdict.status);
        if (verdict.medium != handoff::UsbWatch::Medium::leave || !sample.disk_is_lost) {
            apply(verdict.medium, usb, device, taken);
        }
        if (const auto how = typed ? typed : farewells.asked()) {
            announce_end(*how, machine.watchdog);
            return *how;
        }
        if (waitpid(keeper, nullptr, WNOHANG) == keeper) {
            // Nobody gets a lost session back: what waits for it would wait for ever.
            session::drop_from_kernel(at.session.kernel, at.session.handle);
            return fail_for_now("the process that keeps the session has ended");
        }
        if (machine.people.retry_wanted) {
            return fail_for_now("the disks were taken out, to begin again with what was said");
        }
        machine.people.wait(1s);
    }
}

Result<board::Verb> show_and_serve(const Online& at, const UsbDisks& usb, pid_t keeper,
                                   Machine& machine) {
    auto device = handoff::UsbDevice::show(describe(at, usb, machine.board));
    if (!device) return std::unexpected(device.error());
    log::info("showing " + std::to_string(usb.disks.size()) +
              (usb.disks.size() == 1 ? " disk" : " disks") + " at the USB port");
    log::info("timeline: " + machine.telling.timeline.to_string());
    return serve(at, usb, *device, keeper, machine);
}

/// Has the keeper end the session. The disks are not shown any more.
void log_out(board::Verb verb) {
    const auto told =
        control::ask(control::socket_path,
                     std::string(control::log_out_request) + std::string(board::to_string(verb)),
                     keeper_answers_within);
    if (!told) return log::warning("not logged out: " + told.error().what);
    for (const std::string_view line : split(*told, '\n')) {
        if (!line.empty()) log::info(printable(line));
    }
}

}  // namespace

Status check_usb_disks(size_t count, plan::Exclusive exclusive) {
    if (exclusive != plan::Exclusive::no && count > 1) {
        return about(Topic::too_many_disks,
                     fail("iscsi.exclusive can reserve one disk, and the target shows " +
                              std::to_string(count),
                          "name the LUN in the root path or with iscsi.lun="));
    }
    return handoff::check_disk_count(count);
}

Result<UsbDisks> find_usb_disks(const Online& at, Progress& progress,
                                const std::function<void()>& on_progress) {
    if (auto port = handoff::UsbDevice::check_port(); !port) return std::unexpected(port.error());
    UsbDisks found;
    if (!at.plan.lun.given()) {
        auto all = session::attach_all_disks(at.session.handle, on_progress);
        if (!all) return std::unexpected(all.error());
        found.disks = std::move(*all);
    } else {
        const session::LunChoice choice{at.plan.lun.value.to_linux(), at.plan.strict.value};
        auto disk = session::attach_disk(at.session.handle, choice, on_progress);
        if (!disk) return std::unexpected(disk.error());
        found.disks.push_back(std::move(*disk));
    }
    if (auto few = check_usb_disks(found.disks.size(), at.plan.exclusive.value); !few) {
        return std::unexpected(few.error());
    }
    auto hold = reserve(found.disks.front(), at.plan.exclusive.value, at.machine_id);
    if (!hold) return std::unexpected(hold.error());
    found.hold = *hold;
    for (const session::ScsiDisk& disk : found.disks) {
        set_read_ahead(disk.name, read_ahead_kb);
        log::info(disk.device.to_string() + " is /dev/" + disk.name);
    }
    progress.detail(found.disks.size() == 1 ? found.disks.front().device.to_string()
                                            : std::to_string(found.disks.size()) + " disks");
    return found;
}

Error serve_over_usb(const Online& at, const UsbDisks& usb, Machine& machine) {
    if (const auto running = board::start_all_cpus(); !running) {
        log::warning(running.error().to_string());
    }
    auto state = keeper_state(at, usb.disks.front(), usb.hold, machine.telling, {});
    machine.watchdog.disarm();  // no second thread may run while the keeper becomes a process
    const auto keeper = keeper::start_keeper(std::move(state));
    machine.watchdog.start_again();
    if (!keeper) return keeper.error();
    const auto how = show_and_serve(at, usb, *keeper, machine);
    if (!how) {
        keeper::stop_keeper(*keeper);
        return how.error();
    }
    sync();
    log_out(*how);
    log::info(std::string(board::to_string(*how)));
    board::end_machine(*how);
    return fail_errno("cannot restart").error();
}

}  // namespace bootwire::init
