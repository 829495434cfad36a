#include "proxy_header.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_V1 = 107, FIXED_V2 = 16, IPV4_V2 = 12, IPV6_V2 = 36, CRC32C_V2 = 3 };

static const uint8_t signature[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

/* ---- version 1: a line of text ---- */

/* A port: digits, without zeros in front. -1 for anything else. */
static int read_port(const char *text) {
    size_t length = strlen(text);
    if (length == 0 || length > 5 || strspn(text, "0123456789") != length || (length > 1 && text[0] == '0'))
        return -1;
    int port = atoi(text);
    return port <= UINT16_MAX ? port : -1;
}

/* An address of the family that the line names. inet_pton takes the forms that the document allows, and for TCP6 one
 * more, ::ffff:192.0.2.1: HAProxy writes it for an IPv4 client of a dual-stack socket. */
static bool read_ip(const char *text, bool ipv6, struct address *address) {
    static const char allowed[] = "0123456789abcdefABCDEF:.";
    return strspn(text, allowed) == strlen(text) && (strchr(text, ':') != NULL) == ipv6 && address_read(text, address);
}

/* Reads "TCP4 SOURCE DESTINATION PORT PORT". */
static bool read_line(char *line, struct address *client) {
    char *words[6], *rest = line;
    size_t count = 0;
    struct address server;
    for (char *word; count < 6 && (word = strsep(&rest, " ")) != NULL;)
        words[count++] = word;
    bool ipv6 = strcmp(words[0], "TCP6") == 0;
    if (count != 5 || !(ipv6 || strcmp(words[0], "TCP4") == 0))
        return false;
    int port = read_port(words[3]);
    if (!read_ip(words[1], ipv6, client) || !read_ip(words[2], ipv6, &server) || port < 0 || read_port(words[4]) < 0)
        return false;
    client->port = (uint16_t)port;
    return true;
}

static enum proxy_header_is parse_line(const uint8_t *bytes, size_t count, size_t *length, struct address *client) {
    static const char begin[] = "PROXY ";
    const size_t size = sizeof begin - 1;
    char line[LINE_MAX_V1 + 1];
    size_t most = count < LINE_MAX_V1 ? count : LINE_MAX_V1;
    if (memcmp(bytes, begin, count < size ? count : size) != 0)
        return PROXY_HEADER_BAD;
    const uint8_t *stop = memchr(bytes, '\r', most), *end = memchr(bytes, '\n', most);
    bool whole = stop && end == stop + 1;
    if (!whole && (end || (stop && stop + 1 < bytes + most))) /* a single CR or LF */
        return PROXY_HEADER_BAD;
    if (!whole)
        return count < LINE_MAX_V1 ? PROXY_HEADER_PARTIAL : PROXY_HEADER_BAD;
    *length = (size_t)(end - bytes) + 1;
    size_t words = *length - 2 - size;
    memcpy(line, bytes + size, words);
    line[words] = '\0';
    if (strcmp(line, "UNKNOWN") == 0 || strncmp(line, "UNKNOWN ", 8) == 0)
        *client = (struct address){.kind = ADDRESS_UNKNOWN};
    else if (strlen(line) != words || !read_line(line, client))
        return PROXY_HEADER_BAD;
    return PROXY_HEADER_CLIENT;
}

/* ---- version 2: binary ---- */

static uint16_t number_at(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* CRC-32C of the header, its own four bytes taken as 0 (RFC 9260 appendix A). */
static uint32_t checksum(const uint8_t *bytes, size_t count, size_t own) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < count; i++) {
        crc ^= i >= own && i < own + 4 ? 0 : bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
    }
    return ~crc;
}

static bool is_checksum(const uint8_t *bytes, size_t length, size_t at, size_t size) {
    return size == 4 &&
           ((uint32_t)number_at(bytes + at) << 16 | number_at(bytes + at + 2)) == checksum(bytes, length, at);
}

/* What follows the addresses: type, length, value, one after the other to the header's end. */
static bool check_rest(const uint8_t *bytes, size_t at, size_t length) {
    while (length - at >= 3) {
        size_t value = at + 3, size = number_at(bytes + at + 1);
        if (size > length - value || (bytes[at] == CRC32C_V2 && !is_checksum(bytes, length, value, size)))
            return false;
        at = value + size;
    }
    return at == length;
}

/* The addresses of a connection that the proxy passes on. */
static bool read_addresses(const uint8_t *bytes, size_t length, struct address *client) {
    const uint8_t *block = bytes + FIXED_V2;
    size_t count = length - FIXED_V2;
    struct in_addr ipv4;
    *client = (struct address){.kind = ADDRESS_UNKNOWN};
    switch (bytes[13]) {
    case 0x11: /* TCP over IPv4 */
        if (count < IPV4_V2)
            return false;
        memcpy(&ipv4, block, sizeof ipv4);
        *client = address_of_ipv4(ipv4);
        client->port = number_at(block + 8);
        return check_rest(bytes, FIXED_V2 + IPV4_V2, length);
    case 0x21: /* TCP over IPv6 */
        if (count < IPV6_V2)
            return false;
        client->kind = ADDRESS_IP;
        memcpy(&client->ip, block, sizeof client->ip);
        client->port = number_at(block + 32);
        return check_rest(bytes, FIXED_V2 + IPV6_V2, length);
    default: /* a valid family and a valid protocol that are not known here: UNSPEC, UDP, Unix */
        return bytes[13] >> 4 <= 3 && (bytes[13] & 0x0F) <= 2;
    }
}

static enum proxy_header_is parse_binary(const uint8_t *bytes, size_t count, size_t *length, struct address *client) {
    if (memcmp(bytes, signature, count < sizeof signature ? count : sizeof signature) != 0)
        return PROXY_HEADER_BAD;
    if (count > 12 && bytes[12] != 0x20 && bytes[12] != 0x21) /* version 2, and LOCAL or PROXY */
        return PROXY_HEADER_BAD;
    if (count < FIXED_V2)
        return PROXY_HEADER_PARTIAL;
    *length = FIXED_V2 + (size_t)number_at(bytes + 14);
    if (*length > PROXY_HEADER_MAX)
        return PROXY_HEADER_BAD;
    if (count < *length)
        return PROXY_HEADER_PARTIAL;
    if (bytes[12] == 0x20)
        return PROXY_HEADER_LOCAL;
    return read_addresses(bytes, *length, client) ? PROXY_HEADER_CLIENT : PROXY_HEADER_BAD;
}

enum proxy_header_is proxy_header_parse(const uint8_t *bytes, size_t count, size_t *length, struct address *client) {
    if (count == 0)
        return PROXY_HEADER_PARTIAL;
    return bytes[0] == signature[0] ? parse_binary(bytes, count, length, client)
                                    : parse_line(bytes, count, length, client);
}
