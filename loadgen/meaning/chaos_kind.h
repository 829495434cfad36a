/* chaos_kind.h - what clients may do that they should not, by name. chaos/ does it. */
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

/* A kind by its name; CHAOS_NONE: there is none of that name. And back. */
enum chaos_kind chaos_kind(const char *name);
const char *chaos_name(enum chaos_kind kind);

/* Explains all kinds, a line each. */
void chaos_explain(FILE *out);

#endif
