#include "deflate.h"
#include "http_head.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* zlib's next_in points to const */
#include <zlib.h>

/* ---- what is agreed on (RFC 7692 section 7.1, in the syntax of RFC 6455 section 9.1) ---- */

/* One element of the list: an offer, or an answer. */
struct offer {
    bool is_deflate, is_good; /* good: every parameter is known, comes once, and has a valid value */
    bool server_forgets, client_forgets;
    bool limits_server, limits_client;
    uint8_t server_bits, client_bits; /* 0: no value was given */
};

static void skip_space(struct http_text *rest) {
    while (rest->length > 0 && (rest->at[0] == ' ' || rest->at[0] == '\t'))
        rest->at++, rest->length--;
}

/* Takes this character off, and the white space behind it. False: another one comes. */
static bool take(struct http_text *rest, char c) {
    if (rest->length == 0 || rest->at[0] != c)
        return false;
    rest->at++, rest->length--;
    skip_space(rest);
    return true;
}

static bool take_token(struct http_text *rest, struct http_text *token) {
    *token = (struct http_text){rest->at, 0};
    while (rest->length > 0 && http_is_token_char(rest->at[0]))
        token->length++, rest->at++, rest->length--;
    skip_space(rest);
    return token->length > 0;
}

/* A parameter's value: the first bytes of it, and how many it has. */
struct value {
    char text[4];
    size_t length;
};

static void value_add(struct value *v, char c) {
    if (v->length < sizeof v->text)
        v->text[v->length] = c;
    v->length++;
}

/* A token, or a quoted string that is one when its quotes and backslashes are removed. False for anything else. */
static bool take_value(struct http_text *rest, struct value *v) {
    struct http_text token;
    *v = (struct value){.length = 0};
    if (rest->length == 0 || rest->at[0] != '"') {
        bool is_token = take_token(rest, &token);
        for (size_t i = 0; i < token.length; i++)
            value_add(v, token.at[i]);
        return is_token;
    }
    for (rest->at++, rest->length--; rest->length > 0 && rest->at[0] != '"'; rest->at++, rest->length--) {
        if (rest->at[0] == '\\' && rest->length > 1)
            rest->at++, rest->length--;
        if (!http_is_token_char(rest->at[0]))
            return false;
        value_add(v, rest->at[0]);
    }
    return take(rest, '"') && v->length > 0;
}

/* A number of bits: 8 to 15, without a zero before it. 0: it is none. */
static uint8_t bits_of(const struct value *v) {
    if (v->length == 1 && (v->text[0] == '8' || v->text[0] == '9'))
        return (uint8_t)(v->text[0] - '0');
    if (v->length == 2 && v->text[0] == '1' && v->text[1] >= '0' && v->text[1] <= '5')
        return (uint8_t)(10 + v->text[1] - '0');
    return 0;
}

/* A parameter that has no value, and comes once. */
static bool set_flag(bool *flag, bool has_value) {
    bool is_good = !has_value && !*flag;
    *flag = true;
    return is_good;
}

/* A parameter whose value is a number of bits, and that comes once. `needs_value`: it may not be left out. */
static bool set_bits(bool *flag, uint8_t *bits, const struct value *v, bool has_value, bool needs_value) {
    bool is_good = !*flag && (has_value ? bits_of(v) > 0 : !needs_value);
    *flag = true;
    *bits = has_value ? bits_of(v) : 0;
    return is_good;
}

/* False: the parameter makes the offer unacceptable. */
static bool set_parameter(
    struct offer *o, struct http_text name, const struct value *v, bool has_value, bool is_answer) {
    if (http_text_is(name, "server_no_context_takeover"))
        return set_flag(&o->server_forgets, has_value);
    if (http_text_is(name, "client_no_context_takeover"))
        return set_flag(&o->client_forgets, has_value);
    if (http_text_is(name, "server_max_window_bits"))
        return set_bits(&o->limits_server, &o->server_bits, v, has_value, true);
    if (http_text_is(name, "client_max_window_bits"))
        return set_bits(&o->limits_client, &o->client_bits, v, has_value, is_answer);
    return false;
}

/* Takes the list's next element. False: the list is malformed. */
static bool take_offer(struct http_text *rest, struct offer *o, bool is_answer) {
    struct http_text name;
    *o = (struct offer){.is_good = true};
    if (!take_token(rest, &name))
        return false;
    o->is_deflate = http_text_is(name, "permessage-deflate");
    while (take(rest, ';')) {
        struct value value = {.length = 0};
        if (!take_token(rest, &name))
            return false;
        bool has_value = take(rest, '=');
        if (has_value && !take_value(rest, &value))
            return false;
        o->is_good &= set_parameter(o, name, &value, has_value, is_answer);
    }
    return rest->length == 0 || rest->at[0] == ',';
}

/* An element of a list may be empty (RFC 9110 section 5.6.1.2). */
static void skip_empty(struct http_text *rest) {
    skip_space(rest);
    while (take(rest, ','))
        ;
}

static uint8_t smaller(uint8_t a, uint8_t b) {
    return a < b ? a : b;
}

/* The terms under which a server takes this offer; not agreed: it declines. */
static struct deflate_terms terms_for(const struct offer *o, uint8_t bits, bool forgets) {
    uint8_t client = o->client_bits > 0 ? o->client_bits : DEFLATE_BITS_MAX; /* what the client uses without limit */
    if (!o->is_deflate || !o->is_good || (o->limits_server && o->server_bits < DEFLATE_BITS_MIN))
        return (struct deflate_terms){0};
    if (o->limits_client && client > bits)
        client = bits;
    return (struct deflate_terms){.agreed = true,
        .read_bits = client < DEFLATE_BITS_MIN ? DEFLATE_BITS_MIN : client,
        .write_bits = o->limits_server ? smaller(o->server_bits, bits) : bits,
        .read_keeps = !forgets && !o->client_forgets && client <= bits,
        .write_keeps = !o->server_forgets,
        .tells_read = o->limits_client && client >= DEFLATE_BITS_MIN, /* 8 is its own limit, and needs no answer */
        .tells_write = o->limits_server || bits < DEFLATE_BITS_MAX};
}

struct deflate_terms deflate_agree(const uint8_t *head, size_t length, int bits, bool forgets) {
    struct http_text rest = {(const char *)head, length}, list;
    assert(bits >= DEFLATE_BITS_MIN && bits <= DEFLATE_BITS_MAX);
    while (http_head_field(&rest, "Sec-WebSocket-Extensions", &list)) {
        struct offer offer;
        for (skip_empty(&list); list.length > 0 && take_offer(&list, &offer, false); skip_empty(&list)) {
            struct deflate_terms terms = terms_for(&offer, (uint8_t)bits, forgets);
            if (terms.agreed)
                return terms;
        }
    }
    return (struct deflate_terms){0};
}

static char *append(char *out, const char *text) {
    size_t length = strlen(text);
    memcpy(out, text, length + 1);
    return out + length;
}

static char *append_bits(char *out, const char *name, unsigned bits) {
    char number[3] = {(char)('0' + bits / 10), (char)('0' + bits % 10), '\0'};
    return append(append(out, name), bits < 10 ? number + 1 : number);
}

void deflate_answer(struct deflate_terms terms, char out[DEFLATE_ANSWER_MAX]) {
    assert(terms.agreed);
    out = append(out, "permessage-deflate");
    if (!terms.write_keeps)
        out = append(out, "; server_no_context_takeover");
    if (!terms.read_keeps)
        out = append(out, "; client_no_context_takeover");
    if (terms.tells_write)
        out = append_bits(out, "; server_max_window_bits=", terms.write_bits);
    if (terms.tells_read)
        append_bits(out, "; client_max_window_bits=", terms.read_bits);
}

bool deflate_accept(const uint8_t *head, size_t length, struct deflate_terms *terms) {
    struct http_text rest = {(const char *)head, length}, list;
    *terms = (struct deflate_terms){0};
    while (http_head_field(&rest, "Sec-WebSocket-Extensions", &list)) {
        for (skip_empty(&list); list.length > 0; skip_empty(&list)) {
            struct offer o;
            if (terms->agreed || !take_offer(&list, &o, true) || !o.is_deflate || !o.is_good)
                return false;
            uint8_t server = o.limits_server ? o.server_bits : DEFLATE_BITS_MAX;
            uint8_t client = o.limits_client ? o.client_bits : DEFLATE_BITS_MAX;
            *terms = (struct deflate_terms){.agreed = true,
                .read_bits = server < DEFLATE_BITS_MIN ? DEFLATE_BITS_MIN : server,
                .write_bits = client < DEFLATE_BITS_MIN ? 0 : client,
                .read_keeps = !o.server_forgets,
                .write_keeps = !o.client_forgets};
        }
    }
    return true;
}

/* ---- the data (RFC 7692 section 7.2) ---- */

struct deflate {
    z_stream in, out;
    bool reads, writes; /* OWNS: zlib has memory for `in`, for `out` */
    bool ended;         /* the last byte read was the last of a block with BFINAL */
};

/* The end of each message's data, which is not sent: an empty block without compression, but for its first byte. */
static const uint8_t tail[4] = {0x00, 0x00, 0xFF, 0xFF};

static voidpf allocate(voidpf opaque, uInt items, uInt size) {
    (void)opaque;
    return malloc((size_t)items * size);
}

static void release(voidpf opaque, voidpf address) {
    (void)opaque;
    free(address);
}

static const z_stream no_stream = {.zalloc = allocate, .zfree = release};

/* False: no memory. */
static bool deflate_open(struct deflate **d) {
    if (*d)
        return true;
    *d = malloc(sizeof **d);
    if (*d)
        (*d)->reads = (*d)->writes = false;
    return *d != NULL;
}

/* Frees the windows that are not needed any more; and all, when none is left. */
static void deflate_trim(struct deflate **d, bool keeps_in, bool keeps_out) {
    if ((*d)->reads && !keeps_in) {
        inflateEnd(&(*d)->in);
        (*d)->reads = false;
    }
    if ((*d)->writes && !keeps_out) {
        deflateEnd(&(*d)->out);
        (*d)->writes = false;
    }
    if (!(*d)->reads && !(*d)->writes) {
        free(*d);
        *d = NULL;
    }
}

void deflate_free(struct deflate **d) {
    if (*d)
        deflate_trim(d, false, false);
}

/* A negative number of bits asks zlib for bare DEFLATE data. */
static bool open_reading(struct deflate **d, struct deflate_terms terms) {
    if (!deflate_open(d))
        return false;
    if ((*d)->reads)
        return true;
    (*d)->in = no_stream;
    (*d)->ended = false;
    (*d)->reads = inflateInit2(&(*d)->in, -(int)terms.read_bits) == Z_OK;
    return (*d)->reads;
}

/* 2^(bits + 2) bytes for the window, and as much for the tables that its memory level asks for. The fastest level: the
 * peer chooses the data, and this level has the least to lose on data that is made to be slow. */
static bool open_writing(struct deflate **d, struct deflate_terms terms) {
    if (!deflate_open(d))
        return false;
    if ((*d)->writes)
        return true;
    (*d)->out = no_stream;
    (*d)->writes = deflateInit2(&(*d)->out, Z_BEST_SPEED, Z_DEFLATED, -(int)terms.write_bits, (int)terms.write_bits - 7,
                       Z_DEFAULT_STRATEGY) == Z_OK;
    return (*d)->writes;
}

/* Inflates as far as the input and the room last. A block with BFINAL ends zlib's stream, but not the message: the next
 * block begins with the next byte (section 7.2.1), and its window is that of the last. inflateReset would drop it. */
static enum deflate_result inflate_more(struct deflate *d) {
    for (;;) {
        d->ended &= d->in.avail_in == 0;
        int result = inflate(&d->in, Z_SYNC_FLUSH);
        if (result == Z_STREAM_END) {
            result = inflateResetKeep(&d->in);
            d->ended = true;
            if (d->in.avail_in > 0 && result == Z_OK)
                continue;
        }
        if (result == Z_MEM_ERROR)
            return DEFLATE_NO_MEMORY;
        if (result != Z_OK && result != Z_BUF_ERROR) /* Z_BUF_ERROR: there was nothing to do */
            return DEFLATE_BAD;
        return d->in.avail_out == 0 && !d->ended ? DEFLATE_FULL : DEFLATE_DONE;
    }
}

enum deflate_result deflate_read(
    struct deflate **d, struct deflate_terms terms, const uint8_t **bytes, size_t *count, uint8_t **out, size_t *room) {
    if (!open_reading(d, terms))
        return DEFLATE_NO_MEMORY;
    z_stream *in = &(*d)->in;
    in->next_in = *bytes, in->avail_in = (uInt)*count;
    in->next_out = *out, in->avail_out = (uInt)*room;
    enum deflate_result result = inflate_more(*d);
    *bytes = in->next_in, *count = in->avail_in;
    *out = in->next_out, *room = in->avail_out;
    return result;
}

/* Reads the tail that the sender has removed: it must bring nothing, and complete an empty block. Then inflate stands
 * between two blocks, at a byte's border: it says so by 128 in data_type (zlib.h, at Z_BLOCK). After a block with
 * BFINAL there may be no such block: whoever sends a whole DEFLATE stream removes no tail. */
enum deflate_result deflate_read_end(struct deflate **d, struct deflate_terms terms) {
    const uint8_t *bytes = tail;
    uint8_t nothing, *out = &nothing;
    size_t count = sizeof tail, room = 1;
    if (!open_reading(d, terms))
        return DEFLATE_NO_MEMORY;
    if (!(*d)->ended) {
        enum deflate_result result = deflate_read(d, terms, &bytes, &count, &out, &room);
        if (result == DEFLATE_NO_MEMORY)
            return result;
        if (result != DEFLATE_DONE || room == 0 || (*d)->in.data_type != 128)
            return DEFLATE_BAD;
    }
    (*d)->ended = false;
    deflate_trim(d, terms.read_keeps, true);
    return DEFLATE_DONE;
}

size_t deflate_write(struct deflate **d, struct deflate_terms terms, const uint8_t *bytes, size_t count, uint8_t *out) {
    size_t size = 0, most = terms.write_keeps ? count + DEFLATE_GROWTH_MAX : count - 1;
    if (terms.write_bits == 0 || count < DEFLATE_COUNT_MIN || !open_writing(d, terms))
        return 0;
    z_stream *z = &(*d)->out;
    z->next_in = bytes, z->avail_in = (uInt)count;
    z->next_out = out, z->avail_out = (uInt)(count + DEFLATE_ROOM);
    if (deflate(z, Z_SYNC_FLUSH) == Z_OK && z->avail_out > 0) {
        size = (size_t)(z->next_out - out) - sizeof tail;
        assert(z->avail_in == 0 && memcmp(out + size, tail, sizeof tail) == 0);
    }
    if (size == 0 || size > most) { /* the peer does not see this data: so no later message may refer to it */
        deflateReset(z);
        size = 0;
    }
    deflate_trim(d, true, terms.write_keeps);
    return size;
}
