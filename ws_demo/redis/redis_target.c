#include "redis_target.h"
#include "command_line.h"
#include <errno.h>
#include <error.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_S = 2 };

static const char *shown;

/* Prints the one line. */
static void die(const char *why, const char *what_to_do) {
    error(EXIT_SETUP, 0, "--redis %s: %s; %s", shown, why, what_to_do);
}

/* ---- the option ---- */

static void read_password(struct redis_target *target, const char *path) {
    const char *given = getenv("IO_MODELS_REDIS_PASSWORD");
    if (!path) {
        if (given && strlen(given) >= sizeof target->password)
            die("IO_MODELS_REDIS_PASSWORD is longer than 512 bytes", "give a shorter password");
        snprintf(target->password, sizeof target->password, "%s", given ? given : "");
        return;
    }
    FILE *file = fopen(path, "re");
    if (!file || !fgets(target->password, sizeof target->password, file)) {
        const char *why = file && !ferror(file) ? "it is empty" : strerror(errno);
        error(EXIT_SETUP, 0, "--redis-password-file %s: %s; name a file whose first line is the password", path, why);
    }
    fclose(file);
    target->password[strcspn(target->password, "\r\n")] = '\0';
}

void redis_target_read(struct redis_target *target, const char *host_port, const char *password_file) {
    char host[256];
    const char *colon = strrchr(host_port, ':');
    const char *bracket = strrchr(host_port, ']');
    size_t length = colon && (!bracket || colon > bracket) ? (size_t)(colon - host_port) : strlen(host_port);
    struct addrinfo *found, wanted = {.ai_socktype = SOCK_STREAM};
    const char *port = host_port[length] == ':' ? colon + 1 : "6379";
    char *end;
    shown = target->shown = host_port;
    long number = strtol(port, &end, 10);
    if (length == 0 || length >= sizeof host || end == port || *end != '\0' || number < 1 || number > 65535)
        error(EXIT_SETUP, 0, "--redis takes HOST:PORT, such as 127.0.0.1:6379, not '%s'", host_port);
    bool in_brackets = host_port[0] == '[' && host_port[length - 1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(in_brackets ? length - 2 : length), host_port + in_brackets);
    int failed = getaddrinfo(host, NULL, &wanted, &found); /* WAIT: for the name server */
    if (failed)
        die(gai_strerror(failed), "name a host that can be found");
    getnameinfo(found->ai_addr, found->ai_addrlen, target->host, sizeof target->host, NULL, 0, NI_NUMERICHOST);
    freeaddrinfo(found);
    target->port = (int)number;
    read_password(target, password_file);
}

/* ---- what runs there ---- */

/* The value of a line of INFO's answer; "" if it has no such line. */
static void info_value(const char *info, const char *name, char *value, size_t size) {
    size_t length = strlen(name);
    value[0] = '\0';
    for (const char *line = info; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            snprintf(value, size, "%.*s", (int)strcspn(line + length + 1, "\r\n"), line + length + 1);
            return;
        }
    }
}

const char *redis_unfit(const char *info) {
    static char why[200];
    char version[32], role[16];
    info_value(info, "redis_version", version, sizeof version);
    info_value(info, "role", role, sizeof role);
    if (version[0] == '\0')
        return "it does not tell its version, so it is no Redis";
    if (atoi(version) < REDIS_VERSION_MIN)
        snprintf(why, sizeof why,
            "it is Redis %s, and rooms need XADD with numbers without gaps, which came with Redis %d", version,
            REDIS_VERSION_MIN);
    else if (strcmp(role, "master") != 0)
        snprintf(why, sizeof why, "it is a replica, which cannot be written to (role:%s)", role);
    else
        return NULL;
    return why;
}

const char *redis_password_trouble(const char *words) {
    if (strncmp(words, "NOAUTH", 6) == 0)
        return "it wants a password";
    if (strncmp(words, "WRONGPASS", 9) == 0 || strstr(words, "AUTH") != NULL)
        return "it does not take the password";
    return NULL;
}

/* One command; exits if there is no answer, or an error. WAIT: ANSWER_S at most. */
static redisReply *ask(redisContext *connection, const char *command, const char *argument) {
    const char *texts[] = {command, argument};
    redisReply *reply = redisCommandArgv(connection, argument ? 2 : 1, texts, NULL);
    if (!reply) /* WAIT */
        die(connection->errstr, "is that a Redis, and is it well?");
    if (reply->type != REDIS_REPLY_ERROR)
        return reply;
    char words[200];
    snprintf(words, sizeof words, "%s", reply->str);
    freeReplyObject(reply);
    const char *trouble = redis_password_trouble(words);
    if (trouble)
        error(EXIT_SETUP, 0,
            "--redis %s: %s (%s); set IO_MODELS_REDIS_PASSWORD, or give --redis-password-file FILE, or neither if it "
            "has none",
            shown, trouble, words);
    die(words, "this must be put right in Redis");
    return NULL;
}

/* Says what Redis does not keep. Returns true if it keeps what it has acknowledged when it is killed. */
static bool survives(redisContext *connection, const char *info) {
    char aof[8];
    info_value(info, "aof_enabled", aof, sizeof aof);
    if (strcmp(aof, "1") != 0) {
        error(0, 0,
            "--redis %s: appendonly is off: what is said is lost when Redis is killed; redis-cli config set appendonly "
            "yes",
            shown);
        return false;
    }
    redisReply *reply = redisCommand(connection, "CONFIG GET appendfsync"); /* may be forbidden: then nothing is said */
    bool is_late = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
                   strcmp(reply->element[1]->str, "everysec") == 0;
    if (is_late)
        error(0, 0,
            "--redis %s: appendfsync is everysec: Redis answers up to 2 s before it writes; redis-cli config set "
            "appendfsync always",
            shown);
    freeReplyObject(reply);
    return !is_late;
}

bool redis_target_check(const struct redis_target *target, redisContext **connection) {
    struct timeval limit = {.tv_sec = ANSWER_S};
    redisContext *c = redisConnectWithTimeout(target->host, target->port, limit); /* WAIT */
    if (!c || c->err)
        die(c ? c->errstr : "no memory", "start it there (redis-server --port PORT --appendonly yes), or name another");
    redisSetTimeout(c, limit);
    if (target->password[0] != '\0')
        freeReplyObject(ask(c, "AUTH", target->password));
    redisReply *info = ask(c, "INFO", NULL);
    const char *unfit = info->type == REDIS_REPLY_STRING ? redis_unfit(info->str) : "it does not answer as Redis does";
    if (unfit)
        die(unfit, "name one that is a master, and Redis 7 or later");
    bool keeps = survives(c, info->str);
    freeReplyObject(info);
    *connection = c;
    return keeps;
}
