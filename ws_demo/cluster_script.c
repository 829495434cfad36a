#include "cluster_parts.h"
#include <errno.h>
#include <error.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void script_begin(struct script *s, const char *command) {
    s->count = s->numbers_count = 0;
    script_text(s, "EVALSHA");
    script_text(s, cluster_state.commands.script_sha);
    script_text(s, "0"); /* KEYS */
    script_text(s, command);
}

void script_text(struct script *s, const char *text) {
    if (s->count < SCRIPT_TEXTS_MAX)
        s->texts[s->count++] = text;
}

void script_number(struct script *s, int64_t number) {
    char *text = s->numbers[s->numbers_count++];
    snprintf(text, sizeof s->numbers[0], "%" PRId64, number);
    script_text(s, text);
}

bool script_call(struct script *s, struct redis_call *call, redis_answer *answer) {
    return redis_link_call(&cluster_state.commands, call, answer, s->count, s->texts, NULL);
}

const char *reply_text(const redisReply *reply, size_t at) {
    bool there = reply && reply->type == REDIS_REPLY_ARRAY && at < reply->elements;
    return there && reply->element[at]->type == REDIS_REPLY_STRING ? reply->element[at]->str : NULL;
}

int64_t reply_number(const redisReply *reply, size_t at) {
    if (!reply || reply->type != REDIS_REPLY_ARRAY || at >= reply->elements)
        return -1;
    const redisReply *item = reply->element[at];
    return item->type == REDIS_REPLY_INTEGER  ? item->integer
           : item->type == REDIS_REPLY_STRING ? strtoll(item->str, NULL, 10)
                                              : -1;
}

const redisReply *reply_array(const redisReply *reply, size_t at) {
    bool there = reply && reply->type == REDIS_REPLY_ARRAY && at < reply->elements;
    return there && reply->element[at]->type == REDIS_REPLY_ARRAY ? reply->element[at] : NULL;
}

bool reply_says(const redisReply *reply, const char *word) {
    const char *said = reply_text(reply, 0);
    return said && strcmp(said, word) == 0;
}

const char *reply_failure(const redisReply *reply) {
    return !reply                             ? NULL
           : reply->type == REDIS_REPLY_ERROR ? reply->str
                                              : "Redis has given an answer that means nothing";
}

void cluster_log(const char *what, const char *room, const char *why) {
    static struct {
        const char *what;
        ev_tstamp at;
    } said[16];
    size_t i = 0;
    while (i < 15 && said[i].what && said[i].what != what)
        i++;
    ev_tstamp now = ev_now(cluster_state.loop);
    if (said[i].what == what && now - said[i].at < 1)
        return;
    said[i].what = what;
    said[i].at = now;
    error(0, 0, "--redis %s: %s%s%s%s%s", cluster_state.target.shown, what, room ? " in room " : "", room ? room : "",
        why ? ": " : "", why ? why : "");
}
