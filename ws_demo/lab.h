/* lab.h - experiments that break a WebSocket, and that a browser alone cannot make: wrong bytes, and a flood. */
#ifndef IO_MODELS_LAB_H
#define IO_MODELS_LAB_H

#include "framework.h"

/* /raw: a binary message goes back as bare bytes, without a frame; a text message as a text message. */
extern const struct pipeline raw_pipeline;

/* /flood: messages, 6 MiB a second of them, for 8 s; then close code 1000. A client that does not keep up is cut off
 * (CLOSE_SLOW_READER).
 */
extern const struct pipeline flood_pipeline;

void lab_open(struct framework *f);

#endif
