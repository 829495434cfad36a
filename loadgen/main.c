/* main.c - loadgen: many clients for an echo or WebSocket server, every byte verified, every failure counted.
 *
 * Reading order: options.c (what can be asked), engine.c (the phases), worker.c (one thread), client.c, transfer.c,
 * reply.c, control.c (one connection), transport_ring.c and transport_epoll.c (how its bytes move), then payload.h and
 * histogram.c, which stand alone; chaos.c (bad clients), flash.c (good ones cut off) and aftermath.c (when all have
 * gone). For --search: capacity.c (one run after another), verdict.c (was it held?), search.c (what to run next).
 */
#include "arguments.h"
#include "output.h"
#include "report/report.h"
#include "run/capacity.h"
#include "run/engine.h"
#include <string.h>

struct report {
    const struct result *result;
    const struct figures *figures;
};

static int json_file(FILE *out, const void *report) {
    const struct report *r = report;

    return report_json(out, r->result, r->figures);
}

static int histogram_file(FILE *out, const void *report) {
    return report_hgrm(out, ((const struct report *)report)->result);
}

int main(int argc, char **argv) {
    struct options options;
    struct result result;
    struct figures figures;
    const struct report report = {&result, &figures};
    bool json_on_stdout, nobody;
    int status;

    arguments_parse(&options, argc, argv);
    if (options.search.of != SEARCH_OF_NOTHING)
        return capacity_main(&options);
    json_on_stdout = options.json != NULL && strcmp(options.json, "-") == 0;
    engine_run(&options, &result);
    result_figures(&result, &figures);
    nobody = result.tally.connected == 0 && !result.interrupted;
    status = tally_failures(&result.tally) > 0 || result.service->count == 0 ? 1 : 0;
    if (nobody)
        result_explain_no_client(&result), status = 2;
    else
        report_text(json_on_stdout ? stderr : stdout, &result, &figures);
    if (options.json != NULL)
        output_write(options.json, json_file, &report);
    if (options.histogram != NULL)
        output_write(options.histogram, histogram_file, &report);
    result_close(&result);
    output_finish();
    return status;
}
