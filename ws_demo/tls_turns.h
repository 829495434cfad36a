/* tls_turns.h - when a channel with TLS has its turn, where epoll cannot say so.
 *
 * Two cases. Bytes wait inside OpenSSL: epoll reports a socket, and knows nothing of them. And handshakes: one costs as
 * much CPU as hundreds of messages, so of many that come together only some have their turn before the served channels
 * have theirs again. In both cases the channel waits here, and the loop looks at its sockets without sleeping before it
 * goes on.
 *
 * Of the handshakes that wait, those that have begun go on first; of the others, the one that came last begins first.
 * That matters when more come than can be done: in the order of coming each would wait until its time limit is nearly
 * over, and be cut off at last. */
#ifndef IO_MODELS_TLS_TURNS_H
#define IO_MODELS_TLS_TURNS_H

#include <ev.h>
#include <stdbool.h>
#include <sys/queue.h>

/* LIMIT: steps of handshakes (a handshake has two) before the loop looks at all its sockets again. With a key on P-256
 * they take about a millisecond together, with a key of RSA-2048 some milliseconds. */
enum { HANDSHAKE_STEPS_PER_TURN = 4 };

enum tls_wait { TURN_MORE, TURN_GO_ON, TURN_BEGIN, TURN_WAITS, TURN_NONE = TURN_WAITS };

/* A channel's place. */
struct tls_turn {
    ev_io *io; /* the channel's */
    enum tls_wait waits_for;
    bool has_come; /* its turn for a step of its handshake */
    TAILQ_ENTRY(tls_turn) link;
};

void tls_turns_open(struct ev_loop *loop);

/* May this channel make a step of its handshake now? `begun`: it has made one before. False: it waits for its turn;
 * then its callback is called with EV_READ, and true is returned once. */
bool tls_turn_for_handshake(struct tls_turn *turn, bool begun);

/* The channel has more to read: its callback is called with EV_READ, after the loop has looked at its sockets. */
void tls_turn_for_more(struct tls_turn *turn);

/* Does it wait for its turn for a step of its handshake? */
bool tls_turn_is_awaited(const struct tls_turn *turn);

/* The channel waits for nothing any more. */
void tls_turn_forget(struct tls_turn *turn);

#endif
