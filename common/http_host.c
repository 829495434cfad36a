#include "http_host.h"
#include <string.h>
#include <strings.h>

bool http_text_equals(struct http_text a, struct http_text b) {
    return a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0;
}

bool http_text_is(struct http_text text, const char *word) {
    return http_text_equals(text, (struct http_text){word, strlen(word)});
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static struct http_text text_from(struct http_text text, size_t from) {
    return (struct http_text){text.at + from, text.length - from};
}

/* Returns how many bytes are before the next `c`, or before the end. */
static size_t length_before(struct http_text text, char c) {
    const char *found = memchr(text.at, c, text.length);
    return found ? (size_t)(found - text.at) : text.length;
}

/* A number without a sign and without leading zeros. -1 for anything else, and for more than `most`. */
static int read_number(struct http_text text, int most) {
    int number = 0;
    if (text.length == 0 || text.length > 5 || (text.length > 1 && text.at[0] == '0'))
        return -1;
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.at[i]))
            return -1;
        number = number * 10 + (text.at[i] - '0');
    }
    return number <= most ? number : -1;
}

static bool is_ipv4(struct http_text text) {
    for (int octet = 0; octet < 4; octet++) {
        size_t length = length_before(text, '.');
        if (read_number((struct http_text){text.at, length}, 255) < 0 || (length < text.length) != (octet < 3))
            return false;
        text = text_from(text, octet < 3 ? length + 1 : length);
    }
    return true;
}

static bool is_group(struct http_text text) {
    for (size_t i = 0; i < text.length; i++)
        if (!is_hex(text.at[i]))
            return false;
    return text.length >= 1 && text.length <= 4;
}

/* Eight groups of hex digits; one "::" may replace one or more groups; the last two may be an IPv4 address. */
static bool is_ipv6(struct http_text text) {
    bool gap = text.length >= 2 && memcmp(text.at, "::", 2) == 0;
    int groups = 0;
    text = text_from(text, gap ? 2 : 0);
    while (text.length > 0) {
        size_t length = length_before(text, ':');
        struct http_text group = {text.at, length};
        bool last = length == text.length, dotted = last && is_ipv4(group);
        if (!dotted && !is_group(group))
            return false;
        groups += dotted ? 2 : 1;
        text = text_from(text, last ? length : length + 1);
        if (!last && text.length == 0)
            return false;
        if (text.length > 0 && text.at[0] == ':') {
            if (gap)
                return false;
            gap = true;
            text = text_from(text, 1);
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

/* RFC 3986 section 3.2.2: unreserved, sub-delims and "%" with two digits. */
static bool is_reg_name(struct http_text text) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '%' && i + 2 < text.length && is_hex(text.at[i + 1]) && is_hex(text.at[i + 2]))
            i += 2;
        else if (!is_letter(c) && !is_digit(c) && (c == '\0' || !strchr("-._~!$&'()*+,;=", c)))
            return false;
    }
    return true;
}

/* Reads "", ":" or ":port" (section 3.2.3: the digits may be missing). */
static bool read_port(struct http_text text, int *port) {
    *port = -1;
    if (text.length <= 1)
        return text.length == 0 || text.at[0] == ':';
    *port = text.at[0] == ':' ? read_number(text_from(text, 1), 65535) : -1;
    return *port >= 0;
}

bool http_host_read(struct http_text text, struct http_host *host) {
    bool bracket = text.length > 0 && text.at[0] == '[';
    size_t length = length_before(text, bracket ? ']' : ':');
    *host = (struct http_host){.name = {text.at, length}, .port = -1};
    if (bracket) {
        if (length == text.length)
            return false;
        host->kind = HTTP_HOST_IPV6;
        host->name = (struct http_text){text.at + 1, length - 1};
        return is_ipv6(host->name) && read_port(text_from(text, length + 1), &host->port);
    }
    host->kind = is_ipv4(host->name) ? HTTP_HOST_IPV4 : HTTP_HOST_NAME;
    return is_reg_name(host->name) && read_port(text_from(text, length), &host->port);
}

bool http_origin_read(struct http_text text, struct http_origin *origin) {
    size_t length = length_before(text, ':');
    origin->scheme = (struct http_text){text.at, length};
    if (length == 0 || text.length < length + 3 || memcmp(text.at + length, "://", 3) != 0 || !is_letter(text.at[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_letter(text.at[i]) && !is_digit(text.at[i]) && (text.at[i] == '\0' || !strchr("+-.", text.at[i])))
            return false;
    return http_host_read(text_from(text, length + 3), &origin->host) && origin->host.name.length > 0;
}

static int port_of(const struct http_origin *origin) {
    if (origin->host.port >= 0)
        return origin->host.port;
    return http_text_is(origin->scheme, "http") ? 80 : http_text_is(origin->scheme, "https") ? 443 : -1;
}

bool http_origin_equals(const struct http_origin *a, const struct http_origin *b) {
    return http_text_equals(a->scheme, b->scheme) && a->host.kind == b->host.kind &&
           http_text_equals(a->host.name, b->host.name) && port_of(a) == port_of(b);
}
