/* gather.c - see gather.h. */
#include "together/gather.h"
#include "meaning/die.h"
#include "meaning/merge.h"
#include "together/company_turn.h"
#include "together/parcel.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_over(const struct company *c) {
    return c->over;
}

static bool is_announced(const struct company *c) {
    return c->parcels[c->awaited] > 0;
}

static bool is_there(const struct company *c) {
    (void)c;
    return post_parcel_is_there();
}

/* Any rank but rank 0. */
static void hand_over(struct company *c, const struct result *r) {
    size_t size;
    void *parcel = parcel_pack(r, &size);

    if (parcel == NULL)
        die("out of memory for the result");
    company_tell(c, &(struct note){.kind = NOTE_PARCEL, .a = size});
    post_send_parcel(parcel, size);
    company_wait(c, is_there);
    free(parcel);
}

/* Rank 0: the result of that rank. */
static void receive(struct company *c, struct result *r, const struct options *o, uint32_t rank) {
    size_t size;
    void *parcel;

    c->awaited = rank;
    company_wait(c, is_announced);
    size = c->parcels[rank];
    c->parcels[rank] = 0;
    parcel = malloc(size);
    if (parcel == NULL)
        die("out of memory for the result of rank %u", (unsigned)rank);
    post_receive_parcel(parcel, size, rank);
    company_wait(c, is_there);
    if (!parcel_unpack(r, o, parcel, size))
        die("the result of rank %u on %s cannot be read, or there is no memory for it", (unsigned)rank,
            c->roll.members[rank].host);
    free(parcel);
}

/* A part of the whole, by rank; a rank that only leads has none. */
static void take_part(const struct company *c, struct result *whole, const struct result *own, uint32_t rank) {
    const struct member *m = &c->roll.members[rank];
    const struct options *o = whole->options;
    struct part *p = &whole->parts[whole->part_count];

    if (o->lead && rank == 0)
        return;
    whole->part_count++;
    part_of(p, own, place_share(&(struct place){rank - o->lead, o->place.count}, o->clients));
    p->rank = rank;
    p->same_kernel = m->kernel == c->roll.members[0].kernel;
    p->trip_ns = rank == 0 ? 0 : m->trip_ns;
    memcpy(p->host, m->host, sizeof p->host);
}

static void receive_all(struct company *c, struct result *r) {
    uint32_t count = c->roll.count;

    r->parts = calloc(count, sizeof *r->parts);
    if (r->parts == NULL)
        die("out of memory for the results of %u ranks", (unsigned)count);
    if (r->options->lead)
        r->client_cpu_s = 0; /* it has looked at the server: no work for a message */
    take_part(c, r, r, 0);
    for (uint32_t i = 1; i < count; i++) {
        struct result other;
        receive(c, &other, r->options, i);
        take_part(c, r, &other, i);
        if (r->options->lead && i == 1)
            r->io = other.io;
        if (!result_merge(r, &other))
            die("out of memory for the results of %u ranks", (unsigned)count);
        result_close(&other);
    }
    parts_compare(r->parts, r->part_count);
}

bool gather(struct company *c, struct result *r) {
    if (company_leads(c)) {
        receive_all(c, r);
    } else {
        hand_over(c, r);
        company_wait(c, is_over);
    }
    return company_leads(c);
}

void gather_await_all(struct company *c) {
    for (c->awaited = 1; company_leads(c) && c->awaited < c->roll.count; c->awaited++)
        company_wait(c, is_announced);
}

bool gather_sum(struct company *c, struct result *r) {
    for (uint32_t i = 1; company_leads(c) && i < c->roll.count; i++) {
        struct result other;
        receive(c, &other, r->options, i);
        if (!result_merge(r, &other))
            die("out of memory for the results of %u ranks", (unsigned)c->roll.count);
        result_close(&other);
    }
    if (!company_leads(c))
        hand_over(c, r);
    return company_leads(c);
}
