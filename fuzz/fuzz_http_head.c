/* http_head.c: the end of a head is where a plain search finds it, however many bytes were searched before. And the
 * answer to a head stays the same after a change that must not matter. */
#include "http_head.h"
#include "input.h"
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes of empty lines before the first line. */
static size_t empty_lines(const struct bytes *b) {
    size_t i = 0;
    while (i + 2 <= b->count && memcmp(b->at + i, "\r\n", 2) == 0)
        i += 2;
    return i;
}

static size_t naive_end(const struct bytes *b) {
    for (size_t i = empty_lines(b); i + 4 <= b->count; i++)
        if (memcmp(b->at + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    return 0;
}

static void check_end(const struct bytes *b, size_t seen) {
    size_t end = naive_end(b);
    if (end == 0 || end > seen)
        assert(http_head_end(b->at, b->count, seen) == end);
}

/* The status for this head, from a separate copy: the sanitizer finds a read past its end. */
static int check(bool request, const struct bytes *head) {
    uint8_t *copy = malloc(head->count);
    const uint8_t *key = NULL;
    if (!copy)
        abort();
    memcpy(copy, head->at, head->count);
    int status = request ? http_head_check_request(copy, head->count, &key)
                         : http_head_check_response(copy, head->count, good_accept, false);
    if (request) {
        assert(status == 101 || status == 400 || status == 426);
        assert((status == 101) == (key != NULL));
        assert(!key || (key > copy && key + WEBSOCKET_KEY_LENGTH + 4 <= copy + head->count && key[22] == '='));
    } else {
        assert(status == 0 || (status >= 100 && status <= 999));
    }
    free(copy);
    return status;
}

/* The same head with one more field behind its first line. */
static int check_with(bool request, const struct bytes *head, const char *field) {
    struct bytes longer = {0};
    size_t before = empty_lines(head);
    size_t line = (size_t)((uint8_t *)memmem(head->at + before, head->count - before, "\r\n", 2) - head->at) + 2;
    bytes_add(&longer, head->at, line);
    bytes_add(&longer, field, strlen(field));
    bytes_add(&longer, head->at + line, head->count - line);
    int status = check(request, &longer);
    bytes_free(&longer);
    return status;
}

/* The same head with the names of its fields in the other case. */
static int check_other_case(bool request, const struct bytes *head) {
    struct bytes other = {0};
    bool in_name = false;
    bytes_add(&other, head->at, head->count);
    for (size_t i = empty_lines(head); i < other.count; i++) {
        in_name = other.at[i] == '\n' || (in_name && other.at[i] != ':');
        if (in_name && isalpha(other.at[i]))
            other.at[i] ^= 0x20;
    }
    int status = check(request, &other);
    bytes_free(&other);
    return status;
}

/* The upgrade was accepted: everything that it needs must be there, once, and nothing that forbids it. */
static void check_upgrade(bool request, const struct bytes *head) {
    static const char *const begins[] = {"HTTP/1.1 101", "GET "};
    static const char *const needed[][6] = {{"\r\nUpgrade:", "\r\nConnection:", "\r\nSec-WebSocket-Accept:", NULL},
        {"\r\nUpgrade:", "\r\nConnection:", "\r\nHost:", "\r\nSec-WebSocket-Key:", "\r\nSec-WebSocket-Version:", NULL}};
    static const char *const forbidden[][10] = {
        {"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "Sec-WebSocket-Extensions: x\r\n",
            "Sec-WebSocket-Protocol: x\r\n", "no colon\r\n", ": x\r\n", "X: y\n", NULL},
        {"Host: again\r\n", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "Sec-WebSocket-Version: 13\r\n",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Bad Name: x\r\n", " folded\r\n", "X: \1\r\n",
            "X: \r\r\n", NULL}};
    struct bytes text = {0}, shorter = *head;
    bytes_add(&text, head->at, head->count);
    bytes_add(&text, "", 1);
    assert(strncmp((char *)text.at + (request ? empty_lines(head) : 0), begins[request], strlen(begins[request])) == 0);
    assert(request || text.at[12] == ' ' || text.at[12] == '\r');
    for (const char *const *name = needed[request]; *name; name++)
        assert(strcasestr((char *)text.at, *name));
    bytes_free(&text);
    for (const char *const *field = forbidden[request]; *field; field++)
        assert(check_with(request, head, *field) != 101);
    shorter.count--;
    assert(check(request, &shorter) != 101);
}

/* A check that refuses everything would pass all of the above. */
static void check_example(bool request) {
    struct bytes head = {0};
    const char *example = good_head(request ? WEBSOCKET_SERVER : WEBSOCKET_CLIENT);
    bytes_add(&head, example, strlen(example));
    assert(check(request, &head) == 101 && check_other_case(request, &head) == 101);
    bytes_free(&head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in = {data, size};
    bool request = choose(&in) % 2 == 0;
    uint8_t seen = choose(&in);
    struct bytes head = {0};
    check_example(request);
    bytes_add(&head, in.at, in.left);
    check_end(&head, head.count * seen / 255);
    if (naive_end(&head) == 0)
        bytes_add(&head, "\r\n\r\n", 4);
    head.count = naive_end(&head); /* 0: there are empty lines only */
    for (size_t i = head.count - 6 < head.count ? head.count - 6 : 0; i < head.count; i++)
        check_end(&head, i);
    if (head.count == 0) {
        bytes_free(&head);
        return 0;
    }
    int status = check(request, &head);
    assert(check_with(request, &head, "X-Unknown: 1\r\n") == status);
    assert(check_other_case(request, &head) == status);
    if (status == 101)
        check_upgrade(request, &head);
    bytes_free(&head);
    return 0;
}
