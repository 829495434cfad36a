/* signals.h - the signals that end a program: the same for every server. */
#ifndef IO_MODELS_SIGNALS_H
#define IO_MODELS_SIGNALS_H

#include <stdbool.h>

/* Returns a descriptor that becomes readable at the first SIGTERM or SIGINT and stays so. A server can wait for it as
 * it waits for its clients, so that no signal is missed between a check and a wait. It is never read, so several loops
 * may watch it. A second signal ends the process immediately, with status 128 + its number. SIGPIPE is ignored: a send
 * to a peer that is gone fails with EPIPE. Call it once, before the first thread. If no descriptor is free, prints one
 * line and exits with EXIT_SETUP. */
int signals_open(void);

/* True once one of these signals has come. Any thread may call it. */
bool server_is_stopping(void);

/* For a program that has nothing to finish: SIGTERM and SIGINT end it immediately, with status 0. SIGPIPE is ignored,
 * too. */
void signals_end_process(void);

#endif
