/* main.c - loadgen: many clients for an echo or WebSocket server, every byte verified, every failure counted.
 *
 * One directory per layer; a layer uses those below it, never one above it (tests/check_layers.py):
 *
 *     main.c      arguments.c (the options), and here: which part gets which data, and the exit status
 *     report/     prints the results: report_text.c, report_json.c, report_hgrm.c, report_search.c; it uses meaning/
 *     run/        run.c (the phases: connect, warm-up, window, drain), aftermath.c (after the last client);
 *                 capacity_search.c (--search: one run after another)
 *     race/       another program: it runs several servers and load generators against one another
 *     together/   several load generators make one run, on as many hosts: the program loadgen_mpi
 *     worker/     one thread: what is due when
 *     transport/  how the bytes move: io_uring or epoll        chaos/  the bad clients
 *     tls/        TLS between the clients and the transport (--tls)
 *     client/     one connection's life; transport.h is the small interface towards the transports
 *     meaning/    what the bytes mean and what is counted, without sockets: message.c, reply.c, histogram.c, failure.c,
 *                 tally.c; the figures computed from that: result.c, verdict.c (was the run held?),
 *                 search.c (what to run next)
 *
 * Reading order, from below: payload.h, reply.c, client.h, exchange.c, transport_ring.c, worker_turn.c, run.c.
 */
#include "arguments.h"
#include "meaning/die.h"
#include "report/report.h"
#include "result_file.h"
#include "run/capacity_search.h"
#include "run/paced.h"
#include "run/run.h"
#include "together/together.h"
#include <errno.h>
#include <string.h>

/* All that a report can print. */
struct findings {
    struct result result;
    struct figures figures;
    struct capacity capacity;
};

static int json_file(FILE *out, const void *findings) {
    const struct findings *f = findings;

    return report_json(out, &f->result, &f->figures);
}

static int histogram_file(FILE *out, const void *findings) {
    const struct findings *f = findings;

    return report_hgrm(out, &f->result);
}

static int search_file(FILE *out, const void *findings) {
    const struct findings *f = findings;

    return report_search_json(out, &f->capacity);
}

/* Writes a report of the findings to `path` ("-": stdout). An error ends the program with one line. */
static void output_write(const char *path, int (*report)(FILE *, const void *), const struct findings *f) {
    int result = strcmp(path, "-") == 0 ? report(stdout, f) : result_file_write(path, report, f);

    if (result < 0)
        die("%s: %s; the results are lost", strcmp(path, "-") == 0 ? "stdout" : path, strerror(errno));
}

/* The summary goes to stdout, unless the JSON does. */
static FILE *summary_of(const struct options *o) {
    return o->json != NULL && strcmp(o->json, "-") == 0 ? stderr : stdout;
}

static void tell_ready(const struct result *r) {
    if (report_ready(stdout, r) != 0)
        die("stdout: %s", strerror(errno));
}

static void tell_slice(const struct slice *s) {
    if (report_slice(stdout, s) != 0)
        die("stdout: %s", strerror(errno));
}

/* One run. Returns the exit status. */
static int run_main(const struct options *o, struct findings *f) {
    struct result *r = &f->result;
    char why[RESULT_LINE];
    int status;

    if (o->paced)
        paced_run(o, r, &(struct paced_news){tell_ready, tell_slice});
    else
        run_once(o, r);
    if (!together_gather(r)) { /* another rank reports */
        result_close(r);
        return 0;
    }
    result_figures(r, &f->figures);
    status = tally_failures(&r->tally) > 0 || r->answered == 0 ? 1 : 0;
    if (r->tally.connected == 0 && !r->interrupted) {
        result_why_no_client(r, why);
        complain("%s", why);
        status = 2;
    } else if (!o->paced) {
        report_text(summary_of(o), r, &f->figures);
    }
    if (o->json != NULL)
        output_write(o->json, json_file, f);
    if (o->histogram != NULL)
        output_write(o->histogram, histogram_file, f);
    result_close(r);
    return status;
}

static void tell_probe(const struct capacity *c, const struct probe *p) {
    if (!c->options->quiet)
        report_probe(stderr, c, p);
}

/* --search. Returns the exit status. */
static int search_main(const struct options *o, struct findings *f) {
    const struct capacity *c = &f->capacity;

    capacity_search(&f->capacity, o, tell_probe);
    if (c->end == CAPACITY_ABSENT)
        complain("%s", c->why_absent);
    if (c->count > 0)
        report_search_text(summary_of(o), c);
    if (o->json != NULL)
        output_write(o->json, search_file, f);
    if (c->end != CAPACITY_ANSWERED)
        return 2;
    return c->answer.kind == SEARCH_NONE ? 1 : 0;
}

/* Where several ranks begin together, the first says alone what is wrong with the options. */
static void read_options(struct options *o, int argc, char **argv) {
    if (!together_leads())
        together_meet(MEET_OPTIONS);
    arguments_parse(o, !together_leads(), argc, argv);
    together_take_place(o);
    if (together_leads())
        together_meet(MEET_OPTIONS);
}

int main(int argc, char **argv) {
    struct options options;
    struct findings findings;
    int status;

    together_open(&argc, &argv);
    read_options(&options, argc, argv);
    status = options.search.of != SEARCH_OF_NOTHING ? search_main(&options, &findings) : run_main(&options, &findings);
    if (fflush(stdout) != 0 || ferror(stdout)) /* a summary that cannot be written is an error, too */
        die("stdout: %s; the results are lost", strerror(errno));
    return status;
}
