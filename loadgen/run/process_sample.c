/* process_sample.c - see process_sample.h. */
#include "run/process_sample.h"
#include "meaning/clock.h"
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Adds up a figure of each process. False if one of them does not have it, or there is none. */
static bool add_up(const struct processes *all, bool (*figure)(pid_t, uint64_t *), uint64_t *sum) {
    uint64_t one;

    *sum = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (!figure(all->pids[i], &one))
            return false;
        *sum += one;
    }
    return all->count > 0;
}

bool processes_cpu_ns(const struct processes *all, uint64_t *ns) {
    return add_up(all, clock_cpu, ns);
}

pid_t processes_ended(const struct processes *all) {
    for (size_t i = 0; i < all->count; i++)
        if (!clock_cpu(all->pids[i], &(uint64_t){0}))
            return all->pids[i];
    return 0;
}

unsigned processes_cpus(const struct processes *all) {
    cpu_set_t cpus, own;

    CPU_ZERO(&cpus);
    for (size_t i = 0; i < all->count; i++)
        if (sched_getaffinity(all->pids[i], sizeof own, &own) == 0)
            CPU_OR(&cpus, &cpus, &own);
    if ((size_t)CPU_COUNT(&cpus) < all->count && CPU_COUNT(&cpus) > 0)
        return (unsigned)CPU_COUNT(&cpus);
    return all->count > 0 ? (unsigned)all->count : 1;
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

static bool waited_ns(pid_t pid, pid_t thread, uint64_t *ns) {
    char path[64], text[128];
    unsigned long long ran, waited;

    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", (int)pid, (int)thread);
    if (!read_text(AT_FDCWD, path, text, sizeof text) || sscanf(text, "%llu %llu", &ran, &waited) != 2)
        return false;
    *ns = waited;
    return true;
}

bool thread_waited_ns(pid_t thread, uint64_t *ns) {
    return waited_ns(getpid(), thread, ns);
}

static bool first_waited_ns(pid_t pid, uint64_t *ns) {
    return waited_ns(pid, pid, ns);
}

bool processes_waited_ns(const struct processes *all, uint64_t *ns) {
    return add_up(all, first_waited_ns, ns);
}

static bool private_kib(pid_t pid, uint64_t *kib) {
    char path[64], text[4096];

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    *kib = 0;
    return read_text(AT_FDCWD, path, text, sizeof text) && add_field(text, "\nPrivate_Clean:", kib) &&
           add_field(text, "\nPrivate_Dirty:", kib);
}

bool processes_private_kib(const struct processes *all, uint64_t *kib) {
    return add_up(all, private_kib, kib);
}

bool kernel_memory_kib(uint64_t *kib, uint64_t *slab_kib) {
    char text[8192];

    *slab_kib = 0;
    if (!read_text(AT_FDCWD, "/proc/meminfo", text, sizeof text) || !add_field(text, "\nSlab:", slab_kib))
        return false;
    *kib = *slab_kib;
    return add_field(text, "\nKernelStack:", kib) && add_field(text, "\nPageTables:", kib);
}

/* Adds those of one process. */
static bool add_switches(pid_t pid, uint64_t *voluntary, uint64_t *involuntary) {
    char path[300], text[4096];
    DIR *tasks;
    bool found = false;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    tasks = opendir(path);
    if (tasks == NULL)
        return false;
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

bool processes_switches(const struct processes *all, uint64_t *voluntary, uint64_t *involuntary) {
    *voluntary = *involuntary = 0;
    for (size_t i = 0; i < all->count; i++)
        if (!add_switches(all->pids[i], voluntary, involuntary))
            return false;
    return all->count > 0;
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

static bool descriptors(pid_t pid, uint64_t *count) {
    return count_names(pid, "fd", count);
}

bool processes_descriptors(const struct processes *all, uint64_t *count) {
    return add_up(all, descriptors, count);
}

static bool threads(pid_t pid, uint64_t *count) {
    return count_names(pid, "task", count);
}

bool processes_threads(const struct processes *all, uint64_t *count) {
    return add_up(all, threads, count);
}
