/* client_parts.h - the functions that the files of client/ call in one another, in the order of their layers: see
 * client.h. */
#ifndef LOADGEN_CLIENT_PARTS_H
#define LOADGEN_CLIENT_PARTS_H

#include "client/client.h"
#include "client/transport.h"

static inline bool client_is_websocket(const struct client *c) {
    return c->group->plan->options->protocol == PROTOCOL_WS;
}

/* --active: it is answered once, and then stays connected and idle. */
static inline bool client_is_idle(const struct client *c) {
    return c->id >= c->group->plan->options->active;
}

/* The connection attempt has an outcome. Only the first attempt of each client is counted. */
static inline void client_settled(struct client *c) {
    c->group->settled += !c->returned;
}

/* Message numbers below this have left, or have begun to. */
static inline uint64_t client_begun(const struct client *c) {
    return c->sending + (c->send_offset > 0);
}

/* ---- exchange.c ---- */

/* The connection is made, and the handshake, if there is one, is done: the messages begin. */
void client_serve(struct client *c);

/* Bytes came, or more may be sent: sends what is allowed now; closes if the run is over and nothing is in flight. */
void client_advance(struct client *c, uint64_t now);

/* ---- close.c ---- */

/* Counts the failure, closes. `error` is an errno or 0. */
void client_fail(struct client *c, enum failure failure, int error);

/* Nothing is in flight and nothing more will be: close in the orderly way. */
void client_close(struct client *c);

/* WebSocket: the server broke a rule, or closes in mid-run. Counts the failure, answers with a close frame (RFC 6455
 * sections 5.5.1 and 7.1.7), if the socket takes it, and closes as client_close does. */
void client_refuse(struct client *c, uint16_t code);

/* ---- flash.c ---- */

/* The client failed to reconnect after a flash. True: it tries again, and this does not count as a failure. */
bool client_tries_again(struct client *c, enum failure failure);

/* Messages are in flight, but on a connection that was lost: sends them again, from the first that was not answered. */
void client_resume(struct client *c);

/* The first answer after the flash has come. */
void client_is_back(struct client *c, uint64_t now);

/* ---- end.c ---- */

/* Its connection is over: DONE or FAILED. With --reconnect, a client that is DONE may connect again. */
void client_end(struct client *c, enum client_state state);

/* Its connection is over, and it is to connect again at `again_at`. */
void client_return(struct client *c, uint64_t again_at);

/* ---- send.c ---- */

/* Sends what is pending, as far as the socket takes it. */
void client_send(struct client *c);

/* Adds a control frame to the pending control bytes; first sends these if they leave no room. False: the frame is
 * dropped, because too many bytes are pending or there is no memory. */
bool client_control(struct client *c, enum websocket_opcode opcode, const uint8_t *payload, size_t length);

/* Adds the upgrade request to the pending control bytes. False: no memory. */
bool client_upgrade(struct client *c);

/* ---- packed.c: messages of a client with --deflate, on a connection that has agreed on it ---- */

static inline bool client_packs(const struct client *c) {
    return c->replies.websocket.terms.agreed;
}

/* Writes at most `room` of the bytes to be sent next, of messages below `end`. Returns how many. */
size_t packed_fill(struct client *c, uint64_t end, uint8_t *out, size_t room);

/* `count` of these have been sent: counts the messages that have left. */
void packed_sent(struct client *c, size_t count);

/* The connection is lost: what was compressed for it is of no use to another. */
void packed_drop(struct client *c);

#endif
