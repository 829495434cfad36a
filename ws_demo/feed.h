/* feed.h - one feed of events, to be had in three ways: by polling, by long polling, over a WebSocket. */
#ifndef IO_MODELS_FEED_H
#define IO_MODELS_FEED_H

#include "http.h"

extern const struct pipeline feed_pipeline;

void feed_open(struct framework *f);

/* GET /feed/poll?after=N: what there is now. GET /feed/long-poll?after=N: as soon as there is something; LIMIT: 20 s.
 */
void feed_poll(struct channel *c, const struct http_request *request);
void feed_long_poll(struct channel *c, const struct http_request *request);

/* The connection of a long poll may end before there is something. */
void feed_forget(struct channel *c);

/* Requests of both kinds so far. */
uint64_t feed_polls(void);

#endif
