/* main.c - loadgen: many clients for an echo or WebSocket server, every byte verified, every failure counted.
 *
 * Reading order: options.c (what can be asked), engine.c (the phases), worker.c (one thread's event loop),
 * client.c, transfer.c, reply.c, control.c (one connection), then payload.h and histogram.c, which stand alone.
 */
#include "engine.h"
#include "options.h"
#include "report.h"
#include <errno.h>
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

/* Writes one of the reports to `path` ("-": stdout). */
static void write_file(const char *path, const struct result *r, const struct figures *f,
    int (*report)(FILE *, const struct result *, const struct figures *)) {
    char temporary[4096];
    FILE *out;
    bool failed;

    if (strcmp(path, "-") == 0) {
        if (report(stdout, r, f) != 0)
            options_die("stdout: %s; the results are lost", strerror(errno));
        return;
    }
    out = begin_file(path, temporary);
    if (out == NULL)
        options_die("%s: %s; the results are lost", path, strerror(errno));
    failed = report(out, r, f) != 0;
    failed |= fclose(out) != 0;
    failed |= !failed && temporary[0] != '\0' && rename(temporary, path) != 0;
    if (failed) {
        int error = errno;
        unlink(temporary);
        options_die("%s: %s; the results are lost", path, strerror(error));
    }
}

static int histogram_file(FILE *out, const struct result *r, const struct figures *f) {
    (void)f;
    return report_hgrm(out, r);
}

/* One line: nobody could connect, why, and what to do. */
static void explain_no_client(const struct result *r) {
    const struct tally *t = &r->tally;
    int worst = 0;

    for (int i = 1; i < FAILURE_CLASSES; i++) {
        if (t->failures[i] > t->failures[worst])
            worst = i;
    }
    fprintf(stderr, "loadgen: none of %u clients could connect to %s:%u: %s%s%s; %s\n", (unsigned)r->options->clients,
        r->options->host, r->options->port, failure_name((enum failure)worst), t->errors[worst] != 0 ? ", " : "",
        t->errors[worst] != 0 ? strerror(t->errors[worst]) : "", failure_advice((enum failure)worst));
}

int main(int argc, char **argv) {
    struct options options;
    struct result result;
    struct figures figures;
    bool json_on_stdout, nobody;
    int status;

    options_parse(&options, argc, argv);
    json_on_stdout = options.json != NULL && strcmp(options.json, "-") == 0;
    engine_run(&options, &result);
    result_figures(&result, &figures);
    nobody = result.tally.connected == 0 && !result.interrupted;
    status = tally_failures(&result.tally) > 0 || result.service->count == 0 ? 1 : 0;
    if (nobody)
        explain_no_client(&result), status = 2;
    else
        report_text(json_on_stdout ? stderr : stdout, &result, &figures);
    if (options.json != NULL)
        write_file(options.json, &result, &figures, report_json);
    if (options.histogram != NULL)
        write_file(options.histogram, &result, &figures, histogram_file);
    result_close(&result);
    return status;
}
