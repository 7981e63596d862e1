// /lab/first: PID 1 before the init that ships, in a second initramfs. Does what the lines of
// /lab/todo say and then becomes /init, as the same process and with nothing else changed:
//     module FILE [PARAMETER…]    loads it
//     start FILE                  runs beside init
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void give_up(const char* what) {
    printf("lab: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    usleep(200000);
    reboot(RB_POWER_OFF);
    reboot(RB_AUTOBOOT);
    for (;;)
        pause();
}

static void load(const char* file, const char* parameters) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0) < 0) give_up(file);
    close(fd);
    printf("lab: loaded %s\n", file);
}

static void start(const char* file) {
    pid_t child = fork();
    if (child < 0) give_up("fork");
    if (child > 0) return;
    execl(file, file, NULL);
    printf("lab: %s: %s\n", file, strerror(errno));
    fflush(stdout);
    _exit(1);
}

int main(int argc, char** argv, char** environment) {
    static char line[2000];
    (void)argc;
    FILE* todo = fopen("/lab/todo", "re");
    if (!todo) give_up("/lab/todo");
    while (fgets(line, sizeof line, todo)) {
        line[strcspn(line, "\n")] = 0;
        char* rest = line;
        const char* verb = strsep(&rest, " ");
        const char* file = strsep(&rest, " ");
        if (file && !strcmp(verb, "module")) {
            load(file, rest ? rest : "");
        } else if (file && !strcmp(verb, "start")) {
            fflush(stdout);
            start(file);
        } else {
            errno = EINVAL;
            give_up(line);
        }
    }
    fclose(todo);
    fflush(stdout);
    argv[0] = "/init";
    execve("/init", argv, environment);
    give_up("/init");
}
