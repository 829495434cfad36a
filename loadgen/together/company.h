/* company.h - the load generators that make a run together, as one of them sees them. */
#ifndef LOADGEN_COMPANY_H
#define LOADGEN_COMPANY_H

#include "together/roll.h"

enum { COMMANDS_MAX = 16 }; /* LIMIT: commands that have come, and were not taken */

struct company {
    struct roll roll;
    bool open;              /* this rank is in the job */
    bool stopped;           /* the run is to end early */
    bool over;              /* there is nothing more to do for this rank */
    uint64_t go_at;         /* when all went on, or go on, from the last meeting: by this rank's clock */
    uint64_t alive_due;     /* when the next sign of life is to be sent */
    uint64_t closely_until; /* until then, answers are to be quick */
    uint64_t options;       /* as a number */
    uint32_t awaited;       /* a meeting, or a rank: what company_wait's question is about */
    uint64_t *parcels;      /* OWNS: bytes of each rank's result; 0: it has not announced it. Rank 0's only */
    struct together_command commands[COMMANDS_MAX]; /* that have come from rank 0: */
    uint32_t commands_come, commands_taken;         /* so many, and so many of these were taken */
    bool awaits_command;
    /* Rank 0, while it compares the clocks (lead.c): */
    uint32_t asks;      /* the rank that it asks; 0: none */
    unsigned answers;   /* that this one has given */
    uint64_t asked_at;  /* when the question left that is not answered; 0: there is none */
    uint64_t clocks_at; /* when all were compared last; 0: never */
    bool wants_clocks;  /* they are to be compared outside of a meeting */
};

static inline bool company_leads(const struct company *c) {
    return c->roll.rank == 0;
}

#endif
