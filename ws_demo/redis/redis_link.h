/* redis_link.h - a connection to Redis that comes back by itself, on the framework's loop. hiredis does the protocol.
 *
 * Commands are pipelined: each call is sent at once, and answered in its turn. Nothing here waits. A connection that
 * says nothing for silence_s while answers are due is cut. A connection that is gone is tried again four times a
 * second.
 *
 *     down --connect--> greeting --password, version, role, script--> up --error, silence, reply that means "not
 * now"--> down
 */
#ifndef IO_MODELS_REDIS_LINK_H
#define IO_MODELS_REDIS_LINK_H

#include "redis_target.h"
#include <ev.h>
#include <hiredis/async.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redis_link;
struct redis_call;

/* Called once for each call that was taken. `reply` is NULL if the connection broke first: whether Redis has done it is
 * then not known. It may be an error (REDIS_REPLY_ERROR), and is valid until it returns. */
typedef void redis_answer(struct redis_call *call, const redisReply *reply);

/* Put first into a struct of the caller's own, which it frees in `answer`. */
struct redis_call {
    struct redis_link *link;
    redis_answer *answer;
};

struct redis_link {
    const struct redis_target *target;
    struct ev_loop *loop;
    const char *script; /* loaded in the greeting; NULL: none */
    char script_sha[41];
    long long client_id;        /* CLIENT ID, for CLIENT UNBLOCK */
    redisAsyncContext *context; /* NULL: there is no connection */
    bool is_up;
    bool is_flooded;     /* it was cut because of an answer that was too long; the owner sets it back */
    size_t due;          /* answers that are still to come */
    ev_tstamp heard;     /* when the last one came, or the first of those was asked for */
    ev_tstamp silence_s; /* LIMIT: see above */
    ev_timer look;
    ev_check measure;                         /* in each turn of the loop: how long is the answer so far? */
    char why[160];                            /* why it is down */
    void (*changed)(struct redis_link *link); /* is_up has changed; or a try to connect has failed */
    struct redis_call greeting[5];            /* of the steps of the greeting */
};

/* Begins to connect. The link, the target and the script must outlive the loop. `changed` is called later, never before
 * this returns. */
void redis_link_open(struct redis_link *link, struct ev_loop *loop, const struct redis_target *target,
    const char *script, void (*changed)(struct redis_link *link));
void redis_link_close(struct redis_link *link);

/* Sends a command. Texts are copied. False, and nothing is called: the link is down, there is no memory, or LIMIT:
 * REDIS_DUE_MAX answers are due. */
enum { REDIS_DUE_MAX = 20000 };
bool redis_link_call(struct redis_link *link, struct redis_call *call, redis_answer *answer, int count,
    const char **texts, const size_t *lengths);

/* Cuts the connection, and tries again. `why` is for the log. */
void redis_link_cut(struct redis_link *link, const char *why);

#endif
