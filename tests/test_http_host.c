#include "guarded.h"
#include "http_host.h"
#include <criterion/criterion.h>
#include <string.h>

static struct http_text text_of(const struct guarded *g, const char *word) {
    return (struct http_text){(const char *)g->bytes, strlen(word)};
}

/* RFC 3986 sections 3.2.2 and 3.2.3 */
Test(http_host, hosts) {
    enum { NONE = -1, NAME = HTTP_HOST_NAME, IPV4 = HTTP_HOST_IPV4, IPV6 = HTTP_HOST_IPV6 };
    static const struct {
        const char *text;
        int kind;
        const char *name;
        int port;
    } cases[] = {
        {"localhost", NAME, "localhost", -1},
        {"Class.Example:8080", NAME, "Class.Example", 8080},
        {"a_b-c~d", NAME, "a_b-c~d", -1},
        {"%41!$&'()*+,;=", NAME, "%41!$&'()*+,;=", -1},
        {"localhost:", NAME, "localhost", -1},
        {"localhost:0", NAME, "localhost", 0},
        {"localhost:65535", NAME, "localhost", 65535},
        {"", NAME, "", -1},
        {"127.0.0.1", IPV4, "127.0.0.1", -1},
        {"255.255.255.255:1", IPV4, "255.255.255.255", 1},
        {"256.0.0.1", NAME, "256.0.0.1", -1},
        {"127.1", NAME, "127.1", -1},
        {"127.0.0.1.", NAME, "127.0.0.1.", -1},
        {"127.0.0.01", NAME, "127.0.0.01", -1},
        {"...", NAME, "...", -1},
        {"[::1]", IPV6, "::1", -1},
        {"[::]:80", IPV6, "::", 80},
        {"[1:2:3:4:5:6:7:8]", IPV6, "1:2:3:4:5:6:7:8", -1},
        {"[1::8]", IPV6, "1::8", -1},
        {"[1:2:3:4:5:6:7::]", IPV6, "1:2:3:4:5:6:7::", -1},
        {"[::ffff:127.0.0.1]:8080", IPV6, "::ffff:127.0.0.1", 8080},
        {"[FE80::abcd]", IPV6, "FE80::abcd", -1},
        {"[evil.example", NONE, NULL, 0},
        {"[evil.example]", NONE, NULL, 0},
        {"127.0.0.1:evil.example", NONE, NULL, 0},
        {"127.0.0.1:80:80", NONE, NULL, 0},
        {"127.0.0.1:80.evil.example", NONE, NULL, 0},
        {"[::1]evil.example", NONE, NULL, 0},
        {"[::1]:evil.example", NONE, NULL, 0},
        {"[::1", NONE, NULL, 0},
        {"[]", NONE, NULL, 0},
        {"[1]", NONE, NULL, 0},
        {"[:1]", NONE, NULL, 0},
        {"[1:]", NONE, NULL, 0},
        {"[:::]", NONE, NULL, 0},
        {"[1::2::3]", NONE, NULL, 0},
        {"[12345::]", NONE, NULL, 0},
        {"[1:2:3:4:5:6:7]", NONE, NULL, 0},
        {"[1:2:3:4:5:6:7:8:9]", NONE, NULL, 0},
        {"[1:2:3:4:5:6:7:8::]", NONE, NULL, 0},
        {"[1:2:3:4:5:6:7:127.0.0.1]", NONE, NULL, 0},
        {"[127.0.0.1::]", NONE, NULL, 0},
        {"[fe80::1%25eth0]", NONE, NULL, 0},
        {"[v1.x]", NONE, NULL, 0},
        {"::1", NONE, NULL, 0},
        {"localhost:65536", NONE, NULL, 0},
        {"localhost:99999999999", NONE, NULL, 0},
        {"localhost:+1", NONE, NULL, 0},
        {"localhost: 1", NONE, NULL, 0},
        {"local host", NONE, NULL, 0},
        {"user@localhost", NONE, NULL, 0},
        {"localhost/", NONE, NULL, 0},
        {"localhost?", NONE, NULL, 0},
        {"local\"host", NONE, NULL, 0},
        {"local<b>", NONE, NULL, 0},
        {"%4", NONE, NULL, 0},
        {"%zz", NONE, NULL, 0},
        {"m\xc3\xbcller.example", NONE, NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guarded g = guarded_copy(cases[i].text, strlen(cases[i].text));
        struct http_host host;
        bool good = http_host_read(text_of(&g, cases[i].text), &host);
        cr_expect_eq(good ? (int)host.kind : NONE, cases[i].kind, "'%s'", cases[i].text);
        if (good && cases[i].name) {
            cr_expect_eq(host.port, cases[i].port, "'%s'", cases[i].text);
            cr_expect(
                host.name.length == strlen(cases[i].name) && memcmp(host.name.at, cases[i].name, host.name.length) == 0,
                "'%s'", cases[i].text);
        }
        guarded_free(&g);
    }
}

/* RFC 6454 section 6.2 */
Test(http_host, origins) {
    static const struct {
        bool good;
        const char *text;
    } cases[] = {
        {true, "http://localhost"},
        {true, "https://class.example:8443"},
        {true, "HTTP://[::1]:80"},
        {true, "moz-extension://1f0e"},
        {false, "null"},
        {false, ""},
        {false, "http"},
        {false, "http:"},
        {false, "http:/"},
        {false, "http://"},
        {false, "http://:80"},
        {false, "://localhost"},
        {false, "http:localhost"},
        {false, "http://localhost/"},
        {false, "http://localhost/path"},
        {false, "http://localhost?"},
        {false, "http://user@localhost"},
        {false, "http://localhost:80:80"},
        {false, "http://localhost http://localhost"},
        {false, "ht tp://localhost"},
        {false, "1ttp://localhost"},
        {false, "http://[localhost"},
        {false, "http://localhost\x1b[2J"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct guarded g = guarded_copy(cases[i].text, strlen(cases[i].text));
        struct http_origin origin;
        cr_expect_eq(http_origin_read(text_of(&g, cases[i].text), &origin), cases[i].good, "'%s'", cases[i].text);
        guarded_free(&g);
    }
}

Test(http_host, the_same_origin) {
    static const struct {
        bool same;
        const char *a, *b;
    } cases[] = {
        {true, "http://localhost", "http://localhost"},
        {true, "http://LOCALHOST:80", "HTTP://localhost"},
        {true, "https://a:443", "https://a"},
        {true, "http://[::1]:1", "http://[::1]:1"},
        {false, "http://localhost:81", "http://localhost"},
        {false, "https://localhost", "http://localhost"},
        {false, "http://localhost.evil.example", "http://localhost"},
        {false, "http://[::1]", "http://[::]"},
        {false, "https://a:80", "http://a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_origin a, b;
        cr_assert(http_origin_read((struct http_text){cases[i].a, strlen(cases[i].a)}, &a));
        cr_assert(http_origin_read((struct http_text){cases[i].b, strlen(cases[i].b)}, &b));
        cr_expect_eq(http_origin_equals(&a, &b), cases[i].same, "%s, %s", cases[i].a, cases[i].b);
        cr_expect_eq(http_origin_equals(&b, &a), cases[i].same, "%s, %s", cases[i].b, cases[i].a);
    }
}
