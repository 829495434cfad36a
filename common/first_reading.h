/* first_reading.h - what the first readings (*_echo.c) share: the command line and the listening socket. No wait and no
 * transfer of a connection is in here.
 *
 * Each model's second reading is its *_server.c. What that has, and the first has not, is named in the first where it
 * would stand: "Not here". */
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

enum { PAUSE_MS = 100 }; /* accepting rests that long when there is no descriptor or memory for one client more */

/* Reads --port N, and --probe, with which it exits here with status 0: to be called when the server has all that it
 * needs of the kernel. Returns a listening socket (blocking) on 127.0.0.1; what it accepts has TCP_NODELAY set. SIGTERM
 * ends the process at once, with status 0. Then call listener_announce, last. Prints one line and exits with EXIT_SETUP
 * where that is not possible. */
int first_reading_listen(int argc, char **argv);

#endif
