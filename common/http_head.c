#include "http_head.h"
#include <string.h>
#include <strings.h>

bool http_text_is(struct http_text text, const char *word) {
    return text.length == strlen(word) && strncasecmp(text.at, word, text.length) == 0;
}

bool http_is_get(struct http_text method) {
    return method.length == 3 && memcmp(method.at, "GET", 3) == 0;
}

/* RFC 9110 section 5.6.2 */
static bool is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* A field's value may hold anything but control characters; a tab is white space. */
static bool is_field_char(char c) {
    unsigned char u = (unsigned char)c;
    return (u >= 0x20 && u != 0x7F) || c == '\t';
}

static bool is_field_text(struct http_text text) {
    for (size_t i = 0; i < text.length; i++)
        if (!is_field_char(text.at[i]))
            return false;
    return true;
}

static struct http_text text_trim(struct http_text text) {
    while (text.length > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text.at++, text.length--;
    while (text.length > 0 && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t'))
        text.length--;
    return text;
}

/* Does the comma-separated list hold this token? */
static bool list_has(struct http_text list, const char *token) {
    while (list.length > 0) {
        const char *comma = memchr(list.at, ',', list.length);
        size_t length = comma ? (size_t)(comma - list.at) : list.length;
        if (http_text_is(text_trim((struct http_text){list.at, length}), token))
            return true;
        size_t step = length + (comma ? 1 : 0);
        list.at += step, list.length -= step;
    }
    return false;
}

/* Takes the next line off `rest`, which must end with CRLF. False at a bare CR or LF. */
static bool next_line(struct http_text *rest, struct http_text *line) {
    const char *end = memchr(rest->at, '\n', rest->length);
    if (end == NULL || end == rest->at || end[-1] != '\r')
        return false;
    *line = (struct http_text){rest->at, (size_t)(end - 1 - rest->at)};
    size_t step = line->length + 2;
    rest->at += step, rest->length -= step;
    return memchr(line->at, '\r', line->length) == NULL;
}

/* Splits "Name: value". False for anything else, folded lines included. */
static bool split_field(struct http_text line, struct http_text *name, struct http_text *value) {
    const char *colon = memchr(line.at, ':', line.length);
    if (colon == NULL || colon == line.at)
        return false;
    *name = (struct http_text){line.at, (size_t)(colon - line.at)};
    *value = text_trim((struct http_text){colon + 1, line.length - name->length - 1});
    for (size_t i = 0; i < name->length; i++)
        if (!is_token_char(name->at[i]))
            return false;
    return is_field_text(*value);
}

/* What both heads say about the upgrade, as far as it matters here. */
struct upgrade {
    bool upgrade, connection, close, body, extensions, subprotocol;
    struct http_text host, origin, key, version, accept; /* at == NULL: absent */
    bool repeated;                                       /* one that must be single came twice */
};

static void keep_single(struct upgrade *u, struct http_text *field, struct http_text value) {
    u->repeated |= field->at != NULL;
    *field = value;
}

static bool read_fields(struct http_text rest, struct upgrade *u) {
    struct http_text line, name, value;
    *u = (struct upgrade){0};
    while (next_line(&rest, &line)) {
        if (line.length == 0)
            return true;
        if (!split_field(line, &name, &value))
            return false;
        if (http_text_is(name, "Host"))
            keep_single(u, &u->host, value);
        else if (http_text_is(name, "Origin"))
            keep_single(u, &u->origin, value);
        else if (http_text_is(name, "Upgrade"))
            u->upgrade |= list_has(value, "websocket");
        else if (http_text_is(name, "Connection")) {
            u->connection |= list_has(value, "upgrade");
            u->close |= list_has(value, "close");
        } else if (http_text_is(name, "Content-Length"))
            u->body |= !http_text_is(value, "0");
        else if (http_text_is(name, "Transfer-Encoding"))
            u->body = true;
        else if (http_text_is(name, "Sec-WebSocket-Key"))
            keep_single(u, &u->key, value);
        else if (http_text_is(name, "Sec-WebSocket-Version"))
            keep_single(u, &u->version, value);
        else if (http_text_is(name, "Sec-WebSocket-Accept"))
            keep_single(u, &u->accept, value);
        else if (http_text_is(name, "Sec-WebSocket-Extensions"))
            u->extensions = true;
        else if (http_text_is(name, "Sec-WebSocket-Protocol"))
            u->subprotocol = true;
    }
    return false;
}

/* "METHOD target HTTP/1.1": the target is not empty and holds no space and no control character. Returns 200, 400, or
 * 505 for another version. */
static int split_request_line(struct http_text line, struct http_text *method, struct http_text *target) {
    const char *first = memchr(line.at, ' ', line.length), *last = memrchr(line.at, ' ', line.length);
    if (first == NULL || first == last)
        return 400;
    *method = (struct http_text){line.at, (size_t)(first - line.at)};
    *target = (struct http_text){first + 1, (size_t)(last - first - 1)};
    struct http_text version = {last + 1, line.length - (size_t)(last + 1 - line.at)};
    for (size_t i = 0; i < target->length; i++) {
        unsigned char c = (unsigned char)target->at[i];
        if (c <= ' ' || c >= 0x7F)
            return 400;
    }
    if (method->length == 0 || target->length == 0 || version.length != 8 || memcmp(version.at, "HTTP/", 5) != 0)
        return 400;
    return memcmp(version.at, "HTTP/1.1", 8) == 0 ? 200 : 505;
}

/* 16 random bytes in base64 (RFC 6455 section 4.1): 22 characters and "==". */
static bool is_key(struct http_text key) {
    if (key.at == NULL || key.length != 24 || memcmp(key.at + 22, "==", 2) != 0)
        return false;
    for (size_t i = 0; i < 22; i++) {
        char c = key.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/'))
            return false;
    }
    return true;
}

size_t http_head_end(const uint8_t *bytes, size_t count, size_t seen) {
    size_t from = seen > 3 ? seen - 3 : 0; /* the end mark may straddle the border */
    const uint8_t *end = count > from ? memmem(bytes + from, count - from, "\r\n\r\n", 4) : NULL;
    return end ? (size_t)(end - bytes) + 4 : 0;
}

/* What all requests have to have in order: 200, 400 or 505. */
static int read_request(
    const uint8_t *head, size_t length, struct http_text *method, struct http_text *target, struct upgrade *u) {
    struct http_text rest = {(const char *)head, length}, line;
    if (!next_line(&rest, &line))
        return 400;
    int status = split_request_line(line, method, target);
    if (status != 200)
        return status;
    return read_fields(rest, u) && u->host.at != NULL && !u->repeated ? 200 : 400;
}

int http_head_read_request(const uint8_t *head, size_t length, struct http_request *request) {
    struct upgrade u;
    *request = (struct http_request){0};
    int status = read_request(head, length, &request->method, &request->target, &u);
    if (status != 200)
        return status;
    request->host = u.host;
    request->origin = u.origin;
    request->upgrade = u.upgrade;
    request->keep_alive = !u.close;
    request->has_body = u.body;
    return 200;
}

int http_head_check_request(const uint8_t *head, size_t length, const uint8_t **key) {
    struct http_text method, target;
    struct upgrade u;
    if (read_request(head, length, &method, &target, &u) != 200 || !http_is_get(method))
        return 400;
    if (!u.upgrade || !u.connection || !is_key(u.key) || u.version.at == NULL)
        return 400;
    if (!http_text_is(u.version, "13"))
        return 426;
    *key = (const uint8_t *)u.key.at;
    return 101;
}

int http_head_check_response(const uint8_t *head, size_t length, const char *accept) {
    struct http_text rest = {(const char *)head, length}, line;
    struct upgrade u;
    static const char version[] = "HTTP/1.1 ";
    const size_t end = sizeof version - 1 + 3; /* of the status */
    if (!next_line(&rest, &line) || line.length < end || memcmp(line.at, version, sizeof version - 1) != 0 ||
        !is_field_text(line) || (line.length > end && line.at[end] != ' '))
        return 0;
    int status = 0;
    for (size_t i = sizeof version - 1; i < end; i++) {
        if (line.at[i] < '0' || line.at[i] > '9')
            return 0;
        status = status * 10 + (line.at[i] - '0');
    }
    if (status != 101)
        return status >= 100 ? status : 0;
    if (!read_fields(rest, &u) || !u.upgrade || !u.connection || u.repeated || u.extensions || u.subprotocol)
        return 0;
    return u.accept.at != NULL && u.accept.length == 28 && memcmp(u.accept.at, accept, 28) == 0 ? 101 : 0;
}
