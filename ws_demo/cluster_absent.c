/* cluster_absent.c - in place of cluster.c where libhiredis was not there when ws_demo was built. */
#include "cluster.h"
#include "command_line.h"
#include <error.h>

const struct cluster *cluster_open(
    struct ev_loop *loop, const struct cluster_options *options, int port, const struct cluster_events *events) {
    (void)loop, (void)port, (void)events;
    error(EXIT_SETUP, 0,
        "--redis %s: this ws_demo was built without libhiredis; install libhiredis-dev, and build it anew",
        options->redis);
    return NULL;
}
