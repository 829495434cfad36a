#include "http_head.h"
#include <string.h>
#include <strings.h>

bool http_method_is(struct http_text method, const char *name) {
    return method.length == strlen(name) && memcmp(method.at, name, method.length) == 0;
}

bool http_is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct http_text text) {
    for (size_t i = 0; i < text.length; i++)
        if (!http_is_token_char(text.at[i]))
            return false;
    return text.length > 0;
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
    return is_token(*name) && is_field_text(*value);
}

bool http_head_field(struct http_text *rest, const char *name, struct http_text *value) {
    struct http_text line, found;
    while (next_line(rest, &line))
        if (split_field(line, &found, value) && http_text_is(found, name))
            return true;
    return false;
}

/* The fields of a request or a response that matter here. */
struct fields {
    bool upgrade, connection, close, keep_alive, extensions, subprotocol;
    struct http_text host, origin, key, version, accept, length, coding; /* at == NULL: absent */
    bool repeated;                                                       /* a field that must be single came twice */
};

static void keep_single(struct fields *f, struct http_text *field, struct http_text value) {
    f->repeated |= field->at != NULL;
    *field = value;
}

static bool read_fields(struct http_text rest, struct fields *f) {
    struct http_text line, name, value;
    *f = (struct fields){0};
    while (next_line(&rest, &line)) {
        if (line.length == 0)
            return true;
        if (!split_field(line, &name, &value))
            return false;
        if (http_text_is(name, "Host"))
            keep_single(f, &f->host, value);
        else if (http_text_is(name, "Origin"))
            keep_single(f, &f->origin, value);
        else if (http_text_is(name, "Upgrade"))
            f->upgrade |= list_has(value, "websocket");
        else if (http_text_is(name, "Connection")) {
            f->connection |= list_has(value, "upgrade");
            f->close |= list_has(value, "close");
            f->keep_alive |= list_has(value, "keep-alive");
        } else if (http_text_is(name, "Content-Length"))
            keep_single(f, &f->length, value);
        else if (http_text_is(name, "Transfer-Encoding"))
            keep_single(f, &f->coding, value);
        else if (http_text_is(name, "Sec-WebSocket-Key"))
            keep_single(f, &f->key, value);
        else if (http_text_is(name, "Sec-WebSocket-Version"))
            keep_single(f, &f->version, value);
        else if (http_text_is(name, "Sec-WebSocket-Accept"))
            keep_single(f, &f->accept, value);
        else if (http_text_is(name, "Sec-WebSocket-Extensions"))
            f->extensions = true;
        else if (http_text_is(name, "Sec-WebSocket-Protocol"))
            f->subprotocol = true;
    }
    return false;
}

/* Returns 200 for "HTTP/1.x": a client of any minor version understands an answer in HTTP/1.1 (RFC 9110 section 2.5).
 * 505 for another major version, 400 if the text is no HTTP version. */
static int check_version(struct http_text version) {
    if (version.length != 8 || memcmp(version.at, "HTTP/", 5) != 0 || version.at[6] != '.')
        return 400;
    if (version.at[5] < '0' || version.at[5] > '9' || version.at[7] < '0' || version.at[7] > '9')
        return 400;
    return version.at[5] == '1' ? 200 : 505;
}

static void split_path(struct http_text rest, struct http_request *r) {
    const char *mark = memchr(rest.at, '?', rest.length);
    r->path = rest;
    if (!mark)
        return;
    r->path.length = (size_t)(mark - rest.at);
    r->query = (struct http_text){mark + 1, rest.length - r->path.length - 1};
}

/* "http://host:port/path?query": clients send this form to proxies, and every server must accept it (RFC 9112 section
 * 3.2.2). */
static bool split_absolute(struct http_text target, struct http_request *r) {
    const char *colon = memmem(target.at, target.length, "://", 3);
    size_t scheme = colon ? (size_t)(colon - target.at) : 0, authority = 0;
    struct http_text rest = {target.at + scheme + 3, target.length - scheme - 3};
    if (!http_text_is((struct http_text){target.at, scheme}, "http") &&
        !http_text_is((struct http_text){target.at, scheme}, "https"))
        return false;
    while (authority < rest.length && rest.at[authority] != '/' && rest.at[authority] != '?')
        authority++;
    r->host = (struct http_text){rest.at, authority};
    split_path((struct http_text){rest.at + authority, rest.length - authority}, r);
    if (r->path.length == 0)
        r->path = (struct http_text){"/", 1};
    return authority > 0;
}

/* The four forms of a target (RFC 9112 section 3.2). False for anything else. */
static bool split_target(struct http_text target, struct http_request *r) {
    for (size_t i = 0; i < target.length; i++) {
        unsigned char c = (unsigned char)target.at[i];
        if (c <= ' ' || c >= 0x7F || c == '#')
            return false;
    }
    if (target.length > 0 && target.at[0] == '/') {
        split_path(target, r);
        return true;
    }
    r->asterisk = http_text_is(target, "*");
    if (r->asterisk)
        return http_method_is(r->method, "OPTIONS");
    if (http_method_is(r->method, "CONNECT")) {
        r->host = target;
        return target.length > 0;
    }
    return split_absolute(target, r);
}

/* "METHOD target HTTP/1.1". Returns 200, 400, or 505 for another version. */
static int split_request_line(struct http_text line, struct http_request *r) {
    const char *first = memchr(line.at, ' ', line.length), *last = memrchr(line.at, ' ', line.length);
    if (first == NULL || first == last)
        return 400;
    struct http_text version = {last + 1, line.length - (size_t)(last + 1 - line.at)};
    r->method = (struct http_text){line.at, (size_t)(first - line.at)};
    int status = check_version(version);
    if (status != 200 || !is_token(r->method))
        return status != 200 ? status : 400;
    r->http_1_0 = version.at[7] == '0';
    return split_target((struct http_text){first + 1, (size_t)(last - first - 1)}, r) ? 200 : 400;
}

/* RFC 9112 section 3.2: exactly one Host, with a valid host (HTTP/1.0 may omit it); a host in the target goes before
 * it. */
static bool check_host(const struct fields *f, struct http_request *r) {
    if (f->host.at == NULL && !r->http_1_0)
        return false;
    if (f->host.at != NULL && !http_host_read(f->host, &r->authority))
        return false;
    if (r->host.at == NULL)
        r->host = f->host;
    return r->host.at == NULL || http_host_read(r->host, &r->authority);
}

/* RFC 9112 section 6.3: the body's length must be unambiguous, or another parser of the same bytes might find another
 * request in them. Returns 200, 400, or 501 for a coding that is not understood. */
static int check_framing(const struct fields *f, struct http_request *r) {
    static const char chunked[] = "chunked";
    const size_t size = sizeof chunked - 1;
    bool zero = true;
    for (size_t i = 0; i < f->length.length; i++) {
        if (f->length.at[i] < '0' || f->length.at[i] > '9')
            return 400;
        zero &= f->length.at[i] == '0';
    }
    r->has_body = !zero || f->coding.at != NULL;
    if (f->length.at != NULL && f->length.length == 0)
        return 400;
    if (f->coding.at == NULL)
        return 200;
    if (f->length.at != NULL || r->http_1_0 || f->coding.length < size)
        return 400;
    if (http_text_is(f->coding, chunked))
        return 200;
    const char *last = f->coding.at + f->coding.length - size;
    bool is_last = strncasecmp(last, chunked, size) == 0 && (last[-1] == ',' || last[-1] == ' ' || last[-1] == '\t');
    return is_last ? 501 : 400;
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

size_t http_head_skip(const uint8_t *bytes, size_t count) {
    size_t skip = 0;
    while (count - skip >= 2 && bytes[skip] == '\r' && bytes[skip + 1] == '\n')
        skip += 2;
    return skip;
}

size_t http_head_end(const uint8_t *bytes, size_t count, size_t seen) {
    size_t skip = http_head_skip(bytes, count);
    size_t from = seen > skip + 3 ? seen - 3 : skip; /* the end mark may begin in the bytes seen before */
    const uint8_t *end = count > from ? memmem(bytes + from, count - from, "\r\n\r\n", 4) : NULL;
    return end ? (size_t)(end - bytes) + 4 : 0;
}

/* The checks for every request. Returns 200, 400, 501 or 505. */
static int read_request(const uint8_t *head, size_t length, struct http_request *r, struct fields *f) {
    size_t skip = http_head_skip(head, length);
    struct http_text rest = {(const char *)head + skip, length - skip}, line;
    *r = (struct http_request){0};
    if (!next_line(&rest, &line))
        return 400;
    int status = split_request_line(line, r);
    if (status != 200)
        return status;
    if (!read_fields(rest, f) || f->repeated || !check_host(f, r))
        return 400;
    r->origin = f->origin;
    r->upgrade = f->upgrade && !r->http_1_0; /* RFC 9110 section 7.8: HTTP/1.0 cannot ask for one */
    r->keep_alive = !f->close && (!r->http_1_0 || f->keep_alive);
    return check_framing(f, r);
}

int http_head_read_request(const uint8_t *head, size_t length, struct http_request *request) {
    struct fields f;
    return read_request(head, length, request, &f);
}

bool http_head_next_field(const uint8_t *head, size_t length, const char *name, size_t *at, struct http_text *value) {
    struct http_text rest = {(const char *)head + *at, length - *at}, line, found;
    while (next_line(&rest, &line)) {
        *at = length - rest.length;
        if (split_field(line, &found, value) && http_text_is(found, name))
            return true;
    }
    return false;
}

int http_head_check_request(const uint8_t *head, size_t length, const uint8_t **key) {
    struct http_request r;
    struct fields f;
    if (read_request(head, length, &r, &f) != 200 || !http_method_is(r.method, "GET") || r.has_body)
        return 400;
    if (!r.upgrade || !f.connection || !is_key(f.key) || f.version.at == NULL)
        return 400;
    if (!http_text_is(f.version, "13"))
        return 426;
    *key = (const uint8_t *)f.key.at;
    return 101;
}

int http_head_check_response(const uint8_t *head, size_t length, const char *accept, bool extensions_offered) {
    struct http_text rest = {(const char *)head, length}, line;
    struct fields f;
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
    if (!read_fields(rest, &f) || !f.upgrade || !f.connection || f.repeated || f.subprotocol)
        return 0;
    if (f.extensions && !extensions_offered)
        return 0;
    return f.accept.at != NULL && f.accept.length == 28 && memcmp(f.accept.at, accept, 28) == 0 ? 101 : 0;
}
