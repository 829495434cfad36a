#include "guarded.h"
#include "proxy_header.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define TCP4                                                                                                           \
    "\x7F\0\0\x09"                                                                                                     \
    "\x7F\0\0\x01"                                                                                                     \
    "\x10\x92"                                                                                                         \
    "\x1F\x90"

static const char *const names[] = {"partial", "client", "local", "bad"};

/* Parses all the bytes at once, at the end of readable memory; and, where they are a header, each part of them before.
 */
static enum proxy_header_is parse(const char *bytes, size_t count, size_t *length, struct address *client) {
    struct guarded g = guarded_copy(bytes, count);
    enum proxy_header_is is = proxy_header_parse(g.bytes, count, length, client);
    guarded_free(&g);
    for (size_t part = 0; is != PROXY_HEADER_BAD && is != PROXY_HEADER_PARTIAL && part < *length; part++) {
        size_t of_part;
        struct address of;
        struct guarded cut = guarded_copy(bytes, part);
        cr_expect_eq(proxy_header_parse(cut.bytes, part, &of_part, &of), PROXY_HEADER_PARTIAL, "%zu bytes", part);
        guarded_free(&cut);
    }
    return is;
}

static void expect(const char *bytes, size_t count, enum proxy_header_is expected, size_t header, const char *client) {
    size_t length = 0;
    char text[ADDRESS_SIZE];
    struct address address = {.kind = ADDRESS_UNKNOWN};
    enum proxy_header_is is = parse(bytes, count, &length, &address);
    cr_expect_eq(is, expected, "'%.40s': %s, not %s", bytes, names[is], names[expected]);
    if (is == PROXY_HEADER_CLIENT || is == PROXY_HEADER_LOCAL)
        cr_expect_eq(length, header, "'%.40s': %zu bytes", bytes, length);
    if (is == PROXY_HEADER_CLIENT)
        cr_expect_str_eq(address_text(&address, text), client);
}

/* Section 2.1. */
Test(proxy_header, version_1) {
    static const struct {
        const char *line, *client; /* NULL: it is none */
    } cases[] = {
        {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", "192.0.2.1:56324"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 0 0\r\n", "192.0.2.1"},
        {"PROXY TCP6 2001:db8::1 ::1 56324 443\r\n", "[2001:db8::1]:56324"},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
        {"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 56324 443\r\n", "192.0.2.1:56324"},
        {"PROXY UNKNOWN\r\n", "an unknown peer"},
        {"PROXY UNKNOWN what ever\r\n", "an unknown peer"},
        {"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
         "65535\r\n",
            "an unknown peer"},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\r\n", NULL},
        {"PROXY TCP4\r192.0.2.1 192.0.2.2 56324 443\r\n", NULL},
        {"PROXY  TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", NULL},
        {"PROXY TCP4 192.0.2.1  192.0.2.2 56324 443\r\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 \r\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 1\r\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 056324 443\r\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 +1 443\r\n", NULL},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 56324 -1\r\n", NULL},
        {"PROXY TCP4 192.0.2.01 192.0.2.2 56324 443\r\n", NULL},
        {"PROXY TCP4 192.0.2 192.0.2.2 56324 443\r\n", NULL},
        {"PROXY TCP4 2001:db8::1 192.0.2.2 56324 443\r\n", NULL},
        {"PROXY TCP4 192.0.2.1 ::1 56324 443\r\n", NULL},
        {"PROXY TCP6 192.0.2.1 ::1 56324 443\r\n", NULL},
        {"PROXY TCP6 ::ffff:192.0.2.256 ::1 56324 443\r\n", NULL},
        {"PROXY TCP6 [2001:db8::1] ::1 56324 443\r\n", NULL},
        {"PROXY TCP6 fe80::1%lo ::1 56324 443\r\n", NULL},
        {"PROXY UDP4 192.0.2.1 192.0.2.2 56324 443\r\n", NULL},
        {"PROXY tcp4 192.0.2.1 192.0.2.2 56324 443\r\n", NULL},
        {"PROXY UNKNOWNS\r\n", NULL},
        {"PROXY \r\n", NULL},
        {"PROXY\r\n", NULL},
        {"proxy TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", NULL},
        {"GET / HTTP/1.1\r\n", NULL},
        {"P\xFF", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = strlen(cases[i].line);
        enum proxy_header_is is = cases[i].client ? PROXY_HEADER_CLIENT : PROXY_HEADER_BAD;
        char behind[256];
        expect(cases[i].line, length, is, length, cases[i].client);
        if (!cases[i].client)
            continue;
        snprintf(behind, sizeof behind, "%s\nX\r\n", cases[i].line); /* what follows is not looked at */
        expect(behind, strlen(behind), is, length, cases[i].client);
    }
}

Test(proxy_header, a_line_has_an_end) {
    char line[200] = "PROXY UNKNOWN ";
    memset(line + strlen(line), 'x', sizeof line - strlen(line));
    expect(line, 106, PROXY_HEADER_PARTIAL, 0, NULL);
    expect(line, 107, PROXY_HEADER_BAD, 0, NULL);
    memcpy(line + 106, "\r\n", 2);
    expect(line, 108, PROXY_HEADER_BAD, 0, NULL);
    memcpy(line + 105, "\r\n", 2);
    expect(line, 150, PROXY_HEADER_CLIENT, 107, "an unknown peer");
}

/* Section 2.2. */
Test(proxy_header, version_2) {
#define BYTES(text) text, sizeof text - 1
    static const struct {
        const char *bytes;
        size_t count;
        enum proxy_header_is is;
        const char *client;
    } cases[] = {
        {BYTES(SIGNATURE "\x21\x11\0\x0C" TCP4), PROXY_HEADER_CLIENT, "127.0.0.9:4242"},
        {BYTES(SIGNATURE "\x21\x21\0\x24"
                         "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01"
                         "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
                         "\0\x50\x1F\x90"),
            PROXY_HEADER_CLIENT, "[2001:db8::1]:80"},
        /* with more behind the addresses: NOOP, and a type that nobody knows */
        {BYTES(SIGNATURE "\x21\x11\0\x15" TCP4 "\x04\0\x01x"
                         "\xE0\0\x02yz"),
            PROXY_HEADER_CLIENT, "127.0.0.9:4242"},
        {BYTES(SIGNATURE "\x21\x11\0\x0F" TCP4 "\x04\0\x01"), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x21\x11\0\x0E" TCP4 "\x04\0"), PROXY_HEADER_BAD, NULL},
        /* the checksum, right and wrong */
        {BYTES(SIGNATURE "\x21\x11\0\x13" TCP4 "\x03\0\x04"
                         "\xBA\xC8\x72\xA3"),
            PROXY_HEADER_CLIENT, "127.0.0.9:4242"},
        {BYTES(SIGNATURE "\x21\x11\0\x13" TCP4 "\x03\0\x04"
                         "\xBA\xC8\x72\xA2"),
            PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x21\x11\0\x12" TCP4 "\x03\0\x03"
                         "\x1D\x4B\xC3"),
            PROXY_HEADER_BAD, NULL},
        /* LOCAL, with and without a block */
        {BYTES(SIGNATURE "\x20\0\0\0"), PROXY_HEADER_LOCAL, NULL},
        {BYTES(SIGNATURE "\x20\x11\0\x0C" TCP4), PROXY_HEADER_LOCAL, NULL},
        {BYTES(SIGNATURE "\x20\xFF\0\x01x"), PROXY_HEADER_LOCAL, NULL},
        /* valid, and not known here */
        {BYTES(SIGNATURE "\x21\0\0\0"), PROXY_HEADER_CLIENT, "an unknown peer"},
        {BYTES(SIGNATURE "\x21\x12\0\x0C" TCP4), PROXY_HEADER_CLIENT, "an unknown peer"},
        {BYTES(SIGNATURE "\x21\x31\0\x03xyz"), PROXY_HEADER_CLIENT, "an unknown peer"},
        /* too short for its addresses, another version, command, family, protocol */
        {BYTES(SIGNATURE "\x21\x11\0\x0B" TCP4), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x21\x21\0\x0C" TCP4), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x11\x11\0\x0C" TCP4), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x31\x11\0\x0C" TCP4), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x22\x11\0\x0C" TCP4), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x21\x41\0\x0C" TCP4), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x21\x13\0\x0C" TCP4), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x22"), PROXY_HEADER_BAD, NULL},
        {BYTES("\r\n\r\n\0\r\nQUIX\n"), PROXY_HEADER_BAD, NULL},
        {BYTES("\r\n\r\nx"), PROXY_HEADER_BAD, NULL},
        /* longer than any proxy makes it */
        {BYTES(SIGNATURE "\x21\x11\xFF\xFF"), PROXY_HEADER_BAD, NULL},
        {BYTES(SIGNATURE "\x21\x11\x07\xF0"), PROXY_HEADER_PARTIAL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char behind[256];
        expect(cases[i].bytes, cases[i].count, cases[i].is, cases[i].count, cases[i].client);
        if (cases[i].is != PROXY_HEADER_CLIENT && cases[i].is != PROXY_HEADER_LOCAL)
            continue;
        memset(behind, 'x', sizeof behind);
        memcpy(behind, cases[i].bytes, cases[i].count);
        expect(behind, sizeof behind, cases[i].is, cases[i].count, cases[i].client);
    }
}

Test(proxy_header, the_longest) {
    static char bytes[PROXY_HEADER_MAX];
    memcpy(bytes, SIGNATURE "\x21\x11\x07\xF0" TCP4 "\x04\x07\xE1", 31);
    expect(bytes, sizeof bytes, PROXY_HEADER_CLIENT, sizeof bytes, "127.0.0.9:4242");
    bytes[15]++;
    expect(bytes, sizeof bytes, PROXY_HEADER_BAD, 0, NULL);
}
