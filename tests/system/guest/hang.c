// /lab/hang, started before init: stops init's main thread for good, as soon as there is another
// one that feeds the watchdog; that one goes on. (A signal can't do it: PID 1 does not take any it
// has no handler for, and it would stop all threads.)
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    struct stat tasks;
    // two for . and .., one for each thread
    while (stat("/proc/1/task", &tasks) != 0 || tasks.st_nlink < 2 + 2)
        usleep(10000);
    if (ptrace(PTRACE_SEIZE, 1, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, 1, NULL, NULL) != 0 ||
        waitpid(1, NULL, __WALL) != 1) {
        printf("hang: %s\n", strerror(errno));
        return 1;
    }
    printf("hang: init's main thread is stopped\n");
    fflush(stdout);
    for (;;)
        pause();
}
