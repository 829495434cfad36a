/* transport_no_ring.c - replaces transport_ring.c in a build without liburing. */
#include "transport/transports.h"

static const char *no_ring_open(struct group *g, struct turner *turner) {
    (void)g, (void)turner;
    return "loadgen was built without liburing 2.3 or later";
}

static void no_ring_close(struct group *g) {
    (void)g;
}

const struct transport transport_ring = {.name = "io_uring", .open = no_ring_open, .close = no_ring_close};
