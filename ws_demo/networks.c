#include "networks.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number behind the slash: digits only. -1 for anything else. */
static int read_length(const char *text, int most) {
    size_t length = strlen(text);
    if (length == 0 || length > 3 || strspn(text, "0123456789") != length || (length > 1 && text[0] == '0'))
        return -1;
    int bits = atoi(text);
    return bits <= most ? bits : -1;
}

static bool is_in(const struct in6_addr *ip, const struct in6_addr *network, int bits) {
    int whole = bits / 8, rest = bits % 8;
    if (memcmp(ip, network, (size_t)whole) != 0)
        return false;
    return rest == 0 || (ip->s6_addr[whole] ^ network->s6_addr[whole]) >> (8 - rest) == 0;
}

/* Are all bits beyond the network's length 0? If not, somebody has written something else than what was meant. */
static bool ends_in_zeros(const struct in6_addr *ip, int bits) {
    for (int bit = bits; bit < 128; bit++)
        if (ip->s6_addr[bit / 8] >> (7 - bit % 8) & 1)
            return false;
    return true;
}

bool networks_add(struct networks *networks, const char *text) {
    char bare[ADDRESS_SIZE];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    struct address address;
    if (length >= sizeof bare || networks->count == NETWORKS_MAX)
        return false;
    snprintf(bare, sizeof bare, "%.*s", (int)length, text);
    if (strchr(bare, '%') || !address_read(bare, &address))
        return false;
    int before = IN6_IS_ADDR_V4MAPPED(&address.ip) && !strchr(bare, ':') ? 96 : 0;
    int bits = slash ? read_length(slash + 1, 128 - before) : 128 - before;
    if (bits < 0 || !ends_in_zeros(&address.ip, before + bits))
        return false;
    networks->all[networks->count].ip = address.ip;
    networks->all[networks->count++].bits = before + bits;
    return true;
}

bool networks_have(const struct networks *networks, const struct address *address) {
    if (address->kind != ADDRESS_IP)
        return false;
    for (int i = 0; i < networks->count; i++)
        if (is_in(&address->ip, &networks->all[i].ip, networks->all[i].bits))
            return true;
    return false;
}
