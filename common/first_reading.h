/* first_reading.h - what the first readings (*_echo.c) share: the command line and the listening socket. It never waits
 * for a connection and moves none of its bytes.
 *
 * The second reading of each model is its *_server.c. Where the first leaves something out, a comment in its place says
 * "Not here". */
#ifndef IO_MODELS_FIRST_READING_H
#define IO_MODELS_FIRST_READING_H

#include "command_line.h" /* EXIT_SETUP */
#include "listener.h"     /* listener_announce */
#include "session.h"      /* WANT_READ, WANT_WRITE, WANT_CLOSE: what a conversation needs next */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAUSE_MS = 100 }; /* how long accepting pauses if there is no descriptor or memory for another client */

/* Reads --port N and --probe. With --probe it exits here with status 0, so call it after the server has everything that
 * it needs from the kernel. Returns a blocking listening socket on 127.0.0.1; the sockets that it accepts have
 * TCP_NODELAY set. SIGTERM ends the process immediately, with status 0. Call listener_announce last. On an error,
 * prints one line and exits with EXIT_SETUP. */
int first_reading_listen(int argc, char **argv);

#endif
