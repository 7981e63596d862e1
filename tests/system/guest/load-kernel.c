// load-kernel IMAGE INITRAMFS COMMAND_LINE: what kexec -l does, for a Debian without kexec-tools.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    int kernel = open(argv[1], O_RDONLY), initramfs = open(argv[2], O_RDONLY);
    if (syscall(SYS_kexec_file_load, kernel, initramfs, strlen(argv[3]) + 1, argv[3],
                16UL /* KEXEC_FILE_NO_CMA */) < 0) {
        perror("kexec_file_load");
        return 1;
    }
    return 0;
}
