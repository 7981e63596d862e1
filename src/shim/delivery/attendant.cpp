#include "delivery/attendant.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/text.h"
#include "delivery/announce.h"
#include "delivery/fetch.h"
#include "delivery/image.h"
#include "delivery/place.h"
#include "delivery/report.h"
#include "os/clock.h"
#include "os/descriptors.h"
#include "os/event_loop.h"
#include "os/file.h"
#include "os/log.h"
#include "os/protected_name.h"

namespace bootwire::delivery {

namespace {

using namespace std::chrono_literals;

constexpr char process_name[] = "bootwire-modules";
constexpr int niceness = 15;
constexpr Milliseconds answers_within = 3s;
constexpr Milliseconds first_pause = 5s;
constexpr unsigned most_rounds = 5;
constexpr Milliseconds switch_takes = 100ms;    // looked after again so long
constexpr Milliseconds settles_within = 200ms;  // of mounts that follow one another
constexpr size_t card_piece = 256 * 1024;
constexpr size_t longest_line = 1024;

int kernel_log = -1;

void write_line(const log::Line& line) {
    const bool wrong = line.severity != log::Severity::info;
    const std::string text = (wrong ? "<4>" : "<6>") + std::string(line.whole) + "\n";
    (void)!write(kernel_log, text.data(), text.size());
}

std::string release_of_kernel() {
    utsname running{};
    uname(&running);
    return running.release;
}

std::string report_of_disk(const std::string& root, const std::string& release) {
    Report report{Report::Kind::of_disk, release};
    report.seen_at = system_folder(release);
    report.count = count_modules(table_in_root(root, release));
    (void)replace_file(report_path, in_words(report));
    return in_one_line(report);
}

/// What came of an attempt to give the modules their place.
enum class Outcome : char {
    over = 'o',     ///< nothing more is to be done
    for_now = 'n',  ///< the root can't be written to yet
    later = 'l',    ///< they have not come yet
    no_root = 'r',  ///< process 1 has not switched yet
};

struct Acted {
    Outcome outcome = Outcome::over;
    std::string line;
};

class Attendant {
  public:
    Attendant(Orders orders, Fd card, Fd socket, Fd proc, Image image)
        : release_(release_of_kernel()),
          orders_(std::move(orders)),
          card_(std::move(card)),
          socket_(std::move(socket)),
          proc_(std::move(proc)),
          image_(std::move(image)),
          most_(most_image_bytes()) {}

    [[noreturn]] void run();

  private:
    enum class State : uint8_t { fetching, here, failed };

    void begin_round();
    void fetch_next();
    void read_card();
    void ended(const std::string& source, const Status& status);
    void take_file(const std::string& source);
    void give_up_or_try_again();
    void settle(State state);

    void take_order();
    Acted act(const std::string& root, bool late);
    Acted work(std::string root, bool late) const;
    bool enter_root_of_system() const;
    void deliver();
    void watch_mounts();

    const std::string release_;
    const Orders orders_;
    Fd card_;
    Fd socket_;  // none: the system runs
    const Fd proc_;
    Image image_;
    const uint64_t most_;
    EventLoop loop_;
    State state_ = State::fetching;
    std::string source_;  // the present one
    std::string why_;     // there are none
    size_t next_ = 0;
    unsigned round_ = 0;
    bool waiting_helps_ = false;
    std::unique_ptr<Fetch> fetch_;
    bool placed_ = false;
    bool done_with_ = false;  // unless there is another root
    Fd mounts_;
    bool look_again_ = false;
};

void Attendant::run() {
    // For who asks before there is more to tell.
    if (make_directories("/run/bootwire")) {
        (void)replace_file(report_path, in_words({Report::Kind::on_the_way, release_}));
    }
    loop_.watch(socket_.get(), [this] { take_order(); });
    begin_round();
    for (;;)
        loop_.run_once(now() + 1h);
}

// -- fetching

void Attendant::begin_round() {
    if (state_ != State::fetching) return;
    next_ = 0;
    why_.clear();
    waiting_helps_ = false;
    if (card_.valid()) return read_card();
    fetch_next();
}

void Attendant::read_card() {
    if (state_ != State::fetching) return;
    source_ = std::string(file_name) + " of the SD card";
    static uint8_t buffer[card_piece];
    const ssize_t count = read(card_.get(), buffer, sizeof buffer);
    Status done = count < 0 ? fail_errno("cannot read it") : Status();
    if (count > 0) done = image_.append(Bytes(buffer).first(static_cast<size_t>(count)));
    if (done && image_.size() > most_) done = fail("it is too large");
    if (done && count > 0) {
        loop_.at(now(), [this] { read_card(); });
        return;
    }
    card_.reset();
    ended(source_, done);
}

void Attendant::fetch_next() {
    image_.clear();
    if (next_ == orders_.sources.size()) return give_up_or_try_again();
    const Url& url = orders_.sources[next_++];
    source_ = url.to_string();
    fetch_ =
        std::make_unique<Fetch>(loop_, url, orders_.name_servers, most_,
                                Fetch::Owner{[this](Bytes bytes) { return image_.append(bytes); },
                                             [this](const Fetch::Outcome& outcome) {
                                                 fetch_.reset();
                                                 ended(source_, outcome.status);
                                             }});
}

void Attendant::ended(const std::string& source, const Status& status) {
    Status usable = status;
    if (usable && !image_.is(orders_.sha256)) {
        usable = fail("it is not the file that was made with this Image.gz");
    }
    if (usable) return settle(State::here);
    const Error& error = usable.error();
    waiting_helps_ = waiting_helps_ || error.remedy == Remedy::waiting_helps;
    why_ += (why_.empty() ? "" : "; ") + source + ": " + error.to_string();
    fetch_next();
}

void Attendant::give_up_or_try_again() {
    if (waiting_helps_ && ++round_ < most_rounds) {
        loop_.at(now() + first_pause * (1 << (round_ - 1)), [this] { begin_round(); });
        return;
    }
    if (why_.empty()) why_ = orders_.nowhere;
    settle(State::failed);
}

void Attendant::settle(State state) {
    state_ = state;
    if (!socket_.valid()) deliver();
}

// -- giving them their place

/// In a process of its own: it may wait for the disk, and holds nothing of it in the end.
Acted Attendant::act(const std::string& root, bool late) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return {};
    const Fd result(ends[0]);
    Fd told(ends[1]);
    const pid_t child = fork();
    if (child == 0) {
        const Acted acted = work(root, late);
        const std::string text = static_cast<char>(acted.outcome) + acted.line;
        (void)!write(told.get(), text.data(), std::min(text.size(), longest_line));
        _exit(0);
    }
    told.reset();
    char text[longest_line];
    const ssize_t count = child < 0 ? -1 : read(result.get(), text, sizeof text);
    if (child > 0) waitpid(child, nullptr, 0);
    if (count < 1) return {Outcome::over, "kernel modules: what places them has ended"};
    return {static_cast<Outcome>(text[0]), std::string(text + 1, static_cast<size_t>(count - 1))};
}

bool Attendant::enter_root_of_system() const {
    struct stat ours{}, theirs{};
    const Fd root(openat(proc_.get(), "1/root", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const bool another = root.valid() && stat("/", &ours) == 0 && fstat(root.get(), &theirs) == 0 &&
                         (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino);
    return another && fchdir(root.get()) == 0 && chroot(".") == 0 && chdir("/") == 0;
}

Acted Attendant::work(std::string root, bool late) const {
    if (root.empty()) {
        if (!enter_root_of_system()) return {Outcome::no_root, ""};
        root = "/";
    }
    const bool there = has_modules(root, release_);
    const bool ours = access((own_folder(release_) + "/modules.dep").c_str(), F_OK) == 0;
    if (there && !ours) return {Outcome::over, report_of_disk(root, release_)};

    Report report{Report::Kind::none, release_, source_};
    report.why = why_;
    Outcome outcome = Outcome::over;
    if (state_ == State::fetching) {
        report.kind = Report::Kind::on_the_way;
        outcome = Outcome::later;
    } else if (state_ == State::here) {
        const auto placed = place(image_.file(), root, release_);
        report.kind = Report::Kind::in_memory;
        report.bytes = image_.size();
        report.why.clear();
        report.count = count_modules(table_in_root("/run/bootwire", release_));
        if (report.count == 0) report.kind = Report::Kind::none;
        if (placed) {
            report.seen_at = system_folder(release_);
            if (*placed == Place::for_now) outcome = Outcome::for_now;
        } else {
            report.why = placed.error().to_string();
            if (report.count > 0) report.why += "; modprobe -d /run/bootwire finds them";
        }
        if (report.count > 0 && late) announce_modules(own_folder(release_));
    }
    (void)replace_file(report_path, in_words(report));
    return {outcome, in_one_line(report)};
}

void Attendant::take_order() {
    char text[256];
    const ssize_t count = recv(socket_.get(), text, sizeof text, 0);
    if (count < 1) {  // whoever could tell of a root is gone: the system runs
        loop_.unwatch(socket_.get());
        socket_.reset();
        if (done_with_) _exit(0);
        if (state_ != State::fetching) deliver();
        return;
    }
    const Moment began = now();
    const Acted acted = act(std::string(text + 1, static_cast<size_t>(count - 1)), false);
    // Nobody has waited for longer: the root may have been moved meanwhile.
    const bool in_time = now() < began + answers_within;
    (void)send(socket_.get(), acted.line.data(), acted.line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    placed_ = in_time && state_ == State::here;
    done_with_ = in_time && acted.outcome == Outcome::over;
    if (done_with_ && state_ == State::fetching) {  // the disk has them
        state_ = State::failed;
        fetch_.reset();
    }
}

/// The system runs.
void Attendant::deliver() {
    const Acted acted = act("", !placed_);
    if (acted.outcome == Outcome::no_root) {
        loop_.at(now() + switch_takes, [this] { deliver(); });
        return;
    }
    if (!std::exchange(placed_, true)) log::info(acted.line);
    if (acted.outcome != Outcome::for_now) _exit(0);
    if (!mounts_.valid()) watch_mounts();
}

/// Until the system has made its root writable. poll(2) tells of changes (proc_pid_mountinfo(5)).
void Attendant::watch_mounts() {
    mounts_.reset(openat(proc_.get(), "self/mountinfo", O_RDONLY | O_CLOEXEC));
    if (!mounts_.valid()) _exit(1);
    loop_.watch(
        mounts_.get(),
        [this] {
            if (std::exchange(look_again_, true)) return;
            loop_.at(now() + settles_within, [this] {
                look_again_ = false;
                deliver();
            });
        },
        POLLPRI);
}

[[noreturn]] void run(Orders orders, Fd card, Fd socket) {
    setsid();
    kernel_log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    Fd proc(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    {
        const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
        for (int fd = 0; null.valid() && fd <= 2; ++fd)
            dup2(null.get(), fd);
    }
    close_everything_but({kernel_log, proc.get(), socket.get(), card.get()});
    log::start("modules", write_line);
    log::copy_to({});
    signal(SIGPIPE, SIG_IGN);
    take_protected_name(process_name);
    setpriority(PRIO_PROCESS, 0, niceness);
    auto image = Image::make();
    if (!image) _exit(1);
    Attendant(std::move(orders), std::move(card), std::move(socket), std::move(proc),
              std::move(*image))
        .run();
}

/// For a kernel that has nothing to fetch.
std::string report_without(const std::string& root, const std::string& why) {
    const std::string release = release_of_kernel();
    if (has_modules(root, release)) return report_of_disk(root, release);
    Report report{Report::Kind::none, release};
    report.why = why;
    (void)replace_file(report_path, in_words(report));
    return in_one_line(report);
}

std::string key_of(const Orders& orders) {
    std::string text = orders.sha256;
    for (const Url& source : orders.sources)
        text += " " + source.to_string();
    return text;
}

}  // namespace

Handle Handle::another() const {
    return {Fd(fcntl(socket.get(), F_DUPFD_CLOEXEC, 0)), left_out};
}

std::string Handle::hand_over(const std::string& root) const {
    if (!socket.valid()) return report_without(root.empty() ? "/" : root, left_out);
    const std::string order = "@" + root;  // an empty message would be an end
    char line[longest_line];
    pollfd polled{socket.get(), POLLIN, 0};
    const bool answered =
        send(socket.get(), order.data(), order.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0 &&
        poll(&polled, 1, static_cast<int>(answers_within.count())) > 0;
    const ssize_t count = answered ? recv(socket.get(), line, sizeof line, MSG_DONTWAIT) : -1;
    if (count < 1) return "kernel modules: on the way, if at all";
    return std::string(line, static_cast<size_t>(count));
}

void Delivery::begin(Orders orders, const std::function<Fd()>& open_card) {
    std::string wanted = key_of(orders);
    if (attendant_ > 0 && wanted == orders_) return;
    leave_out("the process that fetches them does not start");
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
    Fd ours(ends[0]), theirs(ends[1]), card = open_card();
    attendant_ = fork();
    if (attendant_ < 0) return;
    if (attendant_ == 0) run(std::move(orders), std::move(card), std::move(theirs));
    orders_ = std::move(wanted);
    handle_ = {std::move(ours), {}};
}

void Delivery::stop() {
    if (attendant_ > 0) {
        kill(attendant_, SIGKILL);
        waitpid(attendant_, nullptr, 0);
    }
    attendant_ = -1;
    handle_ = {};
}

void Delivery::leave_out(std::string why) {
    stop();
    handle_.left_out = std::move(why);
}

}  // namespace bootwire::delivery
