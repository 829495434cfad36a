/* scarcity.c - LD_PRELOAD: what the machine can refuse a server, when a test says so.
 *
 * SCARCITY names a file of three 64-bit numbers, which the test and the server map: allocations until one fails (0:
 * none will), allocations that have failed, and whether writes to files find no space. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

struct scarcity {
    atomic_llong left, failed, disk_is_full;
};

static struct scarcity none, *scarcity = &none;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SCARCITY");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *shared = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *scarcity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED)
        abort();
    close(file);
    scarcity = shared;
}

static int is_refused(void) {
    if (atomic_load(&scarcity->left) == 0 || atomic_fetch_sub(&scarcity->left, 1) != 1)
        return 0;
    atomic_fetch_add(&scarcity->failed, 1);
    errno = ENOMEM;
    return 1;
}

#ifndef NO_MALLOC /* a sanitizer has its own */
void *malloc(size_t size) {
    return is_refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return is_refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    return is_refused() ? NULL : __libc_realloc(old, size);
}
#endif

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
    if (!atomic_load(&scarcity->disk_is_full))
        return real(fd, bytes, count, at);
    errno = ENOSPC;
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return pwrite64(fd, bytes, count, at);
}
