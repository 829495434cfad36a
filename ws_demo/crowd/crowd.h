/* crowd.h - many visitors of one room, on one or several nodes: what scripts/nodes.sh measures with.
 *
 * A visitor does what the page does: it joins, hears, says one message after the other, each until it comes back, and
 * joins again, at the next node, when its connection is gone. Every message that comes is checked: its number is the
 * last one and 1, and each visitor hears each message once. A message carries the time at which it was due to be said,
 * so what it waited for before it was said counts, too.
 *
 *     crowd.c     options, phases, the result       visitor.c   one visitor       account.c   who has heard what, and
 * when
 */
#ifndef IO_MODELS_CROWD_H
#define IO_MODELS_CROWD_H

#include "meaning/histogram.h"
#include "websocket.h"
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

/* LIMIT: nodes; messages of a run, of which each is accounted for. */
enum { NODES_MAX = 16, SAYINGS_MAX = 4 * 1024 * 1024 };

struct account {
    uint64_t said;     /* messages, each counted once */
    uint64_t heard;    /* by all visitors together */
    uint64_t complete; /* messages that every visitor has heard */
    uint64_t doubled, lost, told_lost, epochs, refused, away;
    struct histogram delay;          /* due -> heard by one visitor, ns; not what came from the history */
    struct histogram complete_delay; /* due -> heard by the last visitor, ns */
    struct histogram back;           /* connection gone -> in the room again, and all that was missed has come, ns */
    uint64_t breaks;
};

struct crowd {
    struct ev_loop *loop;
    int nodes[NODES_MAX]; /* ports */
    unsigned nodes_count, visitors_count, speakers_count;
    double rate; /* messages a second, of all speakers together; 0: each as soon as the one before has come back */
    const char *room;
    unsigned joined;   /* visitors that were in the room at least once */
    bool is_talking;   /* speakers go on */
    bool is_measuring; /* delays count */
    struct account account;
};

uint64_t now_ns(void);

/* ---- visitor.c ---- */

struct visitor;

/* OWNS: an array of crowd->visitors_count, the first of which are the speakers; NULL without memory. */
struct visitor *visitors_open(struct crowd *crowd);
void visitor_join(struct visitor *visitors, unsigned number);
void visitor_talk(struct visitor *visitors, unsigned number); /* a speaker begins */
void visitors_close(struct visitor *visitors, const struct crowd *crowd);

/* ---- account.c ---- */

/* A new message: its number. UINT32_MAX: there are too many. */
uint32_t account_say(struct crowd *crowd, uint64_t due_ns);

/* A visitor has heard message `number`. `live`: not from the history. */
void account_hear(struct crowd *crowd, uint32_t number, bool live);

/* So many deliveries are missing still. */
uint64_t account_missing(const struct crowd *crowd);

#endif
