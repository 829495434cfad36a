#include "guests.h"
#include "now.h"
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { BUCKETS = 4096, NO_LIMIT = -1 };

/* LIMIT: the whole table. A class of 40 at one address: 40 pages, each with its connections to a room and the feed, two
 * floods at a time, and up to six for the page itself; 40 that all join again when the server is back; 40 that all
 * answer the teacher's question at the same time. */
static const struct {
    int max[GUEST_KINDS];
    const char *name, *unit, *beyond;
} shares[SHARES] = {
    [SHARE_CONNECTIONS] = {{500, NO_LIMIT}, "connected", "connections", "status 503; behind a proxy 429"},
    [SHARE_MEMBERS] = {{200, 10}, "members", "in rooms at once", "refused (members), close code 1013"},
    [SHARE_ROOMS] = {{40, 5}, "rooms", "opened, in use", "refused (rooms), close code 1013"},
    [SHARE_FLOODS] = {{4, NO_LIMIT}, "floods", "at once", "close code 1013"},
};
static const struct {
    int burst[GUEST_KINDS], per_second[GUEST_KINDS];
    const char *name, *beyond;
} rates[RATES] = {
    [RATE_JOIN] = {{200, 20}, {20, 2}, "joins", "refused (rate), close code 1013"},
    [RATE_SAY] = {{100, 50}, {40, 20}, "messages", "refused (rate); the page says it again"},
};

struct guest {
    uint8_t id[GUEST_ID_SIZE];
    enum guest_kind kind;
    unsigned holders; /* calls of guest_enter and shares taken that still refer to it; 0: idle */
    int taken[SHARES];
    double tokens[RATES];
    int64_t tokens_at_ms[RATES];
    LIST_ENTRY(guest) link; /* in its bucket */
    TAILQ_ENTRY(guest) idle_link;
};

static LIST_HEAD(, guest) table[BUCKETS];
static TAILQ_HEAD(idle, guest) idle[GUEST_KINDS] = {
    TAILQ_HEAD_INITIALIZER(idle[GUEST_ADDRESS]), TAILQ_HEAD_INITIALIZER(idle[GUEST_KEY])};
static size_t idle_count[GUEST_KINDS];

/* An attacker who searches for addresses or keys that fall into one bucket makes a list of at most GUESTS_IDLE_MAX
 * guests and those that are there, and with keys no faster than RATE_JOIN allows. */
static unsigned bucket_of(const uint8_t id[GUEST_ID_SIZE]) {
    unsigned hash = 0;
    for (int i = 0; i < GUEST_ID_SIZE; i++)
        hash = hash * 31u + id[i];
    return hash % BUCKETS;
}

static struct guest *find(enum guest_kind kind, const uint8_t id[GUEST_ID_SIZE]) {
    struct guest *guest;
    LIST_FOREACH (guest, &table[bucket_of(id)], link)
        if (guest->kind == kind && memcmp(guest->id, id, GUEST_ID_SIZE) == 0)
            return guest;
    return NULL;
}

static struct guest *make(enum guest_kind kind, const uint8_t id[GUEST_ID_SIZE]) {
    struct guest *guest = calloc(1, sizeof *guest);
    if (!guest)
        return NULL;
    guest->kind = kind;
    memcpy(guest->id, id, GUEST_ID_SIZE);
    for (int rate = 0; rate < RATES; rate++) {
        guest->tokens[rate] = rates[rate].burst[kind];
        guest->tokens_at_ms[rate] = now_ms();
    }
    LIST_INSERT_HEAD(&table[bucket_of(id)], guest, link);
    return guest;
}

static void hold(struct guest *guest) {
    guest->holders++;
}

struct guest *guest_enter(enum guest_kind kind, const uint8_t id[GUEST_ID_SIZE]) {
    struct guest *guest = find(kind, id);
    if (guest && guest->holders == 0) {
        TAILQ_REMOVE(&idle[kind], guest, idle_link);
        idle_count[kind]--;
    }
    if (!guest)
        guest = make(kind, id);
    if (guest)
        hold(guest);
    return guest;
}

struct guest *guest_enter_address(const struct address *address) {
    uint8_t id[GUEST_ID_SIZE];
    bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&address->ip);
    memcpy(id, &address->ip, sizeof id);
    if (!is_ipv4)
        memset(id + GUEST_ID_SIZE / 2, 0, GUEST_ID_SIZE / 2); /* the /64 */
    return guest_enter(GUEST_ADDRESS, id);
}

/* LIMIT: GUESTS_IDLE_MAX idle guests. The one that went longest ago is freed: of all it has had most time to get its
 * tokens back. */
static void forget_some(enum guest_kind kind) {
    while (idle_count[kind] > GUESTS_IDLE_MAX) {
        struct guest *oldest = TAILQ_FIRST(&idle[kind]);
        TAILQ_REMOVE(&idle[kind], oldest, idle_link);
        idle_count[kind]--;
        LIST_REMOVE(oldest, link);
        free(oldest);
    }
}

void guest_leave(struct guest *guest) {
    if (!guest || --guest->holders > 0)
        return;
    TAILQ_INSERT_TAIL(&idle[guest->kind], guest, idle_link);
    idle_count[guest->kind]++;
    forget_some(guest->kind);
}

bool guest_take(struct guest *guest, enum guest_share share) {
    if (!guest)
        return true;
    int max = shares[share].max[guest->kind];
    if (max != NO_LIMIT && guest->taken[share] >= max)
        return false;
    guest->taken[share]++;
    hold(guest);
    return true;
}

void guest_give_back(struct guest *guest, enum guest_share share) {
    if (!guest)
        return;
    guest->taken[share]--;
    guest_leave(guest);
}

/* Adds the tokens earned since the last call. True if the guest has at least one. */
static bool has_token(struct guest *guest, enum guest_rate rate, int64_t now) {
    if (!guest)
        return true;
    double *tokens = &guest->tokens[rate], burst = rates[rate].burst[guest->kind];
    *tokens += (double)(now - guest->tokens_at_ms[rate]) * rates[rate].per_second[guest->kind] / 1000;
    guest->tokens_at_ms[rate] = now;
    if (*tokens > burst)
        *tokens = burst;
    return *tokens >= 1;
}

bool guests_may(struct guest *address, struct guest *key, enum guest_rate rate) {
    int64_t now = now_ms();
    bool may = has_token(address, rate, now);
    may = has_token(key, rate, now) && may;
    if (may && address)
        address->tokens[rate]--;
    if (may && key)
        key->tokens[rate]--;
    return may;
}

const char *guest_name(const struct guest *guest) {
    static char name[ADDRESS_SIZE + 4];
    struct address address = {.kind = ADDRESS_IP};
    if (!guest || guest->kind != GUEST_ADDRESS)
        return "-";
    memcpy(&address.ip, guest->id, sizeof address.ip);
    if (IN6_IS_ADDR_UNSPECIFIED(&address.ip))
        return "-";
    address_text(&address, name);
    return IN6_IS_ADDR_V4MAPPED(&address.ip) ? name : strcat(name, "/64");
}

void guests_limits_print(FILE *out) {
    static const char *const whose[GUEST_KINDS] = {
        "with the page, of one address (IPv6: one /64)", "with the page, of one client key"};
    for (int kind = 0; kind < GUEST_KINDS; kind++) {
        fprintf(out, "%s:\n", whose[kind]);
        for (int share = 0; share < SHARES; share++)
            if (shares[share].max[kind] != NO_LIMIT)
                fprintf(out, "%-10s %9d %-17s %s\n", shares[share].name, shares[share].max[kind], shares[share].unit,
                    shares[share].beyond);
        for (int rate = 0; rate < RATES; rate++)
            fprintf(out, "%-10s %9d at once, %2d a s   %s\n", rates[rate].name, rates[rate].burst[kind],
                rates[rate].per_second[kind], rates[rate].beyond);
    }
}
