/* output.c - see output.h. */
#include "output.h"
#include "options.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens a temporary file beside `path`: it takes that name when it is complete, so nobody ever reads half a file. What
 * exists and is not a regular file (a pipe, /dev/null) is written to as it is. */
static FILE *begin_file(const char *path, char temporary[4096]) {
    struct stat status;
    mode_t mask;
    int fd;

    temporary[0] = '\0';
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return fopen(path, "w");
    snprintf(temporary, 4096, "%s.XXXXXX", path);
    fd = mkstemp(temporary);
    if (fd < 0)
        return NULL;
    mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    return fdopen(fd, "w");
}

void output_write(const char *path, int (*report)(FILE *, const void *), const void *what) {
    char temporary[4096];
    FILE *out;
    bool failed;

    if (strcmp(path, "-") == 0) {
        if (report(stdout, what) != 0)
            options_die("stdout: %s; the results are lost", strerror(errno));
        return;
    }
    out = begin_file(path, temporary);
    if (out == NULL)
        options_die("%s: %s; the results are lost", path, strerror(errno));
    failed = report(out, what) != 0;
    failed |= fclose(out) != 0;
    failed |= !failed && temporary[0] != '\0' && rename(temporary, path) != 0;
    if (failed) {
        int error = errno;
        unlink(temporary);
        options_die("%s: %s; the results are lost", path, strerror(error));
    }
}
