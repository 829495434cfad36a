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
#include "echo.h"
#include "feed.h"
#include "guests.h"
#include "history.h"
#include "json_text.h"
#include "lab.h"
#include "listener.h"
#include "live.h"
#include "memory.h"
#include "rooms.h"
#include "site.h"
#include "wall_clock.h"
#include <errno.h>
#include <error.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct pipeline echo_pipelines[] = {
    [PROTOCOL_ECHO] = {&codec_bytes, &echo_handlers},
    [PROTOCOL_WS] = {&codec_websocket, &echo_handlers},
};

struct model_options {
    bool echo;
    const char *history_path; /* NULL: memory */
    struct cluster_options cluster;
    int live; /* the socket to the host of a stage; 0: there is none */
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
    case 'e': o->echo = true; return 0;
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
    struct sockaddr_in address = {0};
    getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof address});
    return ntohs(address.sin_port);
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
    ev_io_stop(f->loop, &f->listener);
    const struct cluster *cluster = cluster_open(f->loop, options, port_of(listener), &rooms_events);
    if (!f->draining)
        ev_io_start(f->loop, &f->listener);
    return cluster;
}

double wall_clock_offset_ms;

int main(int argc, char **argv) {
    static const struct argp model = {model_arguments, parse_option, NULL, NULL, NULL, NULL, NULL};
    static struct framework framework;
    struct model_options chosen = {0};
    struct options options;
    const struct cluster *cluster = NULL;
    int listener;
    options_more_limits = guests_limits_print;
    options_parse(
        &options, argc, argv, "A framework (libev): rooms, a page, and what a WebSocket is.", &model, &chosen);
    memory_keep_freed();
    check_cluster(&chosen);
    if (!chosen.echo) {
        options.protocol = PROTOCOL_WS;
        history_open(chosen.history_path);
        json_text_open();
    }
    if (options.handler_delay.tv_nsec && !chosen.echo)
        error(EXIT_SETUP, 0, "--handler-delay is an experiment with --echo: give both, or neither");
    listener = listener_open(&options);
    framework_open(
        &framework, listener, &options, chosen.echo ? &echo_pipelines[options.protocol] : &site_pipeline.pipeline);
    if (!chosen.echo) {
        framework.counts_guests = true;
        if (chosen.cluster.redis)
            cluster = join_cluster(&framework, &chosen.cluster, listener);
        rooms_open(&framework, cluster ? cluster->is_durable : chosen.history_path != NULL, cluster);
        feed_open(&framework);
        lab_open(&framework);
        if (chosen.live)
            live_open(&framework, chosen.live);
    }
    listener_announce(listener);
    if (!framework.draining) /* no signal has come while it joined a cluster */
        framework_run(&framework);
    if (cluster)
        cluster->close();
    framework_close(&framework);
    if (!chosen.echo)
        history_close();
    stats_write(&options, "ws_demo", NULL, &framework.stats);
    return 0;
}
