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
        {400, "\r\n\r\n"},
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
        int status = http_head_check_response(g.bytes, strlen(cases[i].head), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        cr_expect_eq(status, cases[i].status, "case %zu gives %d:\n%s", i, status, cases[i].head);
        guarded_free(&g);
    }
}

Test(http_head, end_is_found_at_every_split) {
    static const char head[] = HEAD(HOST) "behind it";
    size_t end = strlen(HEAD(HOST));
    for (size_t seen = 0; seen < sizeof head; seen++)
        for (size_t count = seen; count < sizeof head; count++)
            if (seen < end)
                cr_assert_eq(http_head_end((const uint8_t *)head, count, seen), count >= end ? end : 0);
}

#define READ(line, fields) line "\r\n" fields "\r\n"

Test(http_head, pages) {
    static const struct {
        int status;
        bool upgrade, keep_alive, has_body;
        const char *head, *method, *target, *host, *origin;
    } cases[] = {
        {200, false, true, false, READ("GET / HTTP/1.1", "Host: a:80\r\n"), "GET", "/", "a:80", NULL},
        {200, false, false, false, READ("GET /x?y=z HTTP/1.1", "Host: a\r\nConnection: Close\r\n"), "GET", "/x?y=z",
            "a", NULL},
        {200, true, true, false, HEAD(HOST UPGRADE CONNECTION "Origin: http://b\r\n"), "GET", "/chat",
            "server.example.com", "http://b"},
        {200, false, true, true, READ("POST / HTTP/1.1", "Host: a\r\nContent-Length: 1\r\n"), "POST", "/", "a", NULL},
        {200, false, true, false, READ("POST / HTTP/1.1", "Host: a\r\nContent-Length: 0\r\n"), "POST", "/", "a", NULL},
        {200, false, true, true, READ("GET / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n"), "GET", "/", "a",
            NULL},
        {400, false, false, false, READ("GET / HTTP/1.1", ""), "GET", "/", NULL, NULL},
        {400, false, false, false, READ("GET / HTTP/1.1", "Host: a\r\nHost: b\r\n"), "GET", "/", NULL, NULL},
        {400, false, false, false, READ("GET / HTTP/1.1", "Host: a\r\nOrigin: b\r\nOrigin: b\r\n"), "GET", "/", NULL,
            NULL},
        {505, false, false, false, READ("GET / HTTP/1.0", "Host: a\r\n"), "GET", "/", NULL, NULL},
        {505, false, false, false, READ("GET / HTTP/2.0", "Host: a\r\n"), "GET", "/", NULL, NULL},
        {400, false, false, false, READ("GET /", "Host: a\r\n"), NULL, NULL, NULL, NULL},
        {400, false, false, false, READ("GET / HTTP", "Host: a\r\n"), "GET", "/", NULL, NULL},
        {400, false, false, false, READ(" / HTTP/1.1", "Host: a\r\n"), "", "/", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guarded g = guarded_copy(cases[i].head, strlen(cases[i].head));
        struct http_request r;
        const struct http_text *found[] = {&r.method, &r.target, &r.host, &r.origin};
        const char *const expected[] = {cases[i].method, cases[i].target, cases[i].host, cases[i].origin};
        cr_expect_eq(http_head_read_request(g.bytes, strlen(cases[i].head), &r), cases[i].status, "case %zu", i);
        cr_expect(
            r.upgrade == cases[i].upgrade && r.keep_alive == cases[i].keep_alive && r.has_body == cases[i].has_body,
            "case %zu", i);
        for (int k = 0; k < 4; k++) {
            cr_expect_eq(found[k]->at == NULL, expected[k] == NULL, "case %zu, part %d", i, k);
            if (found[k]->at && expected[k])
                cr_expect(
                    found[k]->length == strlen(expected[k]) && memcmp(found[k]->at, expected[k], found[k]->length) == 0,
                    "case %zu, part %d", i, k);
        }
        guarded_free(&g);
    }
}
