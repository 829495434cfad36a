#include "guarded.h"
#include "http_head.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HEAD(lines) "GET /chat HTTP/1.1\r\n" lines "\r\n"
#define HOST "Host: server.example.com\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

static int check(const char *head, const uint8_t **key) {
    struct guarded g = guarded_copy(head, strlen(head));
    const uint8_t *found = NULL;
    cr_assert_eq(http_head_end(g.bytes, strlen(head), 0), strlen(head), "%s", head);
    int status = http_head_check_request(g.bytes, strlen(head), &found);
    *key = found ? (const uint8_t *)head + (found - g.bytes) : NULL;
    guarded_free(&g);
    return status;
}

Test(http_head, requests) {
    static const struct {
        int status;
        const char *head;
    } cases[] = {
        {101, HEAD(HOST UPGRADE CONNECTION KEY VERSION)},
        {101, HEAD("hOST: x\r\nUPGRADE: h2c , WebSocket\r\nconnection:keep-alive,upgrade\t\r\n" KEY VERSION)},
        {101, HEAD(HOST UPGRADE "Connection: keep-alive\r\nConnection: Upgrade\r\n" KEY VERSION)},
        {101, HEAD(HOST UPGRADE CONNECTION KEY VERSION "Sec-WebSocket-Extensions: permessage-deflate\r\n")},
        {101, HEAD(HOST UPGRADE CONNECTION KEY VERSION "X-Empty:\r\n")},
        {426, HEAD(HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 8\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY)},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION VERSION)},
        {400, HEAD(HOST UPGRADE CONNECTION VERSION)},
        {400, HEAD(HOST UPGRADE CONNECTION KEY KEY VERSION)},
        {400, HEAD(HOST UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n" VERSION)},
        {400, HEAD(HOST UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!!==\r\n" VERSION)},
        {400, HEAD(HOST UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQab\r\n" VERSION)},
        {400, HEAD(HOST CONNECTION KEY VERSION)},
        {400, HEAD(HOST "Upgrade: websockets\r\n" CONNECTION KEY VERSION)},
        {400, HEAD(HOST UPGRADE KEY VERSION)},
        {400, HEAD(HOST UPGRADE "Connection: close\r\n" KEY VERSION)},
        {400, HEAD(UPGRADE CONNECTION KEY VERSION)},
        {400, HEAD(HOST HOST UPGRADE CONNECTION KEY VERSION)},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION " folded\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION "X : space before colon\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION "no colon\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION ": no name\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION "X: control\001\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION "X: bare\rCR\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION "X: bare\nY: LF\r\n")},
        {400, "POST /chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {400, "get /chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {400, "GET /chat HTTP/1.0\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {400, "GET /chat\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {400, "GET  HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {400, "GET /a b HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {400, HEAD("Host: [server.example.com\r\n" UPGRADE CONNECTION KEY VERSION)},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION "Content-Length: 5\r\n")},
        {400, HEAD(HOST UPGRADE CONNECTION KEY VERSION "Transfer-Encoding: chunked\r\n")},
        {400, "GET chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {400, "GET /chat HTTP/2.0\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {101, "GET /chat HTTP/1.2\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {101, "GET http://server.example.com/chat HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION "\r\n"},
        {101, "\r\n\r\n" HEAD(HOST UPGRADE CONNECTION KEY VERSION)},
        {400, "\r\n"
              " \r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint8_t *key;
        cr_expect_eq(check(cases[i].head, &key), cases[i].status, "case %zu:\n%s", i, cases[i].head);
        if (cases[i].status == 101)
            cr_expect(memcmp(key, "dGhlIHNhbXBsZSBub25jZQ==", 24) == 0);
    }
}

#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

Test(http_head, responses) {
    static const struct {
        int status;
        const char *head;
    } cases[] = {
        {101, SWITCHING UPGRADE CONNECTION ACCEPT "\r\n"},
        {101, "HTTP/1.1 101 \r\n" CONNECTION UPGRADE ACCEPT "\r\n"},
        {101, "HTTP/1.1 101\r\n" CONNECTION UPGRADE ACCEPT "\r\n"},
        {0, "HTTP/1.1 1011 Switching Protocols\r\n" CONNECTION UPGRADE ACCEPT "\r\n"},
        {0, "HTTP/1.1 101 control\001\r\n" CONNECTION UPGRADE ACCEPT "\r\n"},
        {0, SWITCHING UPGRADE CONNECTION "\r\n"},
        {0, SWITCHING UPGRADE CONNECTION "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
        {0, SWITCHING UPGRADE CONNECTION ACCEPT ACCEPT "\r\n"},
        {0, SWITCHING UPGRADE ACCEPT "\r\n"},
        {0, SWITCHING CONNECTION ACCEPT "\r\n"},
        {0, SWITCHING UPGRADE CONNECTION ACCEPT "Sec-WebSocket-Extensions: x\r\n\r\n"},
        {0, SWITCHING UPGRADE CONNECTION ACCEPT "Sec-WebSocket-Protocol: x\r\n\r\n"},
        {503, "HTTP/1.1 503 Service Unavailable\r\n\r\n"},
        {0, "HTTP/1.1 5030 \r\n\r\n"},
        {200, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
        {0, "HTTP/1.0 101 Switching Protocols\r\n\r\n"},
        {0, "SSH-2.0-OpenSSH\r\n\r\n"},
        {0, "HTTP/1.1 1x1 \r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guarded g = guarded_copy(cases[i].head, strlen(cases[i].head));
        int status = http_head_check_response(g.bytes, strlen(cases[i].head), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", false);
        cr_expect_eq(status, cases[i].status, "case %zu gives %d:\n%s", i, status, cases[i].head);
        guarded_free(&g);
    }
}

/* Empty lines before the request are a part of its head, and not its end. */
Test(http_head, end_is_found_at_every_split) {
    static const char *const befores[] = {"", "\r\n", "\r\n\r\n\r\n"};
    for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
        char head[256];
        size_t end = (size_t)snprintf(head, sizeof head, "%s%s", befores[i], HEAD(HOST));
        size_t size = (size_t)snprintf(head + end, sizeof head - end, "behind it") + end;
        cr_assert_eq(http_head_skip((uint8_t *)head, size), strlen(befores[i]));
        for (size_t seen = 0; seen < end; seen++)
            for (size_t count = seen; count <= size; count++)
                cr_assert_eq(http_head_end((uint8_t *)head, count, seen), count >= end ? end : 0);
    }
}

#define READ(line, fields) line "\r\n" fields "\r\n"

/* What a request's head says, and the section of RFC 9110 or 9112 that says so. */
Test(http_head, pages) {
    enum { KEEP = 1, UPGRADES = 2, BODY = 4, OLD = 8, ASTERISK = 16 };
    static const struct {
        int status, flags;
        const char *head, *method, *path, *query, *host, *origin;
    } cases[] = {
        {200, KEEP, READ("GET / HTTP/1.1", "Host: a:80\r\n"), "GET", "/", NULL, "a:80", NULL},
        {200, 0, READ("GET /x?y=z HTTP/1.1", "Host: a\r\nConnection: Close\r\n"), "GET", "/x", "y=z", "a", NULL},
        {200, KEEP | UPGRADES, HEAD(HOST UPGRADE CONNECTION "Origin: http://b\r\n"), "GET", "/chat", NULL,
            "server.example.com", "http://b"},
        /* 9112 2.3, 9.3: HTTP/1.0, and other minor versions; 9110 7.8 */
        {200, OLD, READ("GET / HTTP/1.0", ""), "GET", "/", NULL, NULL, NULL},
        {200, OLD, READ("GET / HTTP/1.0", "Host: a\r\n" UPGRADE CONNECTION), "GET", "/", NULL, "a", NULL},
        {200, OLD | KEEP, READ("GET / HTTP/1.0", "Connection: Keep-Alive\r\n"), "GET", "/", NULL, NULL, NULL},
        {200, KEEP, READ("GET / HTTP/1.2", "Host: a\r\n"), "GET", "/", NULL, "a", NULL},
        {505, 0, READ("GET / HTTP/2.0", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {505, 0, READ("PRI * HTTP/2.0", ""), "PRI", NULL, NULL, NULL, NULL},
        {505, 0, READ("GET / HTTP/0.9", ""), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ("GET / http/1.1", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ("GET / HTTP/1.10", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ("GET / HTTP/1,1", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        /* 9112 2.2, 3 */
        {200, KEEP, "\r\n\r\n" READ("GET / HTTP/1.1", "Host: a\r\n"), "GET", "/", NULL, "a", NULL},
        {400, 0, READ("GET /", "Host: a\r\n"), NULL, NULL, NULL, NULL, NULL},
        {400, 0, READ("GET / HTTP", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ(" / HTTP/1.1", "Host: a\r\n"), "", NULL, NULL, NULL, NULL},
        {400, 0, READ("G(T / HTTP/1.1", "Host: a\r\n"), "G(T", NULL, NULL, NULL, NULL},
        {400, OLD, READ("GET / HTTP/1.0", " Host: a\r\n"), "GET", "/", NULL, NULL, NULL},
        /* 9112 3.2: the forms of a target */
        {200, KEEP, READ("GET http://b:81/x?y HTTP/1.1", "Host: a\r\n"), "GET", "/x", "y", "b:81", NULL},
        {200, KEEP, READ("GET HTTPS://b HTTP/1.1", "Host: a\r\n"), "GET", "/", NULL, "b", NULL},
        {200, KEEP, READ("GET http://b?y HTTP/1.1", "Host: a\r\n"), "GET", "/", "y", "b", NULL},
        {200, KEEP | ASTERISK, READ("OPTIONS * HTTP/1.1", "Host: a\r\n"), "OPTIONS", NULL, NULL, "a", NULL},
        {200, KEEP, READ("CONNECT b:443 HTTP/1.1", "Host: a\r\n"), "CONNECT", NULL, NULL, "b:443", NULL},
        {400, 0, READ("GET * HTTP/1.1", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ("GET b HTTP/1.1", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ("GET /#b HTTP/1.1", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ("GET ftp://b/ HTTP/1.1", "Host: a\r\n"), "GET", NULL, NULL, NULL, NULL},
        {400, 0, READ("GET http:///x HTTP/1.1", "Host: a\r\n"), "GET", "/x", NULL, "", NULL},
        {400, 0, READ("GET http://user@b/ HTTP/1.1", "Host: a\r\n"), "GET", "/", NULL, "user@b", NULL},
        {400, 0, READ("GET http://b/ HTTP/1.1", ""), "GET", "/", NULL, "b", NULL},
        /* 9112 3.2: Host */
        {400, 0, READ("GET / HTTP/1.1", ""), "GET", "/", NULL, NULL, NULL},
        {400, 0, READ("GET / HTTP/1.1", "Host: a\r\nHost: a\r\n"), "GET", "/", NULL, NULL, NULL},
        {400, OLD, READ("GET / HTTP/1.0", "Host: a\r\nHost: a\r\n"), "GET", "/", NULL, NULL, NULL},
        {400, 0, READ("GET / HTTP/1.1", "Host: a, b\r\n"), "GET", "/", NULL, NULL, NULL},
        {200, KEEP, READ("GET / HTTP/1.1", "Host:\r\n"), "GET", "/", NULL, "", NULL},
        {400, 0, READ("GET / HTTP/1.1", "Host: a\r\nOrigin: b\r\nOrigin: b\r\n"), "GET", "/", NULL, NULL, NULL},
        /* 9112 6.1 to 6.3: bodies */
        {200, KEEP | BODY, READ("POST / HTTP/1.1", "Host: a\r\nContent-Length: 1\r\n"), "POST", "/", NULL, "a", NULL},
        {200, KEEP, READ("POST / HTTP/1.1", "Host: a\r\nContent-Length: 0\r\n"), "POST", "/", NULL, "a", NULL},
        {200, KEEP | BODY, READ("GET / HTTP/1.1", "Host: a\r\nTransfer-Encoding: Chunked\r\n"), "GET", "/", NULL, "a",
            NULL},
        {400, KEEP, READ("GET / HTTP/1.1", "Host: a\r\nContent-Length: -1\r\n"), "GET", "/", NULL, "a", NULL},
        {400, KEEP, READ("GET / HTTP/1.1", "Host: a\r\nContent-Length: 1, 1\r\n"), "GET", "/", NULL, "a", NULL},
        {400, KEEP, READ("GET / HTTP/1.1", "Host: a\r\nContent-Length:\r\n"), "GET", "/", NULL, "a", NULL},
        {400, 0, READ("GET / HTTP/1.1", "Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n"), "GET", "/", NULL,
            NULL, NULL},
        {400, KEEP | BODY, READ("GET / HTTP/1.1", "Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
            "GET", "/", NULL, "a", NULL},
        {400, KEEP | BODY, READ("GET / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked, gzip\r\n"), "GET", "/", NULL,
            "a", NULL},
        {400, KEEP | BODY, READ("GET / HTTP/1.1", "Host: a\r\nTransfer-Encoding: xchunked\r\n"), "GET", "/", NULL, "a",
            NULL},
        {501, KEEP | BODY, READ("GET / HTTP/1.1", "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n"), "GET", "/", NULL,
            "a", NULL},
        {400, OLD | BODY, READ("GET / HTTP/1.0", "Transfer-Encoding: chunked\r\n"), "GET", "/", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guarded g = guarded_copy(cases[i].head, strlen(cases[i].head));
        struct http_request r;
        const struct http_text *found[] = {&r.method, &r.path, &r.query, &r.host, &r.origin};
        const char *const expected[] = {cases[i].method, cases[i].path, cases[i].query, cases[i].host, cases[i].origin};
        int status = http_head_read_request(g.bytes, strlen(cases[i].head), &r);
        int flags = (r.keep_alive ? KEEP : 0) | (r.upgrade ? UPGRADES : 0) | (r.has_body ? BODY : 0) |
                    (r.http_1_0 ? OLD : 0) | (r.asterisk ? ASTERISK : 0);
        cr_expect_eq(status, cases[i].status, "case %zu gives %d:\n%s", i, status, cases[i].head);
        cr_expect(status == 505 || status == 400 || flags == cases[i].flags, "case %zu: flags %d", i, flags);
        for (int k = 0; k < 5 && (status == 200 || k < 2); k++) {
            cr_expect_eq(found[k]->at == NULL, expected[k] == NULL, "case %zu, part %d", i, k);
            if (found[k]->at && expected[k])
                cr_expect(
                    found[k]->length == strlen(expected[k]) && memcmp(found[k]->at, expected[k], found[k]->length) == 0,
                    "case %zu, part %d", i, k);
        }
        guarded_free(&g);
    }
}
