#include "monitor.h"
#include "feed.h"
#include "forwarded.h"
#include "history.h"
#include "json_text.h"
#include "metrics_text.h"
#include "room.h"
#include "rooms.h"
#include "signals.h"
#include "wall_clock.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static struct networks scrapers;
static struct framework *framework;
static double began_ms;

bool monitor_allow(const char *network) {
    return networks_add(&scrapers, network);
}

void monitor_open(struct framework *f) {
    framework = f;
    began_ms = wall_clock_ms();
}

/* ---- health ---- */

void monitor_health(struct channel *c) {
    const char *status = server_is_stopping() ? "draining" : history_is_well() ? "ok" : "history fails";
    bool is_well = strcmp(status, "ok") == 0;
    char *text = json_text(json_pack("{s:s, s:f, s:I, s:I, s:I}", "status", status, "uptime_s",
        (wall_clock_ms() - began_ms) / 1e3, "connections", (json_int_t)framework->stats.active, "members",
        (json_int_t)rooms_members(), "rooms", (json_int_t)rooms_in_use()));
    if (text)
        http_reply_with(c, is_well ? 200 : 503, "application/json", text, strlen(text));
    else
        http_refuse(c, 503, "");
    free(text);
}

/* ---- metrics ---- */

/* What Prometheus's client libraries call a process's (prometheus.io/docs/instrumenting/writing_clientlibs). */
static size_t open_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;
    if (!directory)
        return 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 3; /* ".", "..", and the directory's own */
}

/* Bytes: the address space in use, and what of it is in memory (proc_pid_statm(5)). */
static void memory_in_use(uint64_t *all, uint64_t *resident) {
    unsigned long pages = 0, pages_resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu %lu", &pages, &pages_resident) != 2)
        pages = pages_resident = 0;
    if (file)
        fclose(file);
    *all = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
    *resident = (uint64_t)pages_resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void one(FILE *out, const char *name, const char *type, const char *help, uint64_t value) {
    metric_begin(out, name, type, help);
    metric_count(out, name, value);
}

static void write_process(FILE *out) {
    struct timespec cpu = {0};
    struct rlimit files = {0};
    uint64_t all, resident;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    getrlimit(RLIMIT_NOFILE, &files);
    memory_in_use(&all, &resident);
    metric_begin(out, "process_cpu_seconds_total", "counter", "User and system CPU time of this process.");
    metric_real(out, "process_cpu_seconds_total", (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9);
    one(out, "process_open_fds", "gauge", "Open descriptors.", open_descriptors());
    one(out, "process_max_fds", "gauge", "Descriptors that may be open.", files.rlim_cur);
    one(out, "process_virtual_memory_bytes", "gauge", "Address space in use.", all);
    one(out, "process_resident_memory_bytes", "gauge", "Memory in use.", resident);
    metric_begin(out, "process_start_time_seconds", "gauge", "When this process began, since 1970.");
    metric_real(out, "process_start_time_seconds", began_ms / 1e3);
}

static void write_connections(FILE *out) {
    const struct stats *stats = &framework->stats;
    one(out, "ws_demo_connections_accepted_total", "counter", "Connections taken into service.", stats->accepted);
    one(out, "ws_demo_connections", "gauge", "Connections that are open.", stats->active);
    metric_begin(out, "ws_demo_connections_closed_total", "counter", "Connections that have ended, by reason.");
    for (int i = 0; i < CLOSE_REASONS; i++)
        metric_count_of(out, "ws_demo_connections_closed_total", "reason", close_reason_names[i], stats->closed[i]);
    metric_begin(out, "ws_demo_connections_refused_total", "counter",
        "Connections refused as they came, by what was lacking (clients: --clients-max, or the share of one address).");
    for (int i = 0; i < REFUSE_REASONS; i++)
        if (i != REFUSE_THREADS && i != REFUSE_QUEUE_FULL) /* this server has neither */
            metric_count_of(
                out, "ws_demo_connections_refused_total", "reason", refuse_reason_names[i], stats->refused[i]);
    one(out, "ws_demo_received_bytes_total", "counter", "Bytes received.", framework->bytes_in);
    one(out, "ws_demo_sent_bytes_total", "counter", "Bytes sent.", framework->bytes_out);
}

static void write_requests(FILE *out) {
    char code[12];
    metric_begin(out, "ws_demo_http_requests_total", "counter", "Requests answered, by status; 101: an upgrade.");
    for (int status = 100; status < 600; status++) {
        snprintf(code, sizeof code, "%d", status);
        if (status == 101 || status == 200 || http_answered(status) > 0)
            metric_count_of(out, "ws_demo_http_requests_total", "code", code, http_answered(status));
    }
    one(out, "ws_demo_polls_total", "counter", "Requests of the feed by polling and long polling.", feed_polls());
}

static void write_rooms(FILE *out) {
    one(out, "ws_demo_members", "gauge", "Members in rooms.", rooms_members());
    one(out, "ws_demo_rooms", "gauge", "Rooms that somebody is in.", rooms_in_use());
    one(out, "ws_demo_messages_received_total", "counter", "Messages that members have said.", rooms_messages_in());
    one(out, "ws_demo_messages_sent_total", "counter", "Messages sent to members.", room_messages_out);
    metric_begin(out, "ws_demo_refusals_total", "counter", "Joins and messages refused, by reason (ws_demo/rooms.h).");
    for (size_t i = 0; i < ROOMS_REFUSALS; i++)
        metric_count_of(out, "ws_demo_refusals_total", "reason", rooms_refusal_names[i], rooms_refused(i));
    one(out, "ws_demo_history_up", "gauge", "1 if the history can be written.", history_is_well());
}

/* All of it. OWNS: the caller, who frees *text. False: no memory. */
static bool write_all(char **text, size_t *length) {
    *text = NULL;
    FILE *out = open_memstream(text, length);
    if (!out)
        return false;
    metric_begin(out, "ws_demo_build_info", "gauge", "1; the version is in the label.");
    metric_count_of(out, "ws_demo_build_info", "version", IO_MODELS_VERSION, 1);
    write_connections(out);
    write_requests(out);
    write_rooms(out);
    write_process(out);
    bool whole = ferror(out) == 0;
    return fclose(out) == 0 && whole;
}

void monitor_metrics(struct channel *c) {
    char *text;
    size_t length;
    if (!forwarded_is_here(c) && !networks_have(&scrapers, &c->from)) {
        http_refuse(c, 403, "metrics are for this machine, and for the scrapers that --metrics-from names\n");
        return;
    }
    if (write_all(&text, &length))
        http_reply(c, METRICS_TYPE, text, length);
    else
        http_refuse(c, 503, "");
    free(text);
}
