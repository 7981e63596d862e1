#include "init/usher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/text.h"
#include "control/address.h"
#include "control/server.h"
#include "handoff/prepare_os.h"
#include "init/modprobe.h"
#include "init/programs.h"
#include "keeper/farewell_keeper.h"
#include "keeper/new_run.h"
#include "os/descriptors.h"
#include "os/log.h"
#include "os/process_watch.h"
#include "os/protected_name.h"

namespace bootwire::init {

namespace {

constexpr char process_name[] = "bootwire-usher";
constexpr char ready_word[] = "ready";  // from the child to its parent

int kernel_log = -1;  // see log::Sink

void write_line(const log::Line& line) {
    const bool wrong = line.severity != log::Severity::info;
    const std::string text = (wrong ? "<3>" : "<6>") + std::string(line.whole) + "\n";
    (void)!write(kernel_log, text.data(), text.size());
}

/// Opened while /proc and /run are still where this process sees them.
struct Outside {
    Fd proc;
    Fd run;
    struct stat initramfs{};  ///< its root
};

Outside look_around() {
    Outside outside{Fd(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC)),
                    Fd(open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC)),
                    {}};
    stat("/", &outside.initramfs);
    return outside;
}

/// That of process 1, if it is another one than the initramfs's.
Fd new_root(const Outside& outside) {
    Fd root(openat(outside.proc.get(), "1/root", O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    const bool another =
        fstat(root.get(), &status) == 0 &&
        (status.st_dev != outside.initramfs.st_dev || status.st_ino != outside.initramfs.st_ino);
    return another ? std::move(root) : Fd();
}

/// What the keeper had in our /run, it gets in this one.
Status tell_keeper(const Fd& keeper) {
    auto listening = control::listen_at(control::socket_path);
    if (!listening) return std::unexpected(listening.error());
    auto farewell = keeper::FarewellFiles::open();
    return keeper::send_new_run(
        keeper, {Fd(open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC)), std::move(*listening),
                 std::move(farewell.verbs), std::move(farewell.folder)});
}

Status take_our_things_along(const Outside& outside, const Fd& keeper) {
    handoff::move_into_run(outside.run);
    if (auto installed = install_programs(); !installed) return installed;
    return tell_keeper(keeper);
}

/// Who is told when the system's root is there.
struct Awaiting {
    Fd keeper;
    delivery::Handle modules;
};

void receive(ProcessWatch& process, const handoff::Arrival& arrival, const Outside& outside,
             const Fd& root, const Awaiting& awaiting) {
    const auto run = handoff::enter_root(root, outside.run);
    if (!run) return log::warning(run.error().to_string());
    const std::string program = process.program_path();
    log::info("the disk's initramfs has found its root: " + printable(program, 160) + " starts");
    Status done;
    if (*run == handoff::Run::another) done = take_our_things_along(outside, awaiting.keeper);
    if (done) done = name_our_modprobe();
    if (!done) log::warning(done.error().to_string());
    handoff::prepare_arrived(arrival, program);
    log::info(awaiting.modules.hand_over(""));
    if (!handoff::ends_without_asking("/", program)) return;
    const Status attended = process.be_started_by(attending_program);
    if (!attended) log::warning(attended.error().what + ": the session will not be logged out");
}

/// Whatever process 1 becomes on the way is the initramfs's affair.
void watch(ProcessWatch process, const handoff::Arrival& arrival, const Outside& outside,
           const Awaiting& awaiting) {
    const handoff::CommandLineCover cover = arrival.command_line.empty()
                                                ? handoff::CommandLineCover()
                                                : handoff::CommandLineCover::open();
    while (const auto stop = process.wait()) {
        const Fd root = *stop == ProcessWatch::Stop::exec ? new_root(outside) : Fd();
        if (root.valid()) return receive(process, arrival, outside, root, awaiting);
        cover.renew();
        handoff::keep_interface_name(arrival.interface);
        process.go_on();
    }
}

[[noreturn]] void run(const handoff::Arrival& arrival, const Awaiting& awaiting, Fd parent) {
    setsid();
    (void)chdir("/");
    kernel_log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    const Outside outside = look_around();
    {
        const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
        for (int fd = 0; null.valid() && fd <= 2; ++fd)
            dup2(null.get(), fd);
    }
    close_everything_but({kernel_log, outside.proc.get(), outside.run.get(), awaiting.keeper.get(),
                          awaiting.modules.socket.get(), parent.get()});
    log::start("usher", write_line);
    log::copy_to({});
    for (const int signal_number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM})
        signal(signal_number, SIG_IGN);
    take_protected_name(process_name);
    auto process = ProcessWatch::begin(1);
    const std::string word = process ? ready_word : process.error().what;
    (void)!write(parent.get(), word.data(), word.size());
    parent.reset();
    if (process) watch(std::move(*process), arrival, outside, awaiting);
    _exit(0);
}

std::string text_from(const Fd& child) {
    char buffer[512];
    ssize_t count = 0;
    do {
        count = read(child.get(), buffer, sizeof buffer);
    } while (count < 0 && errno == EINTR);
    return std::string(buffer, count < 0 ? 0 : static_cast<size_t>(count));
}

}  // namespace

Result<pid_t> start_usher(const handoff::Arrival& arrival, Fd keeper, delivery::Handle modules) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("cannot start the usher");
    Fd child_end(ends[1]);
    const Fd parent_end(ends[0]);
    const Awaiting awaiting{std::move(keeper), std::move(modules)};
    const pid_t child = fork();
    if (child < 0) return fail_errno("cannot start the usher");
    if (child == 0) run(arrival, awaiting, std::move(child_end));
    child_end.reset();
    const std::string said = text_from(parent_end);
    if (said == ready_word) return child;
    return fail("the usher does not start: " + (said.empty() ? "it has ended" : said));
}

}  // namespace bootwire::init
