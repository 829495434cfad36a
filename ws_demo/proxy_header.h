/* proxy_header.h - the PROXY protocol, versions 1 and 2: for whom a proxy connects, in a header before all other bytes.
 *
 * After https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt. Strict: what is not exactly a header is none. A
 * client that the proxy cannot name (UNKNOWN, UNSPEC, a Unix socket, UDP) gets the kind ADDRESS_UNKNOWN, and not the
 * proxy's own address, as the document has it: the proxy may be on this machine, whose users may do more here. The
 * proxy itself (LOCAL: its health checks) is named by its socket. Of what may follow the addresses in version 2, the
 * checksum is verified (section 2.2.3), and the rest skipped. Pure: no I/O. */
#ifndef IO_MODELS_PROXY_HEADER_H
#define IO_MODELS_PROXY_HEADER_H

#include "address.h"
#include <stddef.h>
#include <stdint.h>

/* LIMIT: bytes of a header; a longer one is none. The document promises at most 536 from a proxy. */
enum { PROXY_HEADER_MAX = 2048 };

enum proxy_header_is {
    PROXY_HEADER_PARTIAL, /* these bytes may become one */
    PROXY_HEADER_CLIENT,  /* complete: *client is the address for which the proxy connects */
    PROXY_HEADER_LOCAL,   /* complete: the proxy has connected for itself */
    PROXY_HEADER_BAD,     /* these bytes begin no header */
};

/* Parses the header that these bytes begin with. If it is complete, *length is its length: bytes behind it are not
 * looked at. */
enum proxy_header_is proxy_header_parse(const uint8_t *bytes, size_t count, size_t *length, struct address *client);

#endif
