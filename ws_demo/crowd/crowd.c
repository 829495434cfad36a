/* crowd.c - see crowd.h. Says "joined", "measuring" and "measured" when it is so far, each on a line, then one line of
 * JSON. */
#include "crowd.h"
#include "command_line.h"
#include <errno.h>
#include <error.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { TICKS_PER_S = 100, DRAIN_S = 20, JOIN_S = 60 };

struct options {
    double warmup_s, seconds;
    unsigned joins_per_s;
};

static struct crowd crowd = {.visitors_count = 100, .speakers_count = 10, .room = "class"};
static struct options options = {.warmup_s = 1, .seconds = 5, .joins_per_s = 2000};
static struct visitor *visitors;

static double number_of(const char *option, const char *text, double low, double high) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= low && value <= high))
        error(EXIT_SETUP, 0, "%s takes a number from %g to %g, not '%s'", option, low, high, text);
    return value;
}

/* "8081,8082" */
static void read_nodes(const char *text) {
    char copy[16 * NODES_MAX], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *port = strtok_r(copy, ",", &rest); port; port = strtok_r(NULL, ",", &rest)) {
        if (crowd.nodes_count == NODES_MAX)
            error(EXIT_SETUP, 0, "--nodes takes at most %d ports", NODES_MAX);
        crowd.nodes[crowd.nodes_count++] = (int)number_of("--nodes", port, 1, 65535);
    }
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    (void)state;
    switch (key) {
    case 'n': read_nodes(value); return 0;
    case 'v': crowd.visitors_count = (unsigned)number_of("--visitors", value, 1, 100000); return 0;
    case 's': crowd.speakers_count = (unsigned)number_of("--speakers", value, 0, 50000); return 0;
    case 'r': crowd.rate = number_of("--rate", value, 0, 1e6); return 0;
    case 'j': options.joins_per_s = (unsigned)number_of("--joins", value, TICKS_PER_S, 100000); return 0;
    case 'w': options.warmup_s = number_of("--warmup", value, 0, 3600); return 0;
    case 'd': options.seconds = number_of("--seconds", value, 0.1, 3600); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option arguments[] = {{"nodes", 'n', "PORT,...", 0, "Where ws_demo listens on 127.0.0.1", 0},
    {"visitors", 'v', "N", 0, "In the room (default 100)", 0},
    {"speakers", 's', "N", 0, "Of these say something (default 10); each may 20 times a second", 0},
    {"rate", 'r', "N", 0, "Messages a second of all speakers together; 0 (default): as soon as the one before is back",
        0},
    {"joins", 'j', "N", 0, "Visitors that join in a second (default 2000)", 0},
    {"warmup", 'w', "S", 0, "Seconds of talk before the measurement (default 1)", 0},
    {"seconds", 'd', "S", 0, "Seconds of the measurement (default 5)", 0}, {0}};

/* ---- phases ---- */

static void stop_waiting(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)timer, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* WAIT: so many seconds of the visitors' life. */
static void run_for(double seconds) {
    ev_timer timer;
    ev_timer_init(&timer, stop_waiting, seconds, 0);
    ev_now_update(crowd.loop);
    ev_timer_start(crowd.loop, &timer);
    ev_run(crowd.loop, 0);
}

static void say_phase(const char *phase) {
    puts(phase);
    fflush(stdout);
}

/* WAIT: until all are in the room. */
static void join_all(void) {
    unsigned begun = 0, per_tick = options.joins_per_s / TICKS_PER_S;
    for (int tick = 0; crowd.joined < crowd.visitors_count; tick++) {
        for (unsigned i = 0; i < per_tick && begun < crowd.visitors_count; i++)
            visitor_join(visitors, begun++);
        run_for(1.0 / TICKS_PER_S);
        if (tick > JOIN_S * TICKS_PER_S + (int)(crowd.visitors_count / per_tick))
            error(EXIT_SETUP, 0, "only %u of %u visitors are in the room after %d s", crowd.joined,
                crowd.visitors_count, tick / TICKS_PER_S);
    }
}

static double cpu_s(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static json_t *milliseconds(const struct histogram *h) {
    double ms = 1e6;
    return h->count == 0
               ? json_null()
               : json_pack("{s:I, s:f, s:f, s:f, s:f}", "count", (json_int_t)h->count, "p50",
                     (double)histogram_percentile(h, 50) / ms, "p99", (double)histogram_percentile(h, 99) / ms, "max",
                     (double)h->max / ms, "mean", histogram_mean(h) / ms);
}

static void print_result(double seconds, double client_cpu_s, uint64_t missing) {
    const struct account *a = &crowd.account;
    json_t *result = json_pack("{s:i, s:i, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:f}",
        "visitors", (int)crowd.visitors_count, "speakers", (int)crowd.speakers_count, "seconds", seconds, "said",
        (json_int_t)a->said, "heard", (json_int_t)a->heard, "complete", (json_int_t)a->complete, "missing",
        (json_int_t)missing, "doubled", (json_int_t)a->doubled, "lost", (json_int_t)(a->lost + a->told_lost), "refused",
        (json_int_t)a->refused, "away", (json_int_t)a->away, "epochs", (json_int_t)a->epochs, "breaks",
        (json_int_t)a->breaks, "delay_ms", milliseconds(&a->delay), "complete_ms", milliseconds(&a->complete_delay),
        "back_ms", milliseconds(&a->back), "client_cpu_s", client_cpu_s);
    json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    say_phase("");
    json_decref(result);
}

static uint64_t drain(void) {
    uint64_t missing = account_missing(&crowd);
    crowd.is_talking = false;
    for (int tick = 0; missing > 0 && tick < DRAIN_S * 10; tick++, missing = account_missing(&crowd))
        run_for(0.1);
    return missing;
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        arguments, parse_option, NULL, "Many visitors of a room of ws_demo", NULL, NULL, NULL};
    struct rlimit descriptors;
    command_line_parse(&argp, argc, argv, NULL);
    if (crowd.nodes_count == 0)
        error(EXIT_SETUP, 0, "--nodes is missing: name the ports of the nodes, such as --nodes 8081,8082");
    if (crowd.speakers_count > crowd.visitors_count)
        error(EXIT_SETUP, 0, "--speakers %u are more than --visitors %u", crowd.speakers_count, crowd.visitors_count);
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    if (crowd.visitors_count + 16 > descriptors.rlim_max)
        error(EXIT_SETUP, 0, "--visitors %u need as many descriptors, and the limit is %lu: raise it (ulimit -Hn)",
            crowd.visitors_count, (unsigned long)descriptors.rlim_max);
    crowd.loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    visitors = visitors_open(&crowd);
    if (!crowd.loop || !visitors)
        error(EXIT_SETUP, errno, "no memory for so many visitors");
    histogram_reset(&crowd.account.delay);
    histogram_reset(&crowd.account.complete_delay);
    histogram_reset(&crowd.account.back);
    join_all();
    say_phase("joined");
    crowd.is_talking = true;
    for (unsigned i = 0; i < crowd.speakers_count; i++)
        visitor_talk(visitors, i);
    run_for(options.warmup_s);
    crowd.is_measuring = true;
    double cpu = cpu_s();
    uint64_t begun = now_ns();
    say_phase("measuring");
    run_for(options.seconds);
    crowd.is_measuring = false;
    double seconds = (double)(now_ns() - begun) / 1e9;
    cpu = cpu_s() - cpu;
    say_phase("measured");
    print_result(seconds, cpu, drain());
    visitors_close(visitors, &crowd);
    ev_loop_destroy(crowd.loop);
    return 0;
}
