/* harness.c - lab 5: hands decode() the same bytes, cut in every way, and says which messages came of them.
 *
 *     half_packet whole|together|halves|every|mixed|limit
 *
 * Each piece lies in memory of exactly its size, which is freed after the call: so AddressSanitizer sees who reads past
 * a piece, or keeps a pointer into one. Nothing here waits, and there is no clock. Prints lines `@ key=value ...` for
 * check.py; the last one is `@ end`. */
#include "packet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES_MAX = 16, STREAM_MAX = 1024, EVENTS_MAX = 64, PIECES_SHOWN = 8 };

struct message {
    size_t length;
    uint8_t payload[MESSAGE_MAX];
};

/* Messages, and their bytes on the wire. */
struct stream {
    size_t messages, count;
    struct message message[MESSAGES_MAX];
    uint8_t bytes[STREAM_MAX];
};

/* What came of one client's bytes. */
struct client {
    struct decoder *decoder;
    size_t events;
    struct message event[EVENTS_MAX];
};

static struct client clients[2];

static const size_t sixteen[] = {5, 1, 0, 12, 2, 200, 3, 30, 0, 7, 64, 1, 9, MESSAGE_MAX, 4, 17};
static const size_t six[] = {5, 0, 40, 1, 17, 30};
static const size_t four[] = {3, 0, 1, 2};
static const size_t ten[] = {10};

enum { SIXTEEN = 16, SIX = 6, FOUR = 4 };

/* Messages of these lengths; `first` is the first letter of the first one. */
static struct stream *stream_made(struct stream *s, const size_t *lengths, size_t messages, char first) {
    *s = (struct stream){.messages = messages};
    for (size_t i = 0; i < messages; i++) {
        struct message *m = &s->message[i];
        m->length = lengths[i];
        for (size_t j = 0; j < m->length; j++)
            m->payload[j] = (uint8_t)(first + (i * 5 + j) % 26);
        s->bytes[s->count++] = (uint8_t)(m->length >> 8);
        s->bytes[s->count++] = (uint8_t)m->length;
        memcpy(s->bytes + s->count, m->payload, m->length);
        s->count += m->length;
    }
    return s;
}

/* ---- a client ---- */

void on_message(struct decoder *d, const uint8_t *payload, size_t length) {
    struct client *c = d == clients[1].decoder ? &clients[1] : &clients[0];
    if (c->events < EVENTS_MAX) {
        struct message *m = &c->event[c->events];
        m->length = length;
        for (size_t i = 0; i < length; i++) { /* reads all that is claimed, even where it is not stored */
            uint8_t byte = ((const volatile uint8_t *)payload)[i];
            if (i < MESSAGE_MAX)
                m->payload[i] = byte;
        }
    }
    c->events++;
}

static struct client *client_open(int number) {
    struct client *c = &clients[number];
    c->events = 0;
    c->decoder = decoder_open();
    if (!c->decoder)
        exit(3);
    return c;
}

static void client_close(struct client *c) {
    decoder_close(c->decoder);
    c->decoder = NULL;
}

static bool feed(struct client *c, const uint8_t *bytes, size_t count) {
    uint8_t *piece = malloc(count);
    if (!piece)
        exit(3);
    memcpy(piece, bytes, count);
    bool accepted = decode(c->decoder, piece, count);
    free(piece);
    return accepted;
}

static bool equal(const struct message *a, const struct message *b) {
    return a->length == b->length && memcmp(a->payload, b->payload, a->length) == 0;
}

/* Are the events the messages? If not, says the first difference. */
static bool right(const struct client *c, const struct stream *s, bool accepted) {
    size_t at = 0;
    while (at < c->events && at < s->messages && equal(&c->event[at], &s->message[at]))
        at++;
    if (accepted && at == s->messages && at == c->events)
        return true;
    printf("@ kind=%s at=%zu came=%zu should=%zu length=%zu\n",
        !accepted           ? "refused"
        : at == c->events   ? "missing"
        : at == s->messages ? "extra"
                            : "other",
        at + 1, c->events, s->messages, at < s->messages ? s->message[at].length : 0);
    return false;
}

/* ---- splits ---- */

/* Where a cut lies. */
static const char *place(const struct stream *s, size_t cut) {
    size_t at = 0;
    for (size_t i = 0; i < s->messages; i++) {
        if (cut == at)
            break;
        if (cut < at + LENGTH_SIZE)
            return "length";
        at += LENGTH_SIZE + s->message[i].length;
        if (cut < at)
            return "payload";
    }
    return "border";
}

/* Their sizes. */
static void say_pieces(const struct stream *s, const size_t *cuts, size_t cut_count) {
    printf("@ pieces=");
    for (size_t i = 0, at = 0; i <= cut_count && i < PIECES_SHOWN; i++) {
        size_t end = i < cut_count ? cuts[i] : s->count;
        printf("%s%zu", i ? "+" : "", end - at);
        at = end;
    }
    printf("%s\n", cut_count >= PIECES_SHOWN ? "+..." : "");
}

/* A new client sends the stream, cut at these places (ascending). */
static bool holds(const struct stream *s, const size_t *cuts, size_t cut_count) {
    struct client *c = client_open(0);
    bool accepted = true;
    for (size_t i = 0, at = 0; i <= cut_count && accepted; i++) {
        size_t end = i < cut_count ? cuts[i] : s->count;
        accepted = feed(c, s->bytes + at, end - at);
        at = end;
    }
    bool ok = right(c, s, accepted);
    if (!ok)
        say_pieces(s, cuts, cut_count);
    client_close(c);
    return ok;
}

/* One message came in one piece, and did not give just its event: says what it gave instead. */
static void say_wrong(struct client *c, const struct message *m, size_t before, bool accepted) {
    size_t came = c->events - before, late = 0, agree = 0;
    const struct message *event = &c->event[before];
    bool differs = came == 1 && !equal(event, m); /* then decode may have refused what it left over */
    const char *kind = differs ? "other" : !accepted ? "refused" : came == 0 ? "missing" : "extra";
    if (differs && event->length == m->length)
        while (agree < m->length && event->payload[agree] == m->payload[agree])
            agree++;
    for (size_t more = 1; accepted && came == 0 && more <= LENGTH_SIZE + 1 && late == 0; more++) {
        feed(c, (const uint8_t *)"x", 1);
        late = c->events > before ? more : 0;
    }
    printf("@ kind=%s at=%zu length=%zu came=%zu got=%zu agree=%zu late=%zu\n", kind, before + 1, m->length, came,
        came == 1 ? event->length : 0, agree, late);
}

/* A message a piece. */
static bool whole(void) {
    struct stream s;
    stream_made(&s, sixteen, SIXTEEN, 'a');
    struct client *c = client_open(0);
    bool ok = true;
    for (size_t i = 0, at = 0; i < s.messages && ok; i++) {
        const struct message *m = &s.message[i];
        bool accepted = feed(c, s.bytes + at, LENGTH_SIZE + m->length);
        ok = accepted && c->events == i + 1 && equal(&c->event[i], m);
        if (!ok)
            say_wrong(c, m, i, accepted);
        at += LENGTH_SIZE + m->length;
    }
    client_close(c);
    return ok;
}

/* All in one piece. If some did not come: does the next one come with the next piece? */
static bool together(void) {
    struct stream s, more;
    stream_made(&s, sixteen, SIXTEEN, 'a');
    stream_made(&more, four, 1, 'Q');
    struct client *c = client_open(0);
    bool accepted = feed(c, s.bytes, s.count);
    size_t events = c->events;
    printf("@ events=%zu\n", events);
    bool ok = right(c, &s, accepted);
    if (!ok && accepted && events < s.messages) {
        feed(c, more.bytes, more.count);
        printf("@ late=%d\n", c->events > events && equal(&c->event[events], &s.message[events]));
    }
    client_close(c);
    return ok;
}

/* Cut in two, at every place: first those within a payload, then those between messages, then those within a length. */
static bool halves(void) {
    static const char *const places[] = {"payload", "border", "length"};
    struct stream s;
    stream_made(&s, sixteen, SIXTEEN, 'a');
    for (size_t i = 0; i < 3; i++)
        for (size_t cut = 1; cut < s.count; cut++)
            if (strcmp(place(&s, cut), places[i]) == 0 && !holds(&s, &cut, 1)) {
                printf("@ place=%s\n", places[i]);
                return false;
            }
    return true;
}

/* All splits of 14 bytes; all in three pieces of 105; pieces of every size of the sixteen messages. */
static bool every(void) {
    struct stream s;
    size_t cuts[STREAM_MAX];
    stream_made(&s, six, SIX, 'a');
    for (size_t first = 1; first < s.count; first++)
        for (size_t second = first + 1; second < s.count; second++)
            if (!holds(&s, (size_t[]){first, second}, 2))
                return false;
    stream_made(&s, four, FOUR, 'a');
    for (unsigned set = 0; set < 1U << (s.count - 1); set++) {
        size_t count = 0;
        for (size_t cut = 1; cut < s.count; cut++)
            if (set & 1U << (cut - 1))
                cuts[count++] = cut;
        if (!holds(&s, cuts, count))
            return false;
    }
    stream_made(&s, sixteen, SIXTEEN, 'a');
    for (size_t size = 1; size < s.count; size++) {
        size_t count = 0;
        for (size_t cut = size; cut < s.count; cut += size)
            cuts[count++] = cut;
        if (!holds(&s, cuts, count))
            return false;
    }
    struct client *c = client_open(0); /* which byte of the twelve brings the event? */
    stream_made(&s, ten, 1, 'a');
    for (size_t i = 0; i < s.count && c->events == 0; i++) {
        feed(c, s.bytes + i, 1);
        if (c->events)
            printf("@ call=%zu\n", i + 1);
    }
    client_close(c);
    return true;
}

/* Two clients, by turns: 7 bytes of the one, 11 of the other. */
static bool mixed(void) {
    struct stream s[2];
    size_t at[2] = {0, 0}, sizes[2] = {7, 11};
    stream_made(&s[0], sixteen, SIXTEEN, 'a');
    stream_made(&s[1], sixteen, SIXTEEN, 'A');
    client_open(0);
    client_open(1);
    bool accepted = true;
    while (accepted && (at[0] < s[0].count || at[1] < s[1].count))
        for (int i = 0; i < 2 && accepted; i++) {
            size_t left = s[i].count - at[i], count = left < sizes[i] ? left : sizes[i];
            accepted = count == 0 || feed(&clients[i], s[i].bytes + at[i], count);
            at[i] += count;
        }
    bool ok = right(&clients[0], &s[0], accepted) && right(&clients[1], &s[1], accepted);
    client_close(&clients[0]);
    client_close(&clients[1]);
    return ok;
}

/* A good message, then a length that is too great: how many bytes of it are taken before the client is refused?
 * 0: it never is. */
static size_t refused_after(size_t announced, const struct stream *good) {
    const uint8_t header[] = {(uint8_t)(announced >> 8), (uint8_t)announced, 'x'};
    size_t taken = 0;
    struct client *c = client_open(0);
    bool accepted = feed(c, good->bytes, good->count);
    while (accepted && taken < LENGTH_SIZE + announced) {
        accepted = feed(c, header + (taken < LENGTH_SIZE ? taken : LENGTH_SIZE), 1);
        taken++;
    }
    client_close(c);
    return accepted ? 0 : taken;
}

/* The greatest message is accepted; a greater one is refused with its length, and nothing comes after that. */
static bool limit(void) {
    static const size_t announced[] = {65535, 4096, MESSAGE_MAX + 1};
    struct stream good;
    stream_made(&good, four, 1, 'a');
    for (size_t i = 0; i < 3; i++) {
        size_t taken = refused_after(announced[i], &good);
        printf("@ announced=%zu taken=%zu\n", announced[i], taken);
        if (taken != LENGTH_SIZE)
            return false;
    }
    uint8_t bytes[2 * STREAM_MAX], *end = bytes;
    end = mempcpy(end, good.bytes, good.count);
    end = mempcpy(end, (uint8_t[]){(MESSAGE_MAX + 1) >> 8, (MESSAGE_MAX + 1) & 0xFF}, LENGTH_SIZE);
    end = (uint8_t *)memset(end, 'x', MESSAGE_MAX + 1) + MESSAGE_MAX + 1;
    end = mempcpy(end, good.bytes, good.count);
    struct client *c = client_open(0);
    bool accepted = feed(c, bytes, (size_t)(end - bytes));
    printf("@ accepted=%d events=%zu\n", accepted, c->events);
    client_close(c);
    return true;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        bool (*run)(void);
    } steps[] = {{"whole", whole}, {"together", together}, {"halves", halves}, {"every", every}, {"mixed", mixed},
        {"limit", limit}};
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc == 2 && i < sizeof steps / sizeof *steps; i++)
        if (strcmp(argv[1], steps[i].name) == 0) {
            bool ok = steps[i].run();
            printf("@ ok=%d\n@ end\n", ok);
            return 0;
        }
    fprintf(stderr, "usage: %s whole|together|halves|every|mixed|limit\n", argv[0]);
    return 2;
}
