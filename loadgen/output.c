/* output.c - see output.h. */
#include "output.h"
#include "meaning/die.h"
#include "meaning/options.h"
#include "result_file.h"
#include <errno.h>
#include <string.h>

void output_write(const char *path, int (*report)(FILE *, const void *), const void *what) {
    int result = strcmp(path, "-") == 0 ? report(stdout, what) : result_file_write(path, report, what);

    if (result < 0)
        die("%s: %s; the results are lost", strcmp(path, "-") == 0 ? "stdout" : path, strerror(errno));
}

void output_finish(void) {
    if (fflush(stdout) != 0 || ferror(stdout))
        die("stdout: %s; the results are lost", strerror(errno));
}
