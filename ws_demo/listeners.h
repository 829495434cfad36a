/* listeners.h - on what ws_demo listens: the sockets that systemd has opened, a Unix socket, or an address and a port.
 */
#ifndef IO_MODELS_LISTENERS_H
#define IO_MODELS_LISTENERS_H

#include "framework.h"

struct unix_options {
    const char *path; /* NULL: no Unix socket */
    mode_t mode;      /* who may connect: the permission bits of the socket's file (unix(7)) */
};

/* Opens the listening sockets: those of systemd, if it has passed any on (service.h); else the Unix socket, if there is
 * one; else the address and the port of `options`. Returns how many; LIMIT: LISTENERS_MAX. *has_unix: one of them is a
 * Unix socket. A Unix socket's file whose server is gone is replaced; one whose server answers, and a file that is no
 * socket, are left alone. On an error, prints one line and exits with EXIT_SETUP. */
size_t listeners_open(int listeners[LISTENERS_MAX], const struct options *options,
    const struct unix_options *unix_socket, bool *has_unix);

/* Prints a line for each, as listener_announce does: "listening on 127.0.0.1:8080", "listening on unix:/run/ws_demo".
 */
void listeners_announce(const int *listeners, size_t count);

/* Removes the file of the Unix socket that listeners_open made; not one that another server has put in its place. To be
 * called before the socket is closed, or another file may get its number. Does nothing the second time. */
void listeners_unlink(void);

#endif
