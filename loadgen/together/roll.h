/* roll.h - who makes the run together: which ranks were heard of when, and how far each has come. Knows neither MPI nor
 * the time: both are handed in. */
#ifndef LOADGEN_ROLL_H
#define LOADGEN_ROLL_H

#include "meaning/part.h"
#include "together/together.h"

enum {
    ROLL_ALIVE_MS = 200,        /* milliseconds from one sign of life to the next */
    ROLL_SILENT_MS = 5000,      /* LIMIT: a rank that was not heard of for so long is gone, or stopped: the run ends, */
    ROLL_SETTING_UP_MS = 30000, /* LIMIT: or so long while it sets up: finding a host's address may take a while */
    ROLL_ASKED_MS = 500,        /* LIMIT: after a signal it is asked, and must answer in this time */
    ROLL_DEPUTY_MS = 200,       /* rank 1 watches rank 0, and has so much more patience; */
    ROLL_DEPUTIES_MS = 2000,    /* and each rank after it so much more, in case that those before it are gone, too */
};

/* No rank. */
#define ROLL_NOBODY UINT32_MAX

struct member {
    char host[PART_HOST_MAX]; /* "": it has not said yet */
    uint64_t kernel;          /* that it runs on, as a number */
    uint64_t heard;           /* when the last note of it came */
    enum meeting meeting;     /* the last meeting that it has come to */
    int64_t ahead_ns;         /* its clock less ours, */
    uint64_t trip_ns;         /* as the fastest answer said, which was back after so long; NEVER: none came yet */
    struct headway headway;
};

struct roll {
    uint32_t rank, count;   /* this rank, of so many */
    enum meeting met;       /* the last meeting that all have come to */
    uint64_t asked;         /* when a signal made all ask whether the others live; 0: none came */
    struct member *members; /* OWNS: of all ranks, this one included */
};

/* False: out of memory. All count as heard of `now`. */
bool roll_open(struct roll *r, uint32_t rank, uint32_t count, uint64_t now);
void roll_close(struct roll *r);

/* Have all ranks come to that meeting, or further? */
bool roll_all_at(const struct roll *r, enum meeting meeting);

/* The first rank that this one watches and has not heard of for too long; or ROLL_NOBODY. Rank 0 watches all others,
 * they watch rank 0. */
uint32_t roll_missing(const struct roll *r, uint64_t now);

/* What the ranks do since the last meeting, as the end of a sentence: "while it connected". */
const char *roll_phase(const struct roll *r);

/* The answer to a ping: it left at `sent`, found the member's clock at `theirs`, and the answer was here at `back`. */
void roll_take_clock(struct member *m, uint64_t sent, uint64_t theirs, uint64_t back);

/* A point in time by the member's clock. */
uint64_t roll_time_at(const struct member *m, uint64_t ours);

/* The sum over all ranks. */
struct headway roll_headway(const struct roll *r);

#endif
