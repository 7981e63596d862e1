// /lab/help-host, started before init: the computer at the other end of the USB cable, and the
// person in front of it. Waits for the help disk, tells what is on it, writes the words of the
// kernel's command line that begin with "help-host." into bootwire.txt, each without that, and
// ejects the disk. dummy_hcd is the cable.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT "/lab/help"
#define PREFIX "help-host."

static void say(const char* what, const char* detail) {
    printf("help-host: %s%s\n", what, detail);
    fflush(stdout);
}

static void read_line(const char* path, char* text, size_t size) {
    FILE* file = fopen(path, "re");
    text[0] = 0;
    if (file && !fgets(text, (int)size, file)) text[0] = 0;
    if (file) fclose(file);
}

static int find_disk(char* device, size_t size) {
    int found = 0;
    DIR* all = opendir("/sys/class/block");
    struct dirent* entry;
    while (all && !found && (entry = readdir(all))) {
        char path[400], model[40];
        snprintf(path, sizeof path, "/sys/class/block/%s/device/model", entry->d_name);
        read_line(path, model, sizeof model);
        if (strncmp(model, "help", 4)) continue;
        snprintf(device, size, "/dev/%s", entry->d_name);
        found = mount(device, ROOT, "vfat", 0, NULL) == 0;
    }
    if (all) closedir(all);
    return found;
}

static void tell(const char* name) {
    char path[64], line[1000];
    snprintf(path, sizeof path, ROOT "/%s", name);
    FILE* file = fopen(path, "re");
    if (!file) return say("missing: ", name);
    while (fgets(line, sizeof line, file))
        printf("help-host: %s: %s%s", name, line, strchr(line, '\n') ? "" : "\n");
    fflush(stdout);
    fclose(file);
}

static int write_settings(void) {
    static char line[4096];
    int written = 0;
    read_line("/proc/cmdline", line, sizeof line);
    FILE* file = fopen(ROOT "/bootwire.txt", "ae");
    if (!file) return say("cannot write: ", strerror(errno)), 0;
    for (char* word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
        if (!strncmp(word, PREFIX, strlen(PREFIX)))
            written += fprintf(file, "%s\r\n", word + strlen(PREFIX)) > 0;
    fclose(file);
    return written;
}

static void eject(const char* device) {
    int fd = open(device, O_RDONLY | O_NONBLOCK);
    if (fd < 0 || ioctl(fd, 0x5381, 0) < 0 || ioctl(fd, 0x5309, 0) < 0)  // DOORUNLOCK, CDROMEJECT
        say("cannot eject: ", strerror(errno));
    else
        say("ejected", "");
    close(fd);
}

int main(void) {
    char device[300];
    mkdir(ROOT, 0755);
    for (int times = 0;; times++) {
        while (!find_disk(device, sizeof device))
            usleep(100000);
        say("sees ", device);
        tell("INDEX.HTM");
        tell("BOOTLOG.TXT");
        tell("bootwire.txt");
        int written = times == 0 ? write_settings() : 0;
        umount(ROOT);
        say("done", "");
        if (!written) return 0;
        eject(device);
    }
}
