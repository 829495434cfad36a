#include "guarded.h"
#include "utf8.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* Every code point, encoded by the rules of RFC 3629 section 3, must pass; at every border only the end is complete. */
static size_t encode(uint32_t code, uint8_t out[4]) {
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t count = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = count - 1; i > 0; i--, code >>= 6)
        out[i] = (uint8_t)(0x80 | (code & 0x3F));
    out[0] = (uint8_t)(lead[count] | code);
    return count;
}

Test(utf8, every_code_point_but_surrogates) {
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        uint8_t bytes[4];
        size_t count = encode(code, bytes);
        struct utf8 u = {0};
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        bool valid = utf8_check(&u, bytes, count) && utf8_is_complete(&u);
        cr_assert(valid == !surrogate, "U+%04X", code);
        for (size_t cut = 1; cut < count && !surrogate; cut++) {
            u = (struct utf8){0};
            cr_assert(utf8_check(&u, bytes, cut) && !utf8_is_complete(&u), "U+%04X cut at %zu", code, cut);
            cr_assert(utf8_check(&u, bytes + cut, count - cut) && utf8_is_complete(&u), "U+%04X cut at %zu", code, cut);
        }
    }
}

/* The byte at which each must fail, at the latest and at the earliest: fail fast. */
Test(utf8, invalid_sequences_fail_at_their_first_impossible_byte) {
    static const struct {
        const char *bytes;
        size_t length, bad; /* bytes before `bad` are a valid beginning */
    } cases[] = {
        {"\x80", 1, 0},
        {"\xBF", 1, 0},
        {"\xC0\xAF", 2, 0},
        {"\xC1\xBF", 2, 0},
        {"\xE0\x9F\xBF", 3, 1},
        {"\xED\xA0\x80", 3, 1},
        {"\xF0\x8F\xBF\xBF", 4, 1},
        {"\xF4\x90\x80\x80", 4, 1},
        {"\xF5\x80\x80\x80", 4, 0},
        {"\xFE", 1, 0},
        {"\xFF", 1, 0},
        {"\xC3\x28", 2, 1},
        {"\xE2\x82\x28", 3, 2},
        {"\xF0\x9F\x98\x28", 4, 3},
        {"abcdefgh\xFF", 9, 8},
        {"abcdefghijklmnop\xC3(", 18, 17},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint8_t *bytes = (const uint8_t *)cases[i].bytes;
        struct utf8 u = {0};
        cr_assert(utf8_check(&u, bytes, cases[i].bad), "case %zu fails too early", i);
        cr_assert_not(utf8_check(&u, bytes + cases[i].bad, 1), "case %zu passes its bad byte", i);
        u = (struct utf8){0};
        cr_assert_not(utf8_check(&u, bytes, cases[i].length), "case %zu passes whole", i);
    }
}

Test(utf8, reads_nothing_behind_its_input) {
    static const char text[] = "plain ASCII, then \xC2\xB5 and \xF0\x9F\x98\x80 and more ASCII behind it";
    for (size_t count = 0; count < sizeof text; count++) {
        struct guarded g = guarded_copy(text, count);
        struct utf8 u = {0};
        cr_assert(utf8_check(&u, g.bytes, count));
        guarded_free(&g);
    }
}
