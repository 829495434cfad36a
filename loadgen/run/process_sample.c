/* process_sample.c - see process_sample.h. */
#include "run/process_sample.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool process_cpu_ns(pid_t pid, uint64_t *ns) {
    clockid_t clock;
    struct timespec t;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return false;
    *ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
    return true;
}

/* Reads a small file under the directory `at` as a string. */
static bool read_text(int at, const char *path, char *text, size_t size) {
    int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t count;

    if (fd < 0)
        return false;
    while (used < size - 1 && (count = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)count;
    close(fd);
    text[used] = '\0';
    return used > 0;
}

/* Adds the number that follows `label` at the start of a line. Returns false if there is no such line. */
static bool add_field(const char *text, const char *label, uint64_t *sum) {
    const char *line = strstr(text, label);

    if (line == NULL)
        return false;
    *sum += strtoull(line + strlen(label), NULL, 10);
    return true;
}

bool process_waited_ns(pid_t pid, pid_t thread, uint64_t *ns) {
    char path[64], text[128];
    unsigned long long ran, waited;

    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", (int)(pid == 0 ? getpid() : pid), (int)thread);
    if (!read_text(AT_FDCWD, path, text, sizeof text) || sscanf(text, "%llu %llu", &ran, &waited) != 2)
        return false;
    *ns = waited;
    return true;
}

bool process_private_kib(pid_t pid, uint64_t *kib) {
    char path[64], text[4096];

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    *kib = 0;
    return read_text(AT_FDCWD, path, text, sizeof text) && add_field(text, "\nPrivate_Clean:", kib) &&
           add_field(text, "\nPrivate_Dirty:", kib);
}

bool kernel_memory_kib(uint64_t *kib, uint64_t *slab_kib) {
    char text[8192];

    *slab_kib = 0;
    if (!read_text(AT_FDCWD, "/proc/meminfo", text, sizeof text) || !add_field(text, "\nSlab:", slab_kib))
        return false;
    *kib = *slab_kib;
    return add_field(text, "\nKernelStack:", kib) && add_field(text, "\nPageTables:", kib);
}

bool process_switches(pid_t pid, uint64_t *voluntary, uint64_t *involuntary) {
    char path[300], text[4096];
    DIR *tasks;
    bool found = false;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    tasks = opendir(path);
    if (tasks == NULL)
        return false;
    *voluntary = *involuntary = 0;
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        snprintf(path, sizeof path, "%s/status", task->d_name);
        if (task->d_name[0] == '.' || !read_text(dirfd(tasks), path, text, sizeof text))
            continue; /* a thread that has just ended */
        found |= add_field(text, "\nvoluntary_ctxt_switches:", voluntary) &&
                 add_field(text, "\nnonvoluntary_ctxt_switches:", involuntary);
    }
    closedir(tasks);
    return found;
}

/* Counts the names in a directory of /proc/PID. False if there are none. */
static bool count_names(pid_t pid, const char *directory, uint64_t *count) {
    char path[64];
    DIR *names;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, directory);
    names = opendir(path);
    if (names == NULL)
        return false;
    *count = 0;
    for (struct dirent *name; (name = readdir(names)) != NULL;)
        *count += name->d_name[0] != '.';
    closedir(names);
    return *count > 0;
}

bool process_descriptors(pid_t pid, uint64_t *count) {
    return count_names(pid, "fd", count);
}

bool process_threads(pid_t pid, uint64_t *count) {
    return count_names(pid, "task", count);
}
