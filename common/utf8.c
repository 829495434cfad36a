#include "utf8.h"
#include <string.h>

/* A lead byte says how many bytes follow, and narrows the range of the first of them: that is what rules out
 * overlong forms (C0, C1, E0 80.., F0 80..), surrogates (ED A0..) and code points above U+10FFFF (F4 90.., F5..).
 * RFC 3629 section 4. */
static bool utf8_lead(struct utf8 *u, uint8_t byte) {
    if (byte >= 0xC2 && byte <= 0xDF)
        *u = (struct utf8){1, 0x80, 0xBF};
    else if (byte == 0xE0)
        *u = (struct utf8){2, 0xA0, 0xBF};
    else if (byte == 0xED)
        *u = (struct utf8){2, 0x80, 0x9F};
    else if (byte >= 0xE1 && byte <= 0xEF)
        *u = (struct utf8){2, 0x80, 0xBF};
    else if (byte == 0xF0)
        *u = (struct utf8){3, 0x90, 0xBF};
    else if (byte >= 0xF1 && byte <= 0xF3)
        *u = (struct utf8){3, 0x80, 0xBF};
    else if (byte == 0xF4)
        *u = (struct utf8){3, 0x80, 0x8F};
    else
        return byte < 0x80;
    return true;
}

/* Returns how many bytes from the first on are ASCII. Most text is ASCII, so it checks many bytes at a step. */
static size_t ascii_count(const uint8_t *bytes, size_t count) {
    uint64_t eight, more[4];
    size_t i = 0;
    for (; count - i >= sizeof more; i += sizeof more) {
        memcpy(more, bytes + i, sizeof more);
        if ((more[0] | more[1] | more[2] | more[3]) & 0x8080808080808080)
            break;
    }
    for (; count - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, bytes + i, sizeof eight);
        if (eight & 0x8080808080808080)
            break;
    }
    while (i < count && bytes[i] < 0x80)
        i++;
    return i;
}

bool utf8_check(struct utf8 *u, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (u->left == 0)
            i += ascii_count(bytes + i, count - i);
        if (i == count)
            break;
        if (u->left == 0) {
            if (!utf8_lead(u, bytes[i]))
                return false;
        } else {
            if (bytes[i] < u->low || bytes[i] > u->high)
                return false;
            *u = (struct utf8){u->left - 1, 0x80, 0xBF};
        }
    }
    return true;
}

bool utf8_is_complete(const struct utf8 *u) {
    return u->left == 0;
}
