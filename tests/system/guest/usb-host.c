// /lab/usb-host, started before init: the computer at the other end of the USB cable. It is in the
// same kernel as the Pi (dummy_hcd is the cable). Waits for a disk of bootwire's to be plugged in,
// mounts its second partition and gives a shell on the console that has this for its root.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT "/lab/host"

static int is_ours(const char* disk) {
    char path[400], vendor[16] = "";
    snprintf(path, sizeof path, "/sys/class/block/%s/device/vendor", disk);
    FILE* file = fopen(path, "re");
    if (!file) return 0;
    if (!fgets(vendor, sizeof vendor, file)) vendor[0] = 0;
    fclose(file);
    return !strncmp(vendor, "bootwire", 8);
}

static int mounts_with_a_shell(const char* disk) {
    char partition[300];
    snprintf(partition, sizeof partition, "/dev/%s2", disk);
    if (mount(partition, ROOT, "ext4", 0, NULL) != 0) {
        if (errno != EACCES &&
            errno != EROFS)  // a disk that is not ready: the next round will see it
            return 0;
        if (mount(partition, ROOT, "ext4", MS_RDONLY, "noload") != 0) return 0;
    }
    if (access(ROOT "/bin/bash", X_OK) == 0) return 1;
    umount(ROOT);
    return 0;
}

// Of several disks, the one that has a shell.
static int find_disk(char* name, size_t size) {
    int found = 0;
    DIR* all = opendir("/sys/class/block");
    struct dirent* entry;
    while (all && !found && (entry = readdir(all)))
        if ((found = is_ours(entry->d_name) && mounts_with_a_shell(entry->d_name)))
            snprintf(name, size, "%s", entry->d_name);
    if (all) closedir(all);
    return found;
}

static void mount_or_say(const char* what, const char* where, const char* type) {
    if (mount(what, where, type, 0, NULL) != 0) {
        printf("usb-host: %s on %s: %s\n", what, where, strerror(errno));
        fflush(stdout);
    }
}

int main(void) {
    char disk[256];
    mkdir(ROOT, 0755);
    while (!find_disk(disk, sizeof disk))
        usleep(100000);
    mount_or_say("proc", ROOT "/proc", "proc");
    mount_or_say("sysfs", ROOT "/sys", "sysfs");
    mount_or_say("devtmpfs", ROOT "/dev", "devtmpfs");
    mount_or_say("tmpfs", ROOT "/run", "tmpfs");
    printf("usb-host: using %s\n", disk);
    fflush(stdout);
    setsid();
    int console = open("/dev/console", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        dup2(console, fd);
    ioctl(0, TIOCSCTTY, 1);
    if (chdir(ROOT) != 0 || chroot(".") != 0) return 1;
    char* environment[] = {"HOME=/root", "TERM=dumb", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                           "PS1=host# ", NULL};
    execle("/bin/bash", "bash", "--norc", "--noprofile", NULL, environment);
    printf("usb-host: no shell: %s\n", strerror(errno));
    return 1;
}
