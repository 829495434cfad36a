/* transport_no_ring.c - in the place of transport_ring.c where there is no liburing to build it with. */
#include "client/transport.h"

const struct transport *const transport_ring = 0;

const char *transport_ring_why_not(void) {
    return "loadgen was built without liburing 2.3 or later";
}
