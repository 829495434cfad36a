#include "address.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static bool is_mapped(const struct in6_addr *ip) {
    return IN6_IS_ADDR_V4MAPPED(ip);
}

struct address address_of_ipv4(struct in_addr ip) {
    struct address address = {.ip = {.s6_addr = {[10] = 0xFF, [11] = 0xFF}}, .kind = ADDRESS_IP};
    memcpy(&address.ip.s6_addr[12], &ip, sizeof ip);
    return address;
}

static struct in_addr unmapped(const struct in6_addr *all) {
    struct in_addr ip;
    memcpy(&ip, &all->s6_addr[12], sizeof ip);
    return ip;
}

/* "fe80::1%eth0": cuts the name off, and looks for the interface (RFC 4007 section 11). */
static bool read_scope(char *text, uint32_t *scope) {
    char *name = strchr(text, '%');
    *scope = 0;
    if (!name)
        return true;
    *name = '\0';
    *scope = if_nametoindex(name + 1);
    return *scope != 0;
}

bool address_read(const char *text, struct address *address) {
    char bare[INET6_ADDRSTRLEN + IF_NAMESIZE];
    size_t length = strlen(text);
    bool bracket = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    struct in_addr ipv4;
    *address = (struct address){.kind = ADDRESS_IP};
    if (bracket)
        text++, length -= 2;
    if (length >= sizeof bare)
        return false;
    memcpy(bare, text, length);
    bare[length] = '\0';
    if (!bracket && inet_pton(AF_INET, bare, &ipv4) == 1) {
        *address = address_of_ipv4(ipv4);
        return true;
    }
    return read_scope(bare, &address->scope) && inet_pton(AF_INET6, bare, &address->ip) == 1;
}

socklen_t address_to_socket(const struct address *address, struct sockaddr_storage *place) {
    *place = (struct sockaddr_storage){0};
    if (is_mapped(&address->ip)) {
        struct sockaddr_in *ipv4 = (struct sockaddr_in *)place;
        *ipv4 = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_port = htons(address->port), .sin_addr = unmapped(&address->ip)};
        return sizeof *ipv4;
    }
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)place;
    *ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
        .sin6_port = htons(address->port),
        .sin6_addr = address->ip,
        .sin6_scope_id = address->scope};
    return sizeof *ipv6;
}

struct address address_of_socket(const struct sockaddr *place) {
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)place;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)place;
    struct address address;
    switch (place->sa_family) {
    case AF_INET:
        address = address_of_ipv4(ipv4->sin_addr);
        address.port = ntohs(ipv4->sin_port);
        return address;
    case AF_INET6:
        return (struct address){
            .kind = ADDRESS_IP, .ip = ipv6->sin6_addr, .scope = ipv6->sin6_scope_id, .port = ntohs(ipv6->sin6_port)};
    case AF_UNIX: return (struct address){.kind = ADDRESS_UNIX};
    default: return (struct address){.kind = ADDRESS_UNKNOWN};
    }
}

struct address address_of_peer(int fd) {
    struct sockaddr_storage place = {0};
    if (getpeername(fd, (struct sockaddr *)&place, &(socklen_t){sizeof place}) < 0) /* the peer has reset it */
        return (struct address){.kind = ADDRESS_UNKNOWN};
    return address_of_socket((const struct sockaddr *)&place);
}

/* The address alone, with the name of a link-local address's interface, or its number where that has no name. */
static void write_ip(const struct address *address, char text[ADDRESS_SIZE]) {
    char name[IF_NAMESIZE];
    struct in_addr ipv4 = unmapped(&address->ip);
    if (is_mapped(&address->ip)) {
        inet_ntop(AF_INET, &ipv4, text, ADDRESS_SIZE);
        return;
    }
    inet_ntop(AF_INET6, &address->ip, text, ADDRESS_SIZE);
    size_t length = strlen(text);
    if (address->scope && if_indextoname(address->scope, name))
        snprintf(text + length, ADDRESS_SIZE - length, "%%%s", name);
    else if (address->scope)
        snprintf(text + length, ADDRESS_SIZE - length, "%%%u", (unsigned)address->scope);
}

const char *address_text(const struct address *address, char text[ADDRESS_SIZE]) {
    char ip[ADDRESS_SIZE];
    if (address->kind != ADDRESS_IP) {
        snprintf(
            text, ADDRESS_SIZE, "%s", address->kind == ADDRESS_UNIX ? "a peer on a Unix socket" : "an unknown peer");
        return text;
    }
    write_ip(address, ip);
    bool bracket = address->port != 0 && !is_mapped(&address->ip);
    int length = snprintf(text, ADDRESS_SIZE, "%s%.70s%s", bracket ? "[" : "", ip, bracket ? "]" : "");
    if (address->port != 0)
        snprintf(text + length, ADDRESS_SIZE - (size_t)length, ":%u", (unsigned)address->port);
    return text;
}

bool address_is_loopback(const struct address *address) {
    static const struct in6_addr ipv4 = {.s6_addr = {[10] = 0xFF, [11] = 0xFF, 127, 0, 0, 1}};
    return address->kind == ADDRESS_IP &&
           (memcmp(&address->ip, &ipv4, sizeof ipv4) == 0 || memcmp(&address->ip, &in6addr_loopback, sizeof ipv4) == 0);
}
