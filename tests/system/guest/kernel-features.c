// kernel-features [-u] WHAT [FILE]: asks the kernel for something as programs do, with -u as an
// ordinary user, and prints what came of it: `ok`, or the name of the error. WHAT `run` starts a
// program: FILE WHAT [FILE].
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <linux/taskstats.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define USER 1000
#define MB (1L << 20)

static void become_user(void) {
    if (setgroups(0, NULL) < 0 || setgid(USER) < 0 || setuid(USER) < 0) _exit(3);
}

// The file may open raw sockets from now on: what `setcap cap_net_raw+ep` writes.
static long give_capability(const char* file) {
    struct vfs_cap_data data = {
        .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
        .data[0].permitted = 1 << CAP_NET_RAW,
    };
    return setxattr(file, "security.capability", &data, sizeof data, 0);
}

static long open_raw_socket(const char*) {
    return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 ? -1 : 0;
}

static long load_bpf(const char*) {
    const struct bpf_insn program[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    union bpf_attr what = {
        .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
        .insn_cnt = 2,
        .insns = (uintptr_t)program,
        .license = (uintptr_t)"GPL",
    };
    return syscall(SYS_bpf, BPF_PROG_LOAD, &what, sizeof what) < 0 ? -1 : 0;
}

static long read_kernel_log(const char*) {
    static char text[1 << 16];
    return klogctl(3, text, sizeof text) < 0 ? -1 : 0;  // SYSLOG_ACTION_READ_ALL
}

// Forbids itself to read any file, and tries.
static long confine_by_landlock(const char* file) {
    const struct landlock_ruleset_attr what = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE};
    int rules = syscall(SYS_landlock_create_ruleset, &what, sizeof what, 0);
    if (rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    if (syscall(SYS_landlock_restrict_self, rules, 0) < 0) return -1;
    return open(file, O_RDONLY) < 0 ? -1 : 0;
}

static long handle_page_faults(const char*) {
    struct uffdio_api api = {.api = UFFD_API};
    int faults = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
    return faults < 0 ? -1 : ioctl(faults, UFFDIO_API, &api);
}

static long count_own_time(const char*) {
    struct perf_event_attr what = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof what,
                                   .config = PERF_COUNT_SW_TASK_CLOCK,
                                   .exclude_kernel = 1};
    int counter = syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
    if (counter < 0) return -1;
    for (volatile int i = 0; i < 1000; i++)
        ;
    long long nanoseconds = 0;
    if (read(counter, &nanoseconds, sizeof nanoseconds) < 0) return -1;
    errno = ENODATA;
    return nanoseconds > 0 ? 0 : -1;
}

// A day later than outside.
static long live_in_another_time(const char*) {
    struct timespec outside, inside;
    clock_gettime(CLOCK_BOOTTIME, &outside);
    if (unshare(CLONE_NEWTIME) < 0) return -1;
    int offsets = open("/proc/self/timens_offsets", O_WRONLY);
    if (write(offsets, "boottime 86400 0\n", 17) != 17) return -1;
    int status = 0;
    if (fork() == 0) {
        clock_gettime(CLOCK_BOOTTIME, &inside);
        _exit(inside.tv_sec - outside.tv_sec < 86400);
    }
    wait(&status);
    errno = ETIME;
    return status == 0 ? 0 : -1;
}

static long find_taskstats(const char*) {
    struct {
        struct nlmsghdr head;
        struct genlmsghdr generic;
        struct nlattr attribute;
        char name[12];
    } ask = {
        .head = {.nlmsg_len = sizeof ask, .nlmsg_type = GENL_ID_CTRL, .nlmsg_flags = NLM_F_REQUEST},
        .generic = {.cmd = CTRL_CMD_GETFAMILY, .version = 1},
        .attribute = {.nla_len = NLA_HDRLEN + sizeof TASKSTATS_GENL_NAME,
                      .nla_type = CTRL_ATTR_FAMILY_NAME},
        .name = TASKSTATS_GENL_NAME,
    };
    _Static_assert(sizeof TASKSTATS_GENL_NAME <= sizeof ask.name, "room for the name");
    union {
        struct nlmsghdr head;
        char room[8192];
    } answer;
    int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
    if (send(netlink, &ask, sizeof ask, 0) < 0 || recv(netlink, &answer, sizeof answer, 0) < 0)
        return -1;
    errno = ENOENT;
    return answer.head.nlmsg_type == GENL_ID_CTRL ? 0 : -1;
}

static long reach_audit(const char*) {
    return socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT) < 0 ? -1 : 0;
}

// A user with 1 MB in this file system writes two.
static long exceed_quota(const char* folder) {
    struct dqblk limit = {.dqb_bhardlimit = 1024, .dqb_valid = QIF_BLIMITS};  // in KiB
    int where = open(folder, O_RDONLY | O_DIRECTORY);
    if (syscall(SYS_quotactl_fd, where, QCMD(Q_SETQUOTA, USRQUOTA), USER, &limit) < 0) return -1;
    int file = openat(where, "of-the-user", O_CREAT | O_RDWR, 0666);
    if (file < 0 || fchown(file, USER, USER) < 0) return -1;
    become_user();
    static char block[2 * MB];
    memset(block, 'x', sizeof block);
    ssize_t written = write(file, block, sizeof block);
    if (written > 0 && written < (ssize_t)sizeof block) written = write(file, block, sizeof block);
    return written < 0 || fsync(file) < 0 ? -1 : 0;
}

static long ask_for_huge_pages(const char*) {
    char* memory = mmap(NULL, 8 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || madvise(memory, 8 * MB, MADV_HUGEPAGE) < 0) return -1;
    memset(memory, 1, 8 * MB);
    FILE* maps = fopen("/proc/self/smaps_rollup", "re");
    char line[200];
    long kilobytes = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "AnonHugePages: %ld", &kilobytes) == 1) break;
    }
    errno = ENOMEM;
    return kilobytes > 0 ? 0 : -1;
}

static long ask_before_files_open(const char* file) {
    int notices = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY);
    return notices < 0 ? -1 : fanotify_mark(notices, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, file);
}

static const struct {
    const char* name;
    long (*try)(const char* file);
} features[] = {
    {"give-capability", give_capability},
    {"raw-socket", open_raw_socket},
    {"bpf", load_bpf},
    {"kernel-log", read_kernel_log},
    {"landlock", confine_by_landlock},
    {"page-faults", handle_page_faults},
    {"perf", count_own_time},
    {"time-namespace", live_in_another_time},
    {"taskstats", find_taskstats},
    {"audit", reach_audit},
    {"quota", exceed_quota},
    {"huge-pages", ask_for_huge_pages},
    {"open-permission", ask_before_files_open},
};

int main(int argc, char** argv) {
    int first = 1;
    if (argc > first && strcmp(argv[first], "-u") == 0) {
        become_user();
        first++;
    }
    if (argc <= first) return 2;
    if (strcmp(argv[first], "run") == 0) {
        execv(argv[first + 1], argv + first + 1);
        return 2;
    }
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        if (strcmp(argv[first], features[i].name) != 0) continue;
        puts(features[i].try(argv[first + 1]) < 0 ? strerrorname_np(errno) : "ok");
        return 0;
    }
    return 2;
}
