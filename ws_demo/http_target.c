/* http_target.c - what http.h says about a request's target: paths, and the values in its query. */
#include "http.h"
#include "utf8.h"
#include <ctype.h>
#include <string.h>

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The byte that "%XX" stands for, or -1. */
static int read_escape(struct http_text text) {
    if (text.length < 3 || text.at[0] != '%' || hex_digit(text.at[1]) < 0 || hex_digit(text.at[2]) < 0)
        return -1;
    return hex_digit(text.at[1]) * 16 + hex_digit(text.at[2]);
}

bool http_path_is(const struct http_request *request, const char *path) {
    struct http_text rest = request->path;
    for (; rest.length > 0 && *path; path++) {
        int escape = read_escape(rest);
        bool unreserved = escape > 0 && escape < 0x80 && (isalnum(escape) || strchr("-._~", escape));
        char c = unreserved ? (char)escape : rest.at[0];
        size_t step = unreserved ? 3 : 1;
        if (c != *path)
            return false;
        rest.at += step, rest.length -= step;
    }
    return rest.length == 0 && *path == '\0' && request->path.length > 0;
}

/* Decodes into `value`. Returns the length, or -1. */
static int decode_percent(const char *at, size_t length, char *value, size_t size) {
    size_t count = 0;
    struct utf8 utf8 = {0};
    for (size_t i = 0; i < length; i++, count++) {
        int character = at[i] == '+' ? ' ' : (unsigned char)at[i];
        if (at[i] == '%') {
            character = read_escape((struct http_text){at + i, length - i});
            i += 2;
        }
        if (count + 1 >= size || character < 0x20 || character == 0x7F)
            return -1;
        value[count] = (char)character;
    }
    value[count] = '\0';
    if (!utf8_check(&utf8, (const uint8_t *)value, count) || !utf8_is_complete(&utf8))
        return -1;
    return (int)count;
}

int http_query(const struct http_request *request, const char *name, char *value, size_t size) {
    struct http_text rest = request->query;
    size_t length = strlen(name);
    value[0] = '\0';
    while (rest.length > 0) {
        const char *next = memchr(rest.at, '&', rest.length);
        size_t part = next ? (size_t)(next - rest.at) : rest.length, step = part + (next ? 1 : 0);
        if (part > length && rest.at[length] == '=' && memcmp(rest.at, name, length) == 0)
            return decode_percent(rest.at + length + 1, part - length - 1, value, size);
        rest.at += step, rest.length -= step;
    }
    return 0;
}
