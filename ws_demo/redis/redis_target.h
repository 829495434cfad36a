/* redis_target.h - which Redis: the option --redis, and whether what runs there will do. */
#ifndef IO_MODELS_REDIS_TARGET_H
#define IO_MODELS_REDIS_TARGET_H

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum { REDIS_VERSION_MIN = 7, REDIS_PASSWORD_SIZE = 513 };

struct redis_target {
    const char *shown;           /* as it was given: HOST:PORT */
    char host[INET6_ADDRSTRLEN]; /* its address in digits: connecting asks no name server, and so never waits for one */
    int port;
    char password[REDIS_PASSWORD_SIZE]; /* "": none */
};

/* Reads HOST:PORT; the password is in the environment (IO_MODELS_REDIS_PASSWORD) or in a file (its first line; NULL: no
 * file). Prints one line and exits with EXIT_SETUP if that cannot be. WAIT: for the name server, once. */
void redis_target_read(struct redis_target *target, const char *host_port, const char *password_file);

/* Connects, only to see whether Redis answers, is new enough, and may be written to; otherwise prints one line and
 * exits with EXIT_SETUP. Says in one line if what it is told would not survive kill -9. Returns true if it would. OWNS:
 * the caller gets the connection, to be given back with redisFree. WAIT: 2 s at most for each answer; only at the
 * start. */
bool redis_target_check(const struct redis_target *target, redisContext **connection);

/* The same question of INFO's answer. NULL: it will do. Otherwise why not; valid until the next call. */
const char *redis_unfit(const char *info);

/* A word for what Redis says to a password, or to none: NULL: it said something else. */
const char *redis_password_trouble(const char *error);

#endif
