#include "redis_link.h"
#include <hiredis/adapters/libev.h>
#include <stdio.h>
#include <string.h>

static const ev_tstamp look_s = 0.25, soon_s = 0.02; /* from one try to connect to the next; to the first one */

/* LIMIT: bytes of one answer, as far as they have come: somebody may have put anything into Redis. */
enum { ANSWER_MAX = 32 * 1024 * 1024 };

/* Answers that concern the whole connection, not the command: Redis starts, stops, has forgotten the script, or is no
 * longer the one that may be written to. */
static const char *const not_now[] = {
    "LOADING ", "BUSY ", "UNKILLABLE ", "MASTERDOWN ", "READONLY ", "NOSCRIPT ", "NOAUTH ", "WRONGPASS "};

static void set_up(struct redis_link *link, bool is_up, const char *why) {
    link->is_up = is_up;
    snprintf(link->why, sizeof link->why, "%s", why);
    link->changed(link);
}

/* The connection is gone. Called once or more for each, by whoever notices first. */
static void gone(struct redis_link *link, const redisAsyncContext *context, const char *why) {
    if (link->context != context)
        return;
    if (link->is_up && ev_is_active(&link->look)) {
        ev_timer_stop(link->loop, &link->look);
        ev_timer_set(&link->look, soon_s, look_s);
        ev_timer_start(link->loop, &link->look);
    }
    link->context = NULL;
    link->due = 0;
    set_up(link, false, why && why[0] ? why : "the connection was closed");
}

static void disconnected(const redisAsyncContext *context, int status) {
    (void)status;
    gone(context->data, context, context->errstr);
}

void redis_link_cut(struct redis_link *link, const char *why) {
    redisAsyncContext *context = link->context;
    char words[sizeof link->why];
    if (!context)
        return;
    snprintf(words, sizeof words, "%s", why); /* it may be in what is freed now */
    gone(link, context, words);
    redisAsyncFree(context); /* answers NULL to all that are due; inside an answer it only marks the context */
}

static bool is_not_now(const redisReply *reply) {
    for (size_t i = 0; reply->type == REDIS_REPLY_ERROR && i < sizeof not_now / sizeof *not_now; i++)
        if (strncmp(reply->str, not_now[i], strlen(not_now[i])) == 0)
            return true;
    return false;
}

static void answered(redisAsyncContext *context, void *answer, void *argument) {
    struct redis_call *call = argument;
    struct redis_link *link = call->link;
    const redisReply *reply = answer;
    if (!reply) {
        gone(link, context, context->errstr);
    } else if (link->context == context) {
        link->due--;
        link->heard = ev_now(link->loop);
    }
    if (reply && is_not_now(reply)) {
        redis_link_cut(link, reply->str);
        reply = NULL;
    }
    call->answer(call, reply);
}

static bool send_command(struct redis_link *link, struct redis_call *call, redis_answer *answer, int count,
    const char **texts, const size_t *lengths) {
    call->link = link;
    call->answer = answer;
    if (!link->context || link->due >= REDIS_DUE_MAX)
        return false;
    if (redisAsyncCommandArgv(link->context, answered, call, count, texts, lengths) != REDIS_OK)
        return false;
    if (link->due++ == 0)
        link->heard = ev_now(link->loop);
    return true;
}

bool redis_link_call(struct redis_link *link, struct redis_call *call, redis_answer *answer, int count,
    const char **texts, const size_t *lengths) {
    return link->is_up && send_command(link, call, answer, count, texts, lengths);
}

/* ---- greeting ---- */

/* A step of the greeting that failed. True: `reply` is of this type. */
static bool is_step(struct redis_call *call, const redisReply *reply, int type) {
    if (reply && reply->type == type)
        return true;
    if (reply)
        redis_link_cut(call->link, reply->type == REDIS_REPLY_ERROR ? reply->str : "it does not answer as Redis does");
    return false;
}

static void took_password(struct redis_call *call, const redisReply *reply) {
    is_step(call, reply, REDIS_REPLY_STATUS);
}

static void told_about_itself(struct redis_call *call, const redisReply *reply) {
    if (!is_step(call, reply, REDIS_REPLY_STRING))
        return;
    const char *unfit = redis_unfit(reply->str);
    if (unfit)
        redis_link_cut(call->link, unfit);
}

static void told_client_id(struct redis_call *call, const redisReply *reply) {
    if (!is_step(call, reply, REDIS_REPLY_INTEGER))
        return;
    call->link->client_id = reply->integer;
    if (!call->link->script)
        set_up(call->link, true, "");
}

static void loaded_script(struct redis_call *call, const redisReply *reply) {
    if (!is_step(call, reply, REDIS_REPLY_STRING))
        return;
    snprintf(call->link->script_sha, sizeof call->link->script_sha, "%s", reply->str);
    set_up(call->link, true, "");
}

static void greet(struct redis_link *link) {
    const struct {
        redis_answer *answer;
        int count;
        const char *texts[3];
        bool wanted;
    } steps[] = {
        {took_password, 2, {"AUTH", link->target->password}, link->target->password[0] != '\0'},
        {told_about_itself, 1, {"INFO"}, true},
        {told_client_id, 2, {"CLIENT", "ID"}, true},
        {loaded_script, 3, {"SCRIPT", "LOAD", link->script}, link->script != NULL},
    };
    _Static_assert(sizeof steps / sizeof *steps <= sizeof link->greeting / sizeof *link->greeting, "a call each");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const char *texts[3];
        memcpy(texts, steps[i].texts, sizeof texts);
        if (steps[i].wanted && !send_command(link, &link->greeting[i], steps[i].answer, steps[i].count, texts, NULL)) {
            redis_link_cut(link, "no memory");
            return;
        }
    }
}

static void connect_again(struct redis_link *link) {
    redisAsyncContext *context =
        redisAsyncConnect(link->target->host, link->target->port); /* never waits: EINPROGRESS */
    if (!context || context->err || redisLibevAttach(link->loop, context) != REDIS_OK) {
        set_up(link, false, context && context->err ? context->errstr : "no memory");
        if (context)
            redisAsyncFree(context);
        return;
    }
    context->data = link;
    redisAsyncSetDisconnectCallback(context, disconnected);
    link->context = context;
    link->due = 0;
    greet(link);
}

static void look(struct ev_loop *loop, ev_timer *timer, int events) {
    struct redis_link *link = timer->data;
    char why[80];
    (void)events;
    if (!link->context) {
        connect_again(link);
    } else if (link->due > 0 && ev_now(loop) - link->heard > link->silence_s) {
        snprintf(why, sizeof why, "no answer for %g s", link->silence_s);
        redis_link_cut(link, why);
    }
}

/* hiredis reads some KiB in each turn. */
static void measure(struct ev_loop *loop, ev_check *check, int events) {
    struct redis_link *link = check->data;
    (void)loop, (void)events;
    if (!link->context || link->context->c.reader->len <= ANSWER_MAX)
        return;
    link->is_flooded = true;
    redis_link_cut(link, "an answer of more than 32 MiB");
}

void redis_link_open(struct redis_link *link, struct ev_loop *loop, const struct redis_target *target,
    const char *script, void (*changed)(struct redis_link *link)) {
    *link = (struct redis_link){.target = target, .loop = loop, .script = script, .changed = changed, .silence_s = 4};
    ev_timer_init(&link->look, look, 0, look_s);
    ev_check_init(&link->measure, measure);
    link->look.data = link->measure.data = link;
    ev_timer_start(loop, &link->look);
    ev_check_start(loop, &link->measure);
}

void redis_link_close(struct redis_link *link) {
    ev_timer_stop(link->loop, &link->look);
    ev_check_stop(link->loop, &link->measure);
    redis_link_cut(link, "the server ends");
}
