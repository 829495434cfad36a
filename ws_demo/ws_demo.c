/* ws_demo.c - the framework chapter: a page, and real-time interaction, on the event loop of a library, libev.
 *
 *     thread   ev_run -- sleeps --+ decode, handlers, encode | flush | ev_run -- sleeps --+
 *     kernel   wait for data      | copy                     | copy  | wait for data      |
 *
 * The model is nio's; the framework does the work. Compare rooms.c, the application (a message reaches every member of
 * its room, and none is lost when connections break), with framework.c, which is everything between the application and
 * a socket, and with nio/nio_server.c, which has no framework.
 *
 * Read: the pipelines below, rooms.c, framework.h; then framework.c.
 */
#include "cluster.h"
#include "codec.h"
#include "deflate_step.h"
#include "deployment.h"
#include "echo.h"
#include "feed.h"
#include "forwarded.h"
#include "guests.h"
#include "history.h"
#include "json_text.h"
#include "lab.h"
#include "listeners.h"
#include "live.h"
#include "memory.h"
#include "monitor.h"
#include "rooms.h"
#include "service.h"
#include "site.h"
#include "tls.h"
#include "wall_clock.h"
#include <errno.h>
#include <error.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct pipeline echo_pipelines[] = {
    [PROTOCOL_ECHO] = {&codec_bytes, &echo_handlers},
    [PROTOCOL_WS] = {&codec_deflate, &echo_handlers},
};

struct model_options {
    bool echo;
    bool no_deflate;
    const char *history_path; /* NULL: memory */
    struct cluster_options cluster;
    int live; /* the socket to the host of a stage; 0: there is none */
    struct deployment deployment;
};

/* Who names a descriptor that is no socket gets one line now, and not a stage that is deaf. */
static int live_socket(const char *text) {
    int type = 0, fd = atoi(text);
    socklen_t size = sizeof type;
    if (fd <= STDERR_FILENO || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
        error(EXIT_SETUP, 0, "--live takes a descriptor of a packet socket (ws_demo/live.h), not '%s'", text);
    return fd;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct model_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->deployment; return 0;
    case 'e': o->echo = true; return 0;
    case 'D': o->no_deflate = true; return 0;
    case 'H': o->history_path = value; return 0;
    case 'L': o->live = live_socket(value); return 0;
    case 'R': o->cluster.redis = value; return 0;
    case 'P': o->cluster.password_file = value; return 0;
    case 'N': o->cluster.node = value; return 0;
    case 'n':
        if (!site_allow_host(value))
            error(EXIT_SETUP, 0,
                "--allow-host takes a name such as class.example, without a port, %d at most, not '%s'", ALLOWED_MAX,
                value);
        return 0;
    case 'o':
        if (!site_allow_origin(value))
            error(EXIT_SETUP, 0,
                "--allow-origin takes an origin such as http://class.example:8080, %d at most, not '%s'", ALLOWED_MAX,
                value);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option model_arguments[] = {
    {"echo", 'e', NULL, 0, "No page: echo, like the other servers (--protocol)", 0},
    {"no-deflate", 'D', NULL, 0,
        "Compress nothing, as with --echo; otherwise the page is offered what --deflate offers", 0},
    {"live", 'L', "FD", 0,
        "A stage on /live, directed by the process at the other end of this socket (scripts/live.sh)", 0},
    {"history", 'H', "FILE", 0, "Keep what is said in this file, over a restart (default: in memory)", 0},
    {"redis", 'R', "HOST:PORT", 0,
        "Share the rooms with other nodes through this Redis; its password is in IO_MODELS_REDIS_PASSWORD, if it has "
        "one",
        0},
    {"redis-password-file", 'P', "FILE", 0, "The password of Redis is the first line of this file", 0},
    {"node", 'N', "NAME", 0, "The name of this node of the cluster (default: the machine's name and the port)", 0},
    {"allow-origin", 'o', "ORIGIN", 0, "Let pages of this origin connect, too, and answer to its name; may be repeated",
        0},
    {"allow-host", 'n', "NAME", 0, "Answer requests that call the server by this name, too; may be repeated", 0}, {0}};

static int port_of(int listener) {
    struct sockaddr_storage place = {0};
    getsockname(listener, (struct sockaddr *)&place, &(socklen_t){sizeof place});
    return address_of_socket((const struct sockaddr *)&place).port;
}

static void check_cluster(const struct model_options *chosen) {
    if (chosen->cluster.redis && (chosen->echo || chosen->history_path))
        error(EXIT_SETUP, 0, "--redis is for rooms, and keeps what is said there: leave out %s",
            chosen->echo ? "--echo" : "--history");
    if (!chosen->cluster.redis && (chosen->cluster.node || chosen->cluster.password_file))
        error(EXIT_SETUP, 0, "%s is for a node of a cluster: give --redis HOST:PORT, too",
            chosen->cluster.node ? "--node" : "--redis-password-file");
}

/* Nobody is accepted before the rooms are there. */
static const struct cluster *join_cluster(struct framework *f, const struct cluster_options *options, int listener) {
    for (size_t i = 0; i < f->listeners_count; i++)
        ev_io_stop(f->loop, &f->listeners[i]);
    const struct cluster *cluster = cluster_open(f->loop, options, port_of(listener), &rooms_events);
    for (size_t i = 0; i < f->listeners_count && !f->draining; i++)
        ev_io_start(f->loop, &f->listeners[i]);
    return cluster;
}

double wall_clock_offset_ms;

/* The page's sockets are compressed by default, an echo only when it is asked for, as in the other servers. */
static void complete(struct options *options, void *chosen) {
    const struct model_options *o = chosen;
    struct limits *limits = &options->limits;
    if (limits->deflate_bits == 0 && !o->echo)
        limits->deflate_bits = DEFLATE_BITS_DEFAULT;
    if (o->no_deflate)
        limits->deflate_bits = 0;
    limits->deflate_forgets = !o->echo;
}

static void print_more_limits(FILE *out) {
    guests_limits_print(out);
    step_limits_print(out);
}

/* The page: what it has besides a framework. Returns the other nodes, or NULL. */
static const struct cluster *open_page(
    struct framework *f, const struct model_options *chosen, int listener, bool unix_too) {
    const struct cluster *cluster = NULL;
    f->counts_guests = true;
    forwarded_open(f, unix_too, chosen->deployment.proxy_header);
    monitor_open(f);
    if (chosen->cluster.redis)
        cluster = join_cluster(f, &chosen->cluster, listener);
    rooms_open(f, cluster ? cluster->is_durable : chosen->history_path != NULL, cluster);
    feed_open(f);
    lab_open(f);
    if (chosen->live)
        live_open(f, chosen->live);
    return cluster;
}

int main(int argc, char **argv) {
    static const struct argp_child more[] = {{&deployment_argp, 0, NULL, 0}, {&tls_options, 0, NULL, 0}, {0}};
    static const struct argp model = {model_arguments, parse_option, NULL, NULL, more, NULL, NULL};
    static struct framework framework;
    struct model_options chosen = {.deployment = DEPLOYMENT_DEFAULT};
    struct options options;
    const struct cluster *cluster = NULL;
    int listeners[LISTENERS_MAX];
    bool has_unix;
    options_more_limits = print_more_limits;
    options_complete = complete;
    options_parse(
        &options, argc, argv, "A framework (libev): rooms, a page, and what a WebSocket is.", &model, &chosen);
    memory_keep_freed();
    check_cluster(&chosen);
    deployment_check(&chosen.deployment, chosen.echo);
    if (!chosen.echo) {
        options.protocol = PROTOCOL_WS;
        history_open(chosen.history_path);
        json_text_open();
    }
    if (options.handler_delay.tv_nsec && !chosen.echo)
        error(EXIT_SETUP, 0, "--handler-delay is an experiment with --echo: give both, or neither");
    size_t count = listeners_open(listeners, &options, &chosen.deployment.unix_socket, &has_unix);
    framework_open(
        &framework, listeners[0], &options, chosen.echo ? &echo_pipelines[options.protocol] : &site_pipeline.pipeline);
    for (size_t i = 1; i < count; i++)
        framework_listen(&framework, listeners[i]);
    framework.unlisten = listeners_unlink;
    tls_open(&framework);
    if (!chosen.echo)
        cluster = open_page(&framework, &chosen, listeners[0], has_unix);
    listeners_announce(listeners, count);
    tls_announce();
    service_ready(&framework);
    if (!framework.draining) /* no signal has come while it joined a cluster */
        framework_run(&framework);
    if (cluster)
        cluster->close();
    framework_close(&framework);
    if (!chosen.echo)
        history_close();
    listeners_unlink();
    stats_write(&options, "ws_demo", tls_notes(), &framework.stats);
    tls_close();
    return 0;
}
