#include "forwarded.h"
#include "proxy_header.h"
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct networks trusted;
static bool trusts_unix;

bool forwarded_trust(const char *network) {
    return networks_add(&trusted, network);
}

static bool is_trusted(const struct address *address) {
    return address->kind == ADDRESS_UNIX ? trusts_unix : networks_have(&trusted, address);
}

/* ---- PROXY protocol ---- */

static enum preface_is take_header(struct channel *c, const uint8_t *bytes, size_t count, size_t *length) {
    struct address client;
    switch (proxy_header_parse(bytes, count, length, &client)) {
    case PROXY_HEADER_PARTIAL: return PREFACE_PARTIAL;
    case PROXY_HEADER_BAD: return PREFACE_BAD;
    case PROXY_HEADER_LOCAL: return PREFACE_COMPLETE;
    case PROXY_HEADER_CLIENT: break;
    }
    c->peer = c->from = client;
    c->peer_is_named = true;
    return PREFACE_COMPLETE;
}

void forwarded_open(struct framework *f, bool unix_too, bool header) {
    trusts_unix = unix_too;
    if (header && !unix_too && trusted.count == 0)
        error(EXIT_SETUP, 0, "--proxy-protocol is read from trusted proxies only: give --trust-proxy or --unix, too");
    f->is_proxy = is_trusted;
    f->preface = header ? take_header : NULL;
    f->preface_max = PROXY_HEADER_MAX;
}

/* ---- X-Forwarded-For ---- */

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" or "[2001:db8::1]:80". Anything else ("unknown", say) is
 * an unknown client. */
static struct address read_hop(struct http_text text) {
    static const struct address unknown = {.kind = ADDRESS_UNKNOWN};
    char word[ADDRESS_SIZE];
    struct address hop;
    if (text.length >= sizeof word || memchr(text.at, '%', text.length) || memchr(text.at, '\0', text.length))
        return unknown;
    snprintf(word, sizeof word, "%.*s", (int)text.length, text.at);
    if (address_read(word, &hop))
        return hop;
    char *colon = strrchr(word, ':');
    if (!colon || strspn(colon + 1, "0123456789") != strlen(colon + 1) || colon[1] == '\0')
        return unknown;
    *colon = '\0';
    return (word[0] == '[' || !strchr(word, ':')) && address_read(word, &hop) ? hop : unknown;
}

static struct http_text trimmed(struct http_text text) {
    while (text.length > 0 && strchr(" \t", text.at[0]))
        text.at++, text.length--;
    while (text.length > 0 && strchr(" \t", text.at[text.length - 1]))
        text.length--;
    return text;
}

/* Goes through a field's list, from the left. Each address that is no trusted proxy takes the place of what was found
 * left of it: so the last one remains. If all are trusted, the first one does. */
static void read_list(struct http_text list, struct address *client, bool *found) {
    while (list.length > 0) {
        const char *comma = memchr(list.at, ',', list.length);
        size_t length = comma ? (size_t)(comma - list.at) : list.length, step = length + (comma ? 1 : 0);
        struct http_text word = trimmed((struct http_text){list.at, length});
        struct address hop = read_hop(word);
        if (word.length > 0 && (!*found || !is_trusted(&hop))) {
            *client = hop;
            *found = true;
        }
        list.at += step, list.length -= step;
    }
}

bool forwarded_find(struct channel *c) {
    struct address client = c->peer;
    struct http_text list;
    bool found = false;
    if (is_trusted(&c->peer))
        for (size_t at = 0; http_field(c, "X-Forwarded-For", &at, &list);)
            read_list(list, &client, &found);
    c->from_is_named = found;
    return channel_count_as(c, &client);
}

/* ---- this machine ---- */

/* The fields that proxies write: if one is there, somebody else asks. */
static bool is_passed_on(const struct channel *c) {
    static const char *const names[] = {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"};
    struct http_text value;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (http_field(c, names[i], &(size_t){0}, &value))
            return true;
    return false;
}

bool forwarded_is_here(const struct channel *c) {
    if (!c->socket_is_here || !address_is_loopback(&c->from)) /* 127.0.0.1 of a proxy elsewhere is its own machine */
        return false;
    return c->from_is_named || (!is_passed_on(c) && (c->peer_is_named || !is_trusted(&c->peer)));
}
