/* rooms.h - the application: rooms in which every member immediately sees what any member says.
 *
 * A client joins with GET /room?room=R&name=N&key=K&epoch=E&after=SEQ, and from then on JSON objects go both ways:
 *
 *     client   say, time, cut, bye                 server   hello, message, lost, here, clock, refused, time
 *
 * No message is lost when connections break. The server numbers the messages of a room and stores the last ones
 * (history.h). A client that reconnects says which number it saw last, gets the newer messages, and is told how many of
 * them are no longer stored. The client keeps each message that it sends until it comes back from the server, and sends
 * it again after a reconnect, with the same id.
 *
 * Who owns an id. K is the client's secret: 128 random bits, in 32 hex digits, that it keeps for as long as its outbox,
 * and shows to nobody. An id is stored only once *per key*, and is sent only to clients with that key: a message that
 * comes with an id is the client's own; all others have none. So no client can use another's ids, neither by guessing
 * nor by reading them. The server stores a digest of the key only, and its `hello` shows the request without the key. A
 * client without a key gets one for this connection only: a message that it sends again after a reconnect is then a new
 * message. A proxy that logs whole targets logs the key: protect it like a session cookie.
 *
 * Names are cleaned (names.h), and two guests in a room never have the same name: "Ada" becomes "Ada 2" if there is
 * another Ada. `hello` says which name the client has got.
 *
 * `refused` says why, in a word. With an id it is about that message:
 *
 *     empty, too_long, rate (say it again later), full (there are ROOMS_MAX rooms, all in use), memory,
 *     history (it cannot be stored: `detail` is SQLite's reason)
 *
 * Without one it is about joining, and close code 1013 follows: rate, members, rooms (see guests.h), memory, history. A
 * message of more than JSON_MAX bytes: close code 1009. Close code 1011: no memory to go on; a client that reconnects
 * loses nothing. */
#ifndef IO_MODELS_ROOMS_H
#define IO_MODELS_ROOMS_H

#include "http.h"

extern const struct pipeline room_pipeline;

/* Begins to push the clock. `durable`: the history is in a file. */
void rooms_open(struct framework *f, bool durable);

/* Messages that members have said so far, and that were not refused at once. */
uint64_t rooms_messages_in(void);

/* What `refused` may say, and how often it has said it so far. */
enum { ROOMS_REFUSALS = 8 };
extern const char *const rooms_refusal_names[ROOMS_REFUSALS];
uint64_t rooms_refused(size_t which);

/* An upgrade for /room: joins, and hands the channel over to room_pipeline; or refuses. */
void rooms_request(struct channel *c, const struct http_request *request);

#endif
