/* signals.h - the signals that end a program: the same for every server. */
#ifndef IO_MODELS_SIGNALS_H
#define IO_MODELS_SIGNALS_H

#include <stdbool.h>

/* From now on the first SIGTERM or SIGINT makes the descriptor that this returns readable, for good: a server waits for
 * it in the way in which it waits for its clients, so that no signal falls between two instructions and is missed.
 * Nobody reads it, so several loops may watch the same one. A second signal ends the process at once (128 + its
 * number). A peer that is gone raises no SIGPIPE.
 * To be called once, before any thread. Prints one line and exits with EXIT_SETUP where there is no descriptor. */
int signals_open(void);

/* Has one of these signals come? Any thread may call. */
bool server_is_stopping(void);

/* For a program that has nothing to finish: SIGTERM and SIGINT end it at once, with status 0. No SIGPIPE either. */
void signals_end_process(void);

#endif
