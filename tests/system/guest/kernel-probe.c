// /probe: PID 1 of the kernel tests. Each word after `probe=` on the command line is one thing
// to do; what came of it goes to the console as a line `probe: NAME VALUE`.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define SECRETS "/proc/cmdline_secrets"

static void say(const char* name, const char* value) {
    char line[3000];
    int n = snprintf(line, sizeof line, "probe: %s %s\n", name, value);
    if (write(1, line, n) != n) _exit(1);
}

static void say_errno(const char* name, long result) {
    say(name, result < 0 ? strerrorname_np(errno) : "ok");
}

// The file's bytes, NULs included; -1 if it can't be opened.
static ssize_t slurp(const char* path, char* buffer, size_t size) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) return -1;
    size_t used = 0;
    ssize_t n;
    while (used < size && (n = read(fd, buffer + used, size - used)) > 0)
        used += n;
    close(fd);
    return used;
}

static void say_file(const char* name, const char* path) {
    char text[2500];
    ssize_t n = slurp(path, text, sizeof text - 1);
    if (n < 0) {
        say_errno(name, -1);
        return;
    }
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == 0))
        n--;
    text[n] = 0;
    for (char* c = text; *c; c++)
        if (*c == '\n') *c = '|';
    say(name, text);
}

// Secrets in these tests all contain the word MARKER.
static void say_marker(const char* name, const char* data, ssize_t size) {
    say(name, size < 0                          ? "unreadable"
              : memmem(data, size, "MARKER", 6) ? "shows the secret"
                                                : "clean");
}

static void look_for_secrets(void) {
    static char data[1 << 20];
    mkdir("/proc2", 0755);
    mount("proc", "/proc2", "proc", 0, NULL);
    say_file("cmdline", "/proc/cmdline");
    const char* const places[] = {"/proc/cmdline", "/proc2/cmdline",
                                  "/proc/device-tree/chosen/bootargs", "/sys/firmware/fdt"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        say_marker(places[i], data, slurp(places[i], data, sizeof data));
    say_marker("dmesg", data, klogctl(3, data, sizeof data));

    struct stat st;
    say("bootargs-length", stat("/proc/device-tree/chosen/bootargs", &st)
                               ? "?"
                               : (sprintf(data, "%ld", (long)st.st_size), data));

    if (stat(SECRETS, &st) == 0) {
        sprintf(data, "%o", st.st_mode & 07777);
        say("mode", data);
    }
    if (fork() == 0) {  // root, but not the first process
        say_errno("child", open(SECRETS, O_RDONLY));
        _exit(0);
    }
    wait(NULL);
    say_file("secrets", SECRETS);
    say_errno("again", open(SECRETS, O_RDONLY));
    for (int i = 0; i < 100 && stat(SECRETS, &st) == 0; i++)
        usleep(10000);
    say_errno("afterwards", stat(SECRETS, &st));
}

static long kexec_load(const char* cmdline) {
    int kernel = open("/Image", O_RDONLY), initrd = open("/second.cpio", O_RDONLY);
    long r = syscall(SYS_kexec_file_load, kernel, initrd, strlen(cmdline) + 1, cmdline,
                     16UL /* KEXEC_FILE_NO_CMA, as src/shim/kexec/load.cpp */);
    close(kernel);
    close(initrd);
    return r;
}

// Brings CPUs 1… to the state "online" the way that works with a spin-table and with PSCI.
static void start_cpus(void) {
    char states[4000], path[64];
    ssize_t n = slurp("/sys/devices/system/cpu/hotplug/states", states, sizeof states - 1);
    states[n < 0 ? 0 : n] = 0;
    char* end = strstr(states, ": online\n");
    if (!end) return say("states", "have no online");
    char* number = end;
    while (number > states && number[-1] != '\n')
        number--;
    while (*number == ' ')
        number++;
    for (int cpu = 1; cpu < 8; cpu++) {
        sprintf(path, "/sys/devices/system/cpu/cpu%d/hotplug/target", cpu);
        int fd = open(path, O_WRONLY);
        if (fd < 0) continue;
        if (write(fd, number, end - number) < 0) say_errno(path, -1);
        close(fd);
    }
}

static void load_module(const char* name) {
    char path[100];
    snprintf(path, sizeof path, "/modules/%s.ko.xz", name);
    int fd = open(path, O_RDONLY);
    // 4: MODULE_INIT_COMPRESSED_FILE
    if (syscall(SYS_finit_module, fd, "", 4) < 0 && errno != EEXIST) {
        say_errno(name, -1);
    } else {
        say("loaded", name);
    }
    close(fd);
}

// Every module of the initramfs, each after those that the index names behind it.
static void load_modules(void) {
    static char index[1 << 16];
    char *line_end, *word_end;
    slurp("/modules/index", index, sizeof index - 1);
    for (char* line = strtok_r(index, "\n", &line_end); line;
         line = strtok_r(NULL, "\n", &line_end)) {
        char* colon = strchr(line, ':');
        if (!strncmp(line, "alias ", 6) || !colon) continue;
        *colon = 0;
        for (char* dep = strtok_r(colon + 1, " ", &word_end); dep;
             dep = strtok_r(NULL, " ", &word_end))
            load_module(dep);
        load_module(line);
    }
}

// Whether the firmware says what a Pi 3's boot ROM boots from.
static void look_at_boot_mode(void) {
    const char* const path =
        "/sys/bus/platform/drivers/raspberrypi-firmware/firmware:rpi-firmware/otp_boot_mode";
    char text[64];
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fstat(fd, &st) == 0) say("mode", st.st_mode == (S_IFREG | 0400) ? "400" : "other");
    say_errno("boot-mode", read(fd, text, sizeof text));
}

int main(void) {
    char cmdline[2500] = "";
    // The kernel's own lines would come in the middle of ours; they stay in its log.
    klogctl(8, NULL, 1);
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    slurp("/proc/cmdline", cmdline, sizeof cmdline - 1);
    const char* todo = strstr(cmdline, "probe=");
    char words[200] = "";
    if (todo) sscanf(todo + 6, "%199s", words);
    char* rest;
    for (char* word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        if (!strcmp(word, "secrets")) {
            look_for_secrets();
        } else if (!strcmp(word, "online")) {
            say_file("possible", "/sys/devices/system/cpu/possible");
            say_file("online", "/sys/devices/system/cpu/online");
        } else if (!strcmp(word, "start")) {
            start_cpus();
        } else if (!strcmp(word, "load")) {
            long r = kexec_load("x");
            say_errno("load", r);
            if (r == 0) syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, 1UL);  // unload
        } else if (!strcmp(word, "kexec")) {
            // the command line as it is now, with other things to do
            char next[2600];
            *strstr(cmdline, "probe=") = 0;
            snprintf(next, sizeof next, "%s probe=online,start,online,load", cmdline);
            if (kexec_load(next) == 0) reboot(0x45584543);
            say_errno("kexec", -1);
        } else if (!strcmp(word, "boot-mode")) {
            look_at_boot_mode();
        } else if (!strcmp(word, "modules")) {
            load_modules();
            say_file("filesystems", "/proc/filesystems");
        }
    }
    say("end", "");
    tcdrain(1);  // what is still to be sent at a power-off is lost
    usleep(200000);
    reboot(RB_POWER_OFF);
    reboot(RB_AUTOBOOT);
    for (;;)
        pause();
}
