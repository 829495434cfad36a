/* rooms.h - the application: rooms in which every member immediately sees what any member says.
 *
 * A client joins with GET /room?room=R&name=N&key=K&epoch=E&after=SEQ, and from then on JSON objects go both ways:
 *
 *     client   say, time, wire, cut, bye   server   hello, message, lost, here, clock, refused, store, time, wire
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
 * `wire` is answered by what the last messages of this connection took (deflate_step.h), those that the server has
 * received and those that it has sent: the number of the first of them, and for each its text's bytes, its frame's, and
 * 1 if it was compressed.
 *
 * `refused` says why, in a word. With an id it is about that message:
 *
 *     empty, too_long, rate (say it again later), full (there are ROOMS_MAX rooms, all in use), memory,
 *     history (it cannot be stored: `detail` is the reason, in SQLite's or Redis's words),
 *     with other nodes (cluster.h): busy (Redis is slow: say it again later), away (Redis does not answer: the same)
 *
 * Without one it is about joining, and close code 1013 follows: rate, members, rooms (see guests.h), memory, history,
 * away. With other nodes `store` says that Redis is "away" or "here" again, `hello` says so, too, and names the node.
 * Close code 1012: join again: Redis has lost messages, or another guest has got the name meanwhile. A message of more
 * than JSON_MAX bytes: close code 1009. Close code 1011: no memory to go on; a client that reconnects loses nothing. */
#ifndef IO_MODELS_ROOMS_H
#define IO_MODELS_ROOMS_H

#include "cluster.h"
#include "http.h"

extern const struct pipeline room_pipeline;

/* Begins to push the clock. `durable`: the history survives this process. `nodes`: the other nodes; NULL: there are
 * none. */
void rooms_open(struct framework *f, bool durable, const struct cluster *nodes);

/* What the rooms do when something comes from other nodes. */
extern const struct cluster_events rooms_events;

/* Messages that members have said so far, and that were not refused at once. */
uint64_t rooms_messages_in(void);

/* What `refused` may say, and how often it has said it so far. */
enum { ROOMS_REFUSALS = 10 };
extern const char *const rooms_refusal_names[ROOMS_REFUSALS];
uint64_t rooms_refused(size_t which);

/* An upgrade for /room: joins, and hands the channel over to room_pipeline; or refuses. */
void rooms_request(struct channel *c, const struct http_request *request);

#endif
