#include "result_file.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUFFIX_LENGTH = 7 }; /* ".XXXXXX" */

static bool is_special(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

const char *result_file_check(const char *path) {
    char copy[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length + SUFFIX_LENGTH >= sizeof copy || path[length - 1] == '/')
        return "it is no file's name";
    if (is_special(path)) {
        struct stat status;
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            return "it is a directory";
        return access(path, W_OK) == 0 ? NULL : strerror(errno);
    }
    memcpy(copy, path, length + 1); /* dirname(3) writes into it */
    return access(dirname(copy), W_OK | X_OK) == 0 ? NULL : strerror(errno);
}

/* Opens a pipe or a device. NULL also if a regular file has replaced it in the meantime (EEXIST): that file is not
 * overwritten. */
static FILE *open_special(const char *path) {
    struct stat status;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) < 0 || S_ISREG(status.st_mode)) {
        close(fd);
        errno = EEXIST;
        return NULL;
    }
    FILE *out = fdopen(fd, "w");
    if (!out)
        close(fd);
    return out;
}

/* Opens the new file, with the permissions that fopen(3) would give it. */
static FILE *open_new(char *name) {
    int fd = mkostemp(name, O_CLOEXEC); /* O_CREAT | O_EXCL: opens no existing file, follows no link */
    mode_t mask = umask(0);
    umask(mask);
    if (fd < 0)
        return NULL;
    FILE *out = fchmod(fd, 0666 & ~mask) == 0 ? fdopen(fd, "w") : NULL;
    int why = errno;
    if (!out) {
        close(fd);
        unlink(name);
    }
    errno = why;
    return out;
}

int result_file_write(const char *path, int (*report)(FILE *, const void *), const void *what) {
    char name[PATH_MAX] = "";
    bool special = is_special(path);
    if (!special && snprintf(name, sizeof name, "%s.XXXXXX", path) >= (int)sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    FILE *out = special ? open_special(path) : open_new(name);
    if (!out)
        return -1;
    bool failed = report(out, what) != 0;
    int why = errno;
    if (fclose(out) != 0 && !failed) {
        failed = true;
        why = errno;
    }
    if (!failed && !special && rename(name, path) < 0) {
        failed = true;
        why = errno;
    }
    if (failed && !special)
        unlink(name);
    errno = why;
    return failed ? -1 : 0;
}
