/* chaos_kind.h - the kinds of bad clients, by name. Their code is in chaos/. */
#ifndef LOADGEN_CHAOS_KIND_H
#define LOADGEN_CHAOS_KIND_H

#include <stdio.h>

enum chaos_kind {
    CHAOS_FRAGMENT,
    CHAOS_STICKY,
    CHAOS_HALF_THEN_STALL,
    CHAOS_RESET,
    CHAOS_VANISH,
    CHAOS_SLOW_READER,
    CHAOS_GARBAGE,
    CHAOS_RECONNECT_STORM,
    CHAOS_SLOWLORIS,
    CHAOS_OVERSIZE,
    CHAOS_FLASH, /* there are no bad clients: the good ones lose their connections (client/flash.c) */
    CHAOS_KINDS,
    CHAOS_NONE = CHAOS_KINDS,
};

/* The kind with this name, or CHAOS_NONE; and the name of a kind. */
enum chaos_kind chaos_kind(const char *name);
const char *chaos_name(enum chaos_kind kind);

/* Explains all kinds, one line each. */
void chaos_explain(FILE *out);

#endif
