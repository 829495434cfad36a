/* service.h - what a program owes systemd, and gets from it: sd_listen_fds(3), sd_notify(3), sd_watchdog_enabled(3).
 *
 * Both protocols are a few lines, and stable (https://systemd.io/PORTABILITY_AND_STABILITY/): libsystemd is not needed.
 * Without systemd the environment variables are absent, and nothing is done. */
#ifndef IO_MODELS_SERVICE_H
#define IO_MODELS_SERVICE_H

#include "framework.h"

/* The listening sockets that were passed on to this process (LISTEN_PID, LISTEN_FDS): descriptors from 3 on. Returns
 * how many; more than `most` exit with EXIT_SETUP. They are closed on exec from now on, and the variables are removed:
 * no child believes that they are its own. */
size_t service_sockets(int *sockets, size_t most);

/* All is set up: says READY=1. Says STOPPING=1 when the drain begins; and, if systemd asks for it (WATCHDOG_USEC),
 * WATCHDOG=1 twice in that time, as long as the loop runs. Never waits: what the socket does not take is not said. */
void service_ready(struct framework *f);

#endif
