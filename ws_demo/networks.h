/* networks.h - lists of addresses and networks, as options name them: "127.0.0.1", "10.0.0.0/8", "2001:db8::/32". */
#ifndef IO_MODELS_NETWORKS_H
#define IO_MODELS_NETWORKS_H

#include "address.h"

/* LIMIT: networks of one list. */
enum { NETWORKS_MAX = 16 };

struct networks {
    struct {
        struct in6_addr ip; /* of IPv4: the mapped address, and 96 bits more */
        int bits;
    } all[NETWORKS_MAX];
    int count;
};

/* Adds a network. False: it is none (a bit beyond its length is set, say), or one too many. */
bool networks_add(struct networks *networks, const char *text);

/* False for an address that is not of kind ADDRESS_IP. */
bool networks_have(const struct networks *networks, const struct address *address);

#endif
