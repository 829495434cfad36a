/* transports.h - which transports there are: see client/transport.h. */
#ifndef LOADGEN_TRANSPORTS_H
#define LOADGEN_TRANSPORTS_H

#include "client/transport.h"

extern const struct transport transport_epoll;

/* Its `open` returns why it cannot be used: the program was built without liburing, or the kernel lacks a feature. */
extern const struct transport transport_ring;

#endif
