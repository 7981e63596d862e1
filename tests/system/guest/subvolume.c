// subvolume create PATH | default PATH: what `btrfs subvolume` does, for a root without
// btrfs-progs.
#include <fcntl.h>
#include <libgen.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int create(char* path) {
    char copy[4096];
    struct btrfs_ioctl_vol_args what = {0};
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(what.name, sizeof what.name, "%s", basename(path));
    return ioctl(open(dirname(copy), O_RDONLY | O_DIRECTORY), BTRFS_IOC_SUBVOL_CREATE, &what);
}

static int make_default(const char* path) {
    struct btrfs_ioctl_ino_lookup_args whose = {.objectid = 256};  // BTRFS_FIRST_FREE_OBJECTID
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    if (ioctl(folder, BTRFS_IOC_INO_LOOKUP, &whose) < 0) return -1;
    return ioctl(folder, BTRFS_IOC_DEFAULT_SUBVOL, &whose.treeid);
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    if ((strcmp(argv[1], "create") == 0 ? create(argv[2]) : make_default(argv[2])) < 0) {
        perror(argv[2]);
        return 1;
    }
    return 0;
}
