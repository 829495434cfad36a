#include "address.h"
#include "networks.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(struct address address) {
    static char text[ADDRESS_SIZE];
    return address_text(&address, text);
}

Test(address, read_and_written) {
    static const struct {
        const char *text;
        int port;
        const char *written; /* NULL: no address */
    } cases[] = {
        {"127.0.0.1", 0, "127.0.0.1"},
        {"127.0.0.1", 8080, "127.0.0.1:8080"},
        {"0.0.0.0", 1, "0.0.0.0:1"},
        {"::1", 0, "::1"},
        {"::1", 65535, "[::1]:65535"},
        {"[::1]", 80, "[::1]:80"},
        {"::", 80, "[::]:80"},
        {"2001:DB8:0:0:0:0:0:1", 80, "[2001:db8::1]:80"},
        {"::ffff:192.0.2.1", 80, "192.0.2.1:80"},
        {"[::ffff:192.0.2.1]", 0, "192.0.2.1"},
        {"[127.0.0.1]", 0, NULL},
        {"[::1", 0, NULL},
        {"::1]", 0, NULL},
        {"[]", 0, NULL},
        {"", 0, NULL},
        {"127.1", 0, NULL},
        {"127.0.0.1:80", 0, NULL},
        {"localhost", 0, NULL},
        {"fe80::1%no-such-interface", 0, NULL},
        {"fe80::1%", 0, NULL},
        {"1:2:3:4:5:6:7:8:9", 0, NULL},
        {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", 0, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        bool good = address_read(cases[i].text, &address);
        cr_expect_eq(good, cases[i].written != NULL, "'%s'", cases[i].text);
        if (!good || !cases[i].written)
            continue;
        address.port = (uint16_t)cases[i].port;
        cr_expect_str_eq(text_of(address), cases[i].written);
    }
}

Test(address, a_link_local_address_keeps_its_interface) {
    char name[IF_NAMESIZE], text[ADDRESS_SIZE], expected[ADDRESS_SIZE];
    struct address address;
    cr_assert(if_indextoname(1, name));
    snprintf(text, sizeof text, "fe80::1%%%s", name);
    snprintf(expected, sizeof expected, "[fe80::1%%%s]:80", name);
    cr_assert(address_read(text, &address) && address.scope == 1);
    address.port = 80;
    cr_expect_str_eq(text_of(address), expected);
    address.scope = 999999; /* an interface that has gone */
    cr_expect_str_eq(text_of(address), "[fe80::1%999999]:80");
}

Test(address, there_and_back) {
    static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"};
    static const int families[] = {AF_INET, AF_INET6, AF_INET};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address;
        struct sockaddr_storage place;
        cr_assert(address_read(texts[i], &address));
        address.port = 4711;
        socklen_t size = address_to_socket(&address, &place);
        cr_expect_eq(place.ss_family, families[i]);
        cr_expect_eq(size, families[i] == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        struct address back = address_of_socket((struct sockaddr *)&place);
        cr_expect(memcmp(&back.ip, &address.ip, sizeof back.ip) == 0 && back.port == 4711 && back.kind == ADDRESS_IP);
    }
}

/* What a dual-stack socket says of an IPv4 client is what an IPv4 socket says of it. */
Test(address, mapped_is_the_same) {
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr = {htonl(0x7F000001)}};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(1)};
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &ipv6.sin6_addr);
    struct address a = address_of_socket((struct sockaddr *)&ipv4), b = address_of_socket((struct sockaddr *)&ipv6);
    cr_expect(memcmp(&a.ip, &b.ip, sizeof a.ip) == 0);
    cr_expect(address_is_loopback(&a) && address_is_loopback(&b));
}

Test(address, loopback) {
    static const struct {
        const char *text;
        bool is;
    } cases[] = {{"127.0.0.1", true}, {"::1", true}, {"::ffff:127.0.0.1", true}, {"127.0.0.2", false}, {"::", false},
        {"::2", false}, {"0.0.0.1", false}, {"::127.0.0.1", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        cr_assert(address_read(cases[i].text, &address));
        cr_expect_eq(address_is_loopback(&address), cases[i].is, "%s", cases[i].text);
    }
    cr_expect_not(address_is_loopback(&(struct address){.kind = ADDRESS_UNKNOWN}));
    cr_expect_not(address_is_loopback(&(struct address){.kind = ADDRESS_UNIX}));
}

Test(networks, what_is_one) {
    static const struct {
        const char *text;
        bool is;
    } cases[] = {{"127.0.0.1", true}, {"127.0.0.1/32", true}, {"10.0.0.0/8", true}, {"0.0.0.0/0", true}, {"::/0", true},
        {"2001:db8::/32", true}, {"[::1]", true}, {"10.0.0.1/8", false}, {"2001:db8::1/32", false},
        {"10.0.0.0/33", false}, {"::/129", false}, {"10.0.0.0/", false}, {"10.0.0.0/08", false}, {"10.0.0.0/+8", false},
        {"10.0.0.0/8/8", false}, {"10.0.0.0/-1", false}, {"", false}, {"/8", false}, {"localhost", false},
        {"fe80::1%lo", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct networks networks = {.count = 0};
        cr_expect_eq(networks_add(&networks, cases[i].text), cases[i].is, "'%s'", cases[i].text);
        cr_expect_eq(networks.count, cases[i].is);
    }
}

Test(networks, who_is_in_one) {
    static const struct {
        const char *network, *address;
        bool is;
    } cases[] = {{"10.0.0.0/8", "10.255.0.1", true}, {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/9", "10.127.0.1", true}, {"10.0.0.0/9", "10.128.0.1", false},
        {"10.0.0.0/8", "::ffff:10.0.0.1", true}, {"10.0.0.0/8", "::10.0.0.1", false}, {"0.0.0.0/0", "192.0.2.1", true},
        {"0.0.0.0/0", "2001:db8::1", false}, {"::1", "::1", true}, {"::1", "::2", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true}, {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::ffff:10.0.0.0/104", "10.1.2.3", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct networks networks = {.count = 0};
        struct address address;
        cr_assert(networks_add(&networks, cases[i].network) && address_read(cases[i].address, &address));
        cr_expect_eq(networks_have(&networks, &address), cases[i].is, "%s in %s", cases[i].address, cases[i].network);
    }
}

Test(networks, no_more_than_there_is_room_for) {
    struct networks networks = {.count = 0};
    for (int i = 0; i < NETWORKS_MAX; i++)
        cr_assert(networks_add(&networks, "127.0.0.1"));
    cr_expect_not(networks_add(&networks, "127.0.0.1"));
    cr_expect_not(networks_have(&(struct networks){.count = 0}, &(struct address){.kind = ADDRESS_IP}));
}
