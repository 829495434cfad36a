/* cluster.c - see cluster.h: this node joins, says once a second that it is alive, and knows whether Redis is there. */
#include "cluster_parts.h"
#include "command_line.h"
#include "rooms_script.h"
#include "wall_clock.h"
#include <ctype.h>
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* patience_s: a break that is over sooner is noticed by nobody. */
static const ev_tstamp beat_s = 1, patience_s = 0.5, join_s = 5;

/* LIMIT: a node that was killed is known for ALIVE_MS (redis/rooms.lua); until then a new one of its name waits. */
enum { TAKEN_MS = 3300, LOOK_MS = 100, CLOCK_MS = 100 };

struct cluster_state cluster_state;

static struct redis_call node_call;
static bool is_asked;   /* node_call is on its way */
static bool is_told;    /* the rooms know that Redis is away */
static double asked_ms; /* this machine's time */
static ev_timer beat, patience;
static ev_tstamp away_since;

/* ---- Redis is there, or away ---- */

static const char *why_down(void) {
    return !cluster_state.commands.is_up ? cluster_state.commands.why
           : !cluster_state.reads.is_up  ? cluster_state.reads.why
                                         : "the name of this node is taken";
}

static void lose_patience(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)loop, (void)timer, (void)events;
    cluster_state.is_patient = false;
    is_told = true;
    cluster_log("away", NULL, why_down());
    cluster_state.events->up(false);
}

static void go_down(void) {
    cluster_state.is_up = false;
    cluster_state.is_patient = true;
    away_since = ev_now(cluster_state.loop);
    ev_timer_set(&patience, patience_s, 0);
    ev_timer_start(cluster_state.loop, &patience);
}

/* Somebody has written so much to a stream that it cannot be read: the rooms are loaded again, without that. */
static void load_again(void) {
    struct cluster_room *room, *next;
    cluster_state.reads.is_flooded = false;
    for (room = LIST_FIRST(&cluster_state.rooms); room; room = next) {
        next = LIST_NEXT(room, link);
        shared_restart(room, "somebody has written more than can be read");
    }
}

static void come_up(void) {
    struct cluster_room *room;
    char since[40];
    ev_timer_stop(cluster_state.loop, &patience);
    cluster_state.is_up = true;
    cluster_state.is_patient = false;
    if (cluster_state.reads.is_flooded)
        load_again();
    LIST_FOREACH (room, &cluster_state.rooms, link) { /* first of all: is the room still the one that we know? */
        room->must_claim = true;
        shared_check(room);
    }
    store_send();
    reader_wake();
    if (!is_told)
        return;
    is_told = false;
    snprintf(since, sizeof since, "after %.1f s", ev_now(cluster_state.loop) - away_since);
    cluster_log("back", NULL, since);
    cluster_state.events->up(true);
}

/* Keeps this machine's clock out of it: what is shown is Redis's time. An answer that took long says little about when
 * it was made: only the first one counts all the same. */
static void set_clock(const char *redis_ms) {
    static bool is_set;
    double now_ms = wall_clock_ms() - wall_clock_offset_ms;
    if (redis_ms && (!is_set || now_ms - asked_ms < CLOCK_MS))
        wall_clock_offset_ms = strtod(redis_ms, NULL) - (asked_ms + now_ms) / 2;
    is_set = true;
}

static void answered(struct redis_call *call, const redisReply *reply) {
    (void)call;
    is_asked = false;
    bool links_up = cluster_state.commands.is_up && cluster_state.reads.is_up;
    if (reply_says(reply, "ok")) {
        set_clock(reply_text(reply, 1));
        if (links_up && !cluster_state.is_up)
            come_up();
        return;
    }
    if (reply_says(reply, "taken"))
        cluster_log("another node has taken the name of this one: nothing can be said here", NULL, cluster_state.node);
    else if (reply)
        cluster_log("this node cannot say that it is alive", NULL, reply_failure(reply));
    if (reply_says(reply, "taken") && cluster_state.is_up)
        go_down();
}

static void say_alive(void) {
    struct script script;
    if (is_asked || !cluster_state.commands.is_up)
        return;
    script_begin(&script, "node");
    script_text(&script, cluster_state.node);
    script_text(&script, cluster_state.token);
    asked_ms = wall_clock_ms() - wall_clock_offset_ms;
    is_asked = script_call(&script, &node_call, answered);
}

static void link_changed(struct redis_link *link) {
    (void)link;
    if (cluster_state.commands.is_up && cluster_state.reads.is_up)
        say_alive();
    else if (cluster_state.is_up)
        go_down();
}

static void each_second(struct ev_loop *loop, ev_timer *timer, int events) {
    struct cluster_room *room;
    (void)loop, (void)timer, (void)events;
    say_alive();
    LIST_FOREACH (room, &cluster_state.rooms, link)
        shared_check(room);
    if (cluster_state.is_up) {
        store_send();
        reader_look();
    }
}

/* ---- joining ---- */

static void die(const char *why, const char *what_to_do) {
    error(EXIT_SETUP, 0, "--redis %s: %s; %s", cluster_state.target.shown, why, what_to_do);
}

/* A node's name is part of a key, and of lines of the log. */
static void set_names(const char *given, int port) {
    uint8_t random[(TOKEN_SIZE - 1) / 2];
    char host[NODE_SIZE] = "";
    if (getrandom(random, sizeof random, 0) != sizeof random)
        die("no random numbers", "there is no way to go on");
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(cluster_state.token + 2 * i, 3, "%02x", random[i]);
    gethostname(host, sizeof host - 1);
    if (given)
        snprintf(cluster_state.node, sizeof cluster_state.node, "%s", given);
    else
        snprintf(cluster_state.node, sizeof cluster_state.node, "%.*s:%d", NODE_SIZE - 8, host, port);
    bool in_order = cluster_state.node[0] != '\0' && (!given || strlen(given) < NODE_SIZE);
    for (const char *at = cluster_state.node; *at; at++)
        in_order = in_order && isgraph((unsigned char)*at);
    if (!in_order)
        error(EXIT_SETUP, 0, "--node takes 1 to %d visible ASCII characters, not '%s'", NODE_SIZE - 1,
            given ? given : host);
}

/* One call of a script over the connection of the start. WAIT: for its answer, 2 s at most. */
static redisReply *call_now(redisContext *connection, const char *command) {
    redisReply *loaded = redisCommand(connection, "SCRIPT LOAD %s", rooms_script), *reply = NULL;
    if (loaded && loaded->type == REDIS_REPLY_STRING)
        reply = redisCommand(
            connection, "EVALSHA %s 0 %s %s %s", loaded->str, command, cluster_state.node, cluster_state.token);
    else if (loaded)
        return loaded;
    freeReplyObject(loaded);
    return reply;
}

/* WAIT: while a node of this name that was killed is still known. */
static void take_name(redisContext *connection) {
    for (int waited_ms = 0;; waited_ms += LOOK_MS) {
        redisReply *reply = call_now(connection, "node");
        if (!reply)
            die(connection->errstr, "is that a Redis, and is it well?");
        if (reply->type == REDIS_REPLY_ERROR)
            die(reply->str, "this must be put right in Redis");
        bool is_ok = reply_says(reply, "ok");
        freeReplyObject(reply);
        if (is_ok)
            return;
        if (waited_ms >= TAKEN_MS)
            error(EXIT_SETUP, 0, "--redis %s: there is a node named %s already; give this one another name with --node",
                cluster_state.target.shown, cluster_state.node);
        usleep(LOOK_MS * 1000);
    }
}

static void too_late(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)loop, (void)timer, (void)events;
    die(why_down(), "is that a Redis, and is it well?");
}

static bool is_up(void) {
    return cluster_state.is_up;
}

static bool enter_alone(struct cluster_room *room) {
    if (cluster_state.is_up || !room->is_loaded)
        return false;
    room->must_claim = true;
    return true;
}

static void forget(const struct member *m) {
    names_forget(m);
    store_forget(m);
}

/* Lets a node of this name start without waiting. WAIT: 0.3 s at most for each answer, when nobody is served any more.
 */
static void say_goodbye(void) {
    struct timeval limit = {.tv_usec = 300000};
    redisContext *connection = redisConnectWithTimeout(cluster_state.target.host, cluster_state.target.port, limit);
    if (connection && !connection->err) {
        redisSetTimeout(connection, limit);
        if (cluster_state.target.password[0])
            freeReplyObject(redisCommand(connection, "AUTH %s", cluster_state.target.password));
        freeReplyObject(call_now(connection, "bye"));
    }
    if (connection)
        redisFree(connection);
}

static void cluster_close(void) {
    bool was_up = cluster_state.is_up;
    cluster_state.is_up = false;
    ev_timer_stop(cluster_state.loop, &beat);
    ev_timer_stop(cluster_state.loop, &patience);
    redis_link_close(&cluster_state.commands);
    redis_link_close(&cluster_state.reads);
    ev_timer_stop(cluster_state.loop, &patience);
    reader_close();
    store_close();
    if (was_up)
        say_goodbye();
}

static struct cluster cluster = {
    .is_up = is_up,
    .open_room = shared_open,
    .close_room = shared_close,
    .enter = names_enter,
    .enter_alone = enter_alone,
    .leave = names_leave,
    .store = store_put,
    .forget = forget,
    .tell_here = shared_tell_here,
    .others = shared_others,
    .close = cluster_close,
};

const struct cluster *cluster_open(
    struct ev_loop *loop, const struct cluster_options *options, int port, const struct cluster_events *events) {
    redisContext *connection;
    ev_timer late;
    cluster_state = (struct cluster_state){.loop = loop, .events = events};
    LIST_INIT(&cluster_state.rooms);
    redis_target_read(&cluster_state.target, options->redis, options->password_file);
    set_names(options->node, port);
    cluster.node = cluster_state.node;
    cluster.is_durable = redis_target_check(&cluster_state.target, &connection);
    take_name(connection);
    redisFree(connection);
    ev_timer_init(&patience, lose_patience, patience_s, 0);
    ev_timer_init(&beat, each_second, beat_s, beat_s);
    ev_timer_start(loop, &beat);
    redis_link_open(&cluster_state.commands, loop, &cluster_state.target, rooms_script, link_changed);
    redis_link_open(&cluster_state.reads, loop, &cluster_state.target, NULL, link_changed);
    ev_timer_init(&late, too_late, join_s, 0);
    ev_timer_start(loop, &late);
    while (!cluster_state.is_up)
        ev_run(loop, EVRUN_ONCE); /* WAIT */
    ev_timer_stop(loop, &late);
    return &cluster;
}
