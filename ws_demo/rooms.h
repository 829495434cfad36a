/* rooms.h - the application: rooms in which everybody sees at once what anybody says.
 *
 * A client joins with GET /room?room=R&name=N&epoch=E&after=SEQ, and from then on JSON objects go both ways:
 *
 *     client   say, time, cut, bye                 server   hello, message, lost, here, clock, refused, time
 *
 * Nothing is lost over a flash. The server numbers the messages of a room and keeps the last ones (history.h); who
 * comes back says which number it saw last, is sent the others, and is told how many there are no more. The client
 * keeps what it said until that comes back to it, and says it again after a reconnect, under the same id; an id is kept
 * only once. */
#ifndef IO_MODELS_ROOMS_H
#define IO_MODELS_ROOMS_H

#include "http.h"

extern const struct pipeline room_pipeline;

/* Begins to push the clock. `durable`: the history is in a file. */
void rooms_open(struct framework *f, bool durable);

/* An upgrade for /room: joins, and hands the channel over to room_pipeline; or refuses. */
void rooms_request(struct channel *c, const struct http_request *request);

#endif
