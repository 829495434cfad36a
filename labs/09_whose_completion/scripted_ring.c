/* scripted_ring.c - plays the script in its arguments, one command each, and prints what is done to it.
 *
 *     A connects            A says WORD            A is silent            A leaves            A resets
 *     A's send completes    A's send is cancelled  A's receive is cancelled
 *     all comes back        who is there
 *
 * Names are A to Z. It knows to which client a submission belongs, whatever number the descriptor has; and it counts
 * memory (ld --wrap): what is freed while the ring still works on it, twice, or never. Judged by check.py. */
#include "scripted_ring.h"
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CLIENTS = 26,
    FD_FIRST = 5,
    SUBMITTED_MAX = 256,
    BLOCKS_MAX = 1024,
    INBOX_MAX = 4096,
    ROUNDS_MAX = 1000,
    NOBODY = -1
};

static struct client {
    bool connected, ended; /* ended: by the server, with ring_shutdown or ring_close */
    bool over;             /* a receive has completed with 0 or an error: nothing more will come */
    int after;             /* what a receive completes with when nothing more comes: 0 (FIN), -ECONNRESET; 1: not yet */
    struct conn *conn;
    size_t count; /* bytes that came and that no receive has taken */
    char inbox[INBOX_MAX];
} clients[CLIENTS];

static struct submitted { /* in the order of submission; who == NOBODY: completed */
    int who;
    bool is_send;
    void *about;
    const char *bytes;
    size_t count;
    char at_submission[WORD_MAX];
} submitted[SUBMITTED_MAX];
static int submitted_count;

static struct block {
    void *at;
    size_t size;
    int who;
    bool live;
} blocks[BLOCKS_MAX];
static int block_count;

static int owners[FDS_MAX]; /* descriptor -> client, or NOBODY */
static int now = NOBODY;    /* for whom the server is being called */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *at);

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fputs("ring: ", stdout);
    vprintf(format, values);
    putchar('\n');
    fflush(stdout);
    va_end(values);
}

/* The script stops here: what follows would prove nothing. */
static void stop(void) {
    _exit(0);
}

static char name(int who) {
    return (char)('A' + who);
}

/* ------------------------------------------------------------------ memory */

static void *remember(void *at, size_t size) {
    struct block *block = NULL;
    if (!at)
        return NULL;
    for (int i = 0; i < block_count && !block; i++)
        if (blocks[i].at == at)
            block = &blocks[i]; /* an address that is used again */
    if (!block && now != NOBODY && block_count < BLOCKS_MAX)
        block = &blocks[block_count++];
    if (block)
        *block = now == NOBODY ? (struct block){0} : (struct block){at, size, now, true};
    return at;
}

void *__wrap_malloc(size_t size) {
    return remember(__real_malloc(size), size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return remember(__real_calloc(count, size), count * size);
}

static bool is_in(const struct block *block, const void *at) {
    return (const char *)at >= (const char *)block->at && (const char *)at < (const char *)block->at + block->size;
}

static void forget(struct block *block) {
    if (!block->live) {
        say("%c is freed again", name(block->who));
        stop();
    }
    for (int i = 0; i < submitted_count; i++) {
        const struct submitted *s = &submitted[i];
        if (s->who != NOBODY && (is_in(block, s->about) || (s->bytes && is_in(block, s->bytes)))) {
            say("%c is freed with its %s", name(block->who), s->is_send ? "send" : "receive");
            stop();
        }
    }
    block->live = false;
    say("%c is freed", name(block->who));
}

void __wrap_free(void *at) {
    for (int i = 0; at && i < block_count; i++)
        if (blocks[i].at == at)
            forget(&blocks[i]);
    __real_free(at);
}

static int clients_in_memory(void) {
    bool seen[CLIENTS] = {false};
    int count = 0;
    for (int i = 0; i < block_count; i++) {
        count += blocks[i].live && !seen[blocks[i].who];
        seen[blocks[i].who] |= blocks[i].live;
    }
    return count;
}

/* ------------------------------------------------------------------ what the server calls */

static int owner(int fd, const char *what) {
    int who = fd >= 0 && fd < FDS_MAX ? owners[fd] : NOBODY;
    if (who == NOBODY) {
        say("%s on a closed descriptor", what);
        stop();
    }
    return who;
}

static void submit(int fd, struct submitted new, const char *what) {
    new.who = owner(fd, what);
    if (clients[new.who].ended) {
        say("%s for %c, which is ended", what, name(new.who));
        stop();
    }
    int i = 0;
    for (int from = 0; from < submitted_count; from++) /* those that have completed make room */
        if (submitted[from].who != NOBODY)
            submitted[i++] = submitted[from];
    submitted_count = i;
    if (submitted_count == SUBMITTED_MAX) {
        say("%s without end", what);
        stop();
    }
    submitted[submitted_count++] = new;
}

void ring_recv(int fd, void *about) {
    int who = owner(fd, "receive");
    if (!clients[who].ended && clients[who].over) {
        say("%c's receive is submitted again", name(who));
        stop();
    }
    submit(fd, (struct submitted){.about = about}, "receive");
}

void ring_send(int fd, const char *bytes, size_t count, void *about) {
    struct submitted new = {
        .is_send = true, .about = about, .bytes = bytes, .count = count < WORD_MAX ? count : WORD_MAX};
    memcpy(new.at_submission, bytes, new.count);
    submit(fd, new, "send");
    say("%c is sent %.*s", name(owner(fd, "send")), (int)new.count, bytes);
}

/* Ends the client whose number this is, unless the server is being called for another one. */
static int end(int fd, const char *what) {
    int who = owner(fd, what);
    if (now != NOBODY && now != who) {
        say("%s of %c's descriptor, for %c", what, name(who), name(now));
        stop();
    }
    return who;
}

void ring_shutdown(int fd) {
    clients[end(fd, "shutdown")].ended = true;
}

void ring_close(int fd) {
    int who = end(fd, "close");
    say("%c is closed", name(who));
    clients[who].ended = true;
    owners[fd] = NOBODY;
}

/* ------------------------------------------------------------------ what the script does */

static void complete(int i, int result, const char *bytes) {
    struct submitted s = submitted[i];
    submitted[i].who = NOBODY;
    if (s.is_send && memcmp(s.bytes, s.at_submission, s.count) != 0) {
        say("%c's bytes have changed while they were sent", name(s.who));
        stop();
    }
    say("%c's %s completes with %d", name(s.who), s.is_send ? "send" : "receive", result);
    if (!s.is_send && result <= 0)
        clients[s.who].over = true;
    now = s.who;
    on_completion(s.about, result, s.is_send ? NULL : bytes);
    now = NOBODY;
}

/* The first that is submitted for this client; NOBODY: there is none. */
static int first_of(int who, bool is_send) {
    for (int i = 0; i < submitted_count; i++)
        if (submitted[i].who == who && submitted[i].is_send == is_send)
            return i;
    return NOBODY;
}

/* What has come completes the receives that wait for it. */
static bool deliver(int who) {
    struct client *c = &clients[who];
    char bytes[WORD_MAX];
    int i = first_of(who, false);
    if (i == NOBODY || (c->count == 0 && c->after > 0))
        return false;
    size_t count = c->count < WORD_MAX ? c->count : WORD_MAX;
    memcpy(bytes, c->inbox, count);
    memmove(c->inbox, c->inbox + count, c->count -= count);
    complete(i, count > 0 ? (int)count : c->after, bytes);
    memset(bytes, '?', sizeof bytes); /* they were the ring's */
    return true;
}

static void come_back(int who, bool is_send, int result) {
    int i = first_of(who, is_send);
    if (i != NOBODY)
        complete(i, result, "");
}

static void all_come_back(void) {
    for (int round = 0; round < ROUNDS_MAX; round++) {
        int i = 0;
        while (i < submitted_count && submitted[i].who == NOBODY)
            i++;
        if (i == submitted_count)
            return;
        complete(i, -ECANCELED, "");
    }
    say("it submits without end");
    stop();
}

static void connect_client(int who) {
    int fd = FD_FIRST;
    while (fd < FDS_MAX && owners[fd] != NOBODY)
        fd++; /* like the kernel: the lowest number that is free */
    if (fd == FDS_MAX || clients[who].connected)
        return;
    clients[who] = (struct client){.connected = true, .after = 1};
    owners[fd] = who;
    say("%c has descriptor %d", name(who), fd);
    now = who;
    clients[who].conn = on_client(fd);
    now = NOBODY;
}

static void be_silent(struct client *c, int who) {
    if (c->ended || !c->conn)
        return;
    now = who;
    on_silence(c->conn);
    now = NOBODY;
    if (!c->ended && first_of(who, true) == NOBODY) { /* nothing of it will complete by itself */
        say("%c goes on", name(who));
        stop();
    }
}

static void play_for(int who, const char *what) {
    struct client *c = &clients[who];
    if (strcmp(what, " connects") == 0) {
        connect_client(who);
    } else if (!c->connected) {
        return;
    } else if (strncmp(what, " says ", 6) == 0) {
        size_t count = strlen(what + 6);
        if (c->after <= 0 || c->count + count > INBOX_MAX)
            return; /* it has left */
        memcpy(c->inbox + c->count, what + 6, count);
        c->count += count;
    } else if (strcmp(what, " leaves") == 0) {
        c->after = 0;
    } else if (strcmp(what, " resets") == 0) {
        c->after = -ECONNRESET;
        c->count = 0;
        come_back(who, false, -ECONNRESET);
        come_back(who, true, -EPIPE);
    } else if (strcmp(what, " is silent") == 0) {
        be_silent(c, who);
    } else if (strcmp(what, "'s send completes") == 0) {
        int i = first_of(who, true);
        if (i != NOBODY)
            complete(i, (int)submitted[i].count, "");
    } else if (strcmp(what, "'s send is cancelled") == 0) {
        come_back(who, true, -ECANCELED);
    } else if (strcmp(what, "'s receive is cancelled") == 0) {
        come_back(who, false, -ECANCELED);
    } else {
        fprintf(stderr, "no such command: '%c%s'\n", name(who), what);
        exit(2);
    }
}

static void play(const char *command) {
    say("> %s", command);
    if (strcmp(command, "all comes back") == 0)
        all_come_back();
    else if (strcmp(command, "who is there") == 0)
        say("%d in memory", clients_in_memory());
    else if (command[0] >= 'A' && command[0] <= 'Z')
        play_for(command[0] - 'A', command + 1);
    for (int who = 0, rounds = 0; who < CLIENTS && rounds < ROUNDS_MAX; rounds++)
        if (!deliver(who))
            who++;
}

int main(int argc, char **argv) {
    int open = 0;
    for (int fd = 0; fd < FDS_MAX; fd++)
        owners[fd] = NOBODY;
    for (int i = 1; i < argc; i++)
        play(argv[i]);
    for (int fd = 0; fd < FDS_MAX; fd++)
        open += owners[fd] != NOBODY;
    say("the end: %d in memory, %d descriptors", clients_in_memory(), open);
    return 0;
}
