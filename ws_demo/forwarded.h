/* forwarded.h - who asks: the address of a request's client, behind proxies too.
 *
 * A proxy connects for others. What it says of their addresses counts only if the proxy itself is trusted
 * (--trust-proxy): anybody could say it. A trusted proxy says it in one of two ways:
 *
 *     PROXY protocol     before all other bytes, for the whole connection (--proxy-protocol; proxy_header.h)
 *     X-Forwarded-For    in each request: "client, proxy 1, proxy 2". Each proxy appends the address that connected to
 *                        it. So they are read from the right: the first that is not a trusted proxy is the client;
 *                        what is left of it may be invented by the client.
 *
 * The address found counts for the limits (guests.h), in the log, and for what only this machine may do. RFC 7239's
 * Forwarded is not read. */
#ifndef IO_MODELS_FORWARDED_H
#define IO_MODELS_FORWARDED_H

#include "http.h"
#include "networks.h"

/* Trusts the proxies of this network. False: it is no network, or one too many (NETWORKS_MAX). */
bool forwarded_trust(const char *network);

/* Before the first connection: proxies are known as such from now on. `unix_too`: whoever connects to the Unix socket
 * is a trusted proxy. `header`: a connection of a trusted proxy must begin with a PROXY header; if none is trusted,
 * prints one line and exits with EXIT_SETUP. */
void forwarded_open(struct framework *f, bool unix_too, bool header);

/* Finds the request's client, and lets the channel count as its. Call it once for each request, from on_request. False:
 * that address has as many connections as it may, or there is no memory. */
bool forwarded_find(struct channel *c);

/* True if the client is on this machine itself: 127.0.0.1 or ::1, and no sign that it only passes on what somebody else
 * wants. So false for a trusted proxy on this machine that does not say for whom it asks, and for a proxy that is not
 * trusted but has written one of the fields by which proxies are known. Call it from on_request, or from on_open after
 * an upgrade. */
bool forwarded_is_here(const struct channel *c);

#endif
