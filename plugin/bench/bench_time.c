/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CPU time that a command takes, user and system, in microseconds, the least of some runs; on a
 * second line the most memory that it had in the last one, in kilobytes.
 *
 *   bench_time RUNS COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char **command)
{
    const int null = open("/dev/null", O_WRONLY);

    if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
        _exit(126);
    execvp(command[0], command);
    _exit(127);
}

static long long microseconds(const struct timeval *time)
{
    return (long long)time->tv_sec * 1000000 + time->tv_usec;
}

static long kilobytes;

/* -1: it failed */
static long long measure(char **command)
{
    struct rusage usage;
    int status;
    const pid_t child = fork();

    if (child == 0)
        run(command);
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
        return -1;
    kilobytes = usage.ru_maxrss;
    return microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime);
}

int main(int argc, char **argv)
{
    long long least = -1;

    for (int i = argc > 2 ? atoi(argv[1]) : 0; i > 0; i--) {
        const long long now = measure(argv + 2);

        if (now < 0)
            return 1;
        if (least < 0 || now < least)
            least = now;
    }
    if (least < 0)
        return 1;
    printf("%lld\n%ld\n", least, kilobytes);
    return 0;
}
