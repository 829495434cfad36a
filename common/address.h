/* address.h - the address of a peer or of a listening socket: IPv4 and IPv6 in one form, and as text.
 *
 * An IPv4 address has the form of the IPv6 address that it is mapped to, ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
 * So a client is the same client whether it came to an IPv4 socket or to a dual-stack IPv6 socket (ipv6(7)). */
#ifndef IO_MODELS_ADDRESS_H
#define IO_MODELS_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

enum address_kind {
    ADDRESS_UNKNOWN, /* the peer is gone (ENOTCONN), or its proxy does not know its address */
    ADDRESS_UNIX,    /* a Unix socket: its peers have no address */
    ADDRESS_IP,
};

struct address {
    struct in6_addr ip; /* ADDRESS_IP only; else all zero */
    uint32_t scope;     /* the interface of a link-local address; else 0 */
    uint16_t port;      /* 0: not known, or any */
    uint8_t kind;       /* enum address_kind */
};

/* Bytes of an address as text, with a port, brackets and the NUL: "[fe80::1%eth0]:65535". */
enum { ADDRESS_SIZE = 96 };

/* Reads "192.0.2.1", "::1", "[::1]" or, for a link-local address, "fe80::1%eth0". Sets the port to 0. False for
 * anything else: names, and IPv4 addresses of fewer than four numbers (inet_pton(3)). */
bool address_read(const char *text, struct address *address);

/* The address of an IPv4 host, its four bytes in network order, without a port. */
struct address address_of_ipv4(struct in_addr ip);

/* The address in a socket's form, and the other way. address_to_socket returns the size of what it wrote; the address
 * must be of kind ADDRESS_IP. A mapped address becomes an IPv4 one. */
socklen_t address_to_socket(const struct address *address, struct sockaddr_storage *place);
struct address address_of_socket(const struct sockaddr *place);

/* The address of a connected socket's peer. */
struct address address_of_peer(int fd);

/* The address as text: "192.0.2.1:8080", "[::1]:8080"; without a port "192.0.2.1", "::1". Returns `text`. */
const char *address_text(const struct address *address, char text[ADDRESS_SIZE]);

/* True for 127.0.0.1 and ::1, not for the rest of 127.0.0.0/8. */
bool address_is_loopback(const struct address *address);

#endif
