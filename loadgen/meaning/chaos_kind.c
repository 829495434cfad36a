/* chaos_kind.c - see chaos_kind.h. */
#include "meaning/chaos_kind.h"
#include <string.h>

static const struct {
    const char *name, *explained;
} kinds[CHAOS_KINDS] = {
    [CHAOS_FRAGMENT] = {"fragment", "one byte per segment, up to a thousand a second"},
    [CHAOS_STICKY] = {"sticky", "64 messages in one segment, 200 times a second"},
    [CHAOS_HALF_THEN_STALL] = {"half_then_stall", "half a message, and then nothing"},
    [CHAOS_RESET] = {"reset", "half a message, and a reset (RST)"},
    [CHAOS_VANISH] = {"vanish", "connected, and never heard of again"},
    [CHAOS_SLOW_READER] = {"slow_reader", "sends all it can, and reads nothing"},
    [CHAOS_GARBAGE] = {"garbage", "random bytes"},
    [CHAOS_RECONNECT_STORM] = {"reconnect_storm", "connects and is gone, a hundred times a second"},
    [CHAOS_SLOWLORIS] = {"slowloris", "the handshake, or a message, a byte every half second"},
    [CHAOS_OVERSIZE] = {"oversize", "announces a message of 2^40 bytes (echo: bytes without end)"},
    [CHAOS_FLASH] = {"flash", "no others: these clients are cut off (RST), all at once, in mid-window, and come back"},
};

enum chaos_kind chaos_kind(const char *name) {
    enum chaos_kind kind = 0;

    while (kind < CHAOS_KINDS && strcmp(kinds[kind].name, name) != 0)
        kind++;
    return kind;
}

const char *chaos_name(enum chaos_kind kind) {
    return kinds[kind].name;
}

void chaos_explain(FILE *out) {
    for (int i = 0; i < CHAOS_KINDS; i++)
        fprintf(out, "%-16s %s\n", kinds[i].name, kinds[i].explained);
}
