/* rooms.h - the application: rooms in which everybody sees at once what anybody says.
 *
 * A client joins with GET /room?room=R&name=N&key=K&epoch=E&after=SEQ, and from then on JSON objects go both ways:
 *
 *     client   say, time, cut, bye                 server   hello, message, lost, here, clock, refused, time
 *
 * Nothing is lost over a flash. The server numbers the messages of a room and keeps the last ones (history.h); who
 * comes back says which number it saw last, is sent the others, and is told how many there are no more. The client
 * keeps what it said until that comes back to it, and says it again after a reconnect, under the same id.
 *
 * Whose an id is. K is the client's secret: 128 random bits, in 32 hex digits, that it keeps for as long as its outbox,
 * and shows to nobody. An id is kept only once *for one key*, and goes back only to clients with that key: a message
 * that comes with an id is the client's own; all others have none. So nobody can take another's ids, by guessing them
 * or by reading them. The server keeps a digest of the key, and greets with the key blotted out. Without a key a client
 * gets one for this connection only: what it says again after a reconnect is then a new message. A proxy that logs
 * whole targets logs the key: it is worth what a session's cookie is.
 *
 * Names are cleaned (names.h), and one guest's at a time in a room: "Ada" becomes "Ada 2" where there is another Ada.
 * `hello` says which name it was.
 *
 * `refused` says why, in a word. With an id it is about that message:
 *
 *     empty, too_long, rate (say it again later), full (there are ROOMS_MAX rooms, all in use), memory,
 *     history (it cannot be kept: `detail` is what SQLite says)
 *
 * Without one it is about joining, and close code 1013 follows: rate, members, rooms (see guests.h), memory, history.
 * A message of more than JSON_MAX bytes: close code 1009. Close code 1011: there was no memory to go on; come back, and
 * nothing is lost. */
#ifndef IO_MODELS_ROOMS_H
#define IO_MODELS_ROOMS_H

#include "http.h"

extern const struct pipeline room_pipeline;

/* Begins to push the clock. `durable`: the history is in a file. */
void rooms_open(struct framework *f, bool durable);

/* An upgrade for /room: joins, and hands the channel over to room_pipeline; or refuses. */
void rooms_request(struct channel *c, const struct http_request *request);

#endif
