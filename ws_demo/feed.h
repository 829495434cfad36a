/* feed.h - one feed of events, available in three ways: by polling, by long polling, over a WebSocket. */
#ifndef IO_MODELS_FEED_H
#define IO_MODELS_FEED_H

#include "http.h"

extern const struct pipeline feed_pipeline;

void feed_open(struct framework *f);

/* GET /feed/poll?after=N: answers immediately, with the events after number N. GET /feed/long-poll?after=N: answers
 * when there is one; LIMIT: 20 s, then without an event.
 */
void feed_poll(struct channel *c, const struct http_request *request);
void feed_long_poll(struct channel *c, const struct http_request *request);

/* A channel ends: forgets its long poll, if it has one. */
void feed_forget(struct channel *c);

/* Requests of both kinds so far. */
uint64_t feed_polls(void);

#endif
