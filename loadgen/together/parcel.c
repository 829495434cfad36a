/* parcel.c - see parcel.h. A parcel is a head, then the histograms, then the clients' counts:
 *
 *     struct head | service: struct sums, pairs (bucket, count) | response, if there is one | per_client
 *
 * Of a histogram only the buckets that are not empty are sent: a few kilobytes in place of 240. */
#include "together/parcel.h"
#include <stdlib.h>
#include <string.h>

struct head {
    uint64_t size; /* of the whole parcel */
    struct tally tally;
    struct chaos_tally chaos;
    uint64_t answered, at_least, at_least_ns, windows, late_ns;
    double window_s, client_cpu_s;
    uint32_t per_client_count, threads;
    bool interrupted, told_to_stop, is_epoll, has_response;
};

struct sums {
    uint64_t count, sum, min, max, pairs;
};

/* Where the next bytes are written, or read. */
struct cursor {
    unsigned char *at;
    size_t left;
};

static void put(struct cursor *c, const void *bytes, size_t count) {
    memcpy(c->at, bytes, count);
    c->at += count;
    c->left -= count;
}

/* False: there are not so many bytes left. */
static bool take(struct cursor *c, void *bytes, size_t count) {
    if (count > c->left)
        return false;
    memcpy(bytes, c->at, count);
    c->at += count;
    c->left -= count;
    return true;
}

/* ---------------------------------------------------------------- packing */

static uint64_t pairs_of(const struct histogram *h) {
    uint64_t pairs = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        pairs += h->buckets[i] != 0;
    return pairs;
}

static size_t size_of(const struct histogram *h) {
    return h == NULL ? 0 : sizeof(struct sums) + pairs_of(h) * sizeof(uint64_t[2]);
}

static void put_histogram(struct cursor *c, const struct histogram *h) {
    const struct sums sums = {h->count, h->sum, h->min, h->max, pairs_of(h)};

    put(c, &sums, sizeof sums);
    for (uint64_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        if (h->buckets[i] != 0)
            put(c, (const uint64_t[2]){i, h->buckets[i]}, sizeof(uint64_t[2]));
}

void *parcel_pack(const struct result *r, size_t *size) {
    struct head head;
    struct cursor c;
    void *parcel;

    *size = sizeof head + size_of(r->service) + size_of(r->response) + r->per_client_count * sizeof *r->per_client;
    parcel = malloc(*size);
    if (parcel == NULL)
        return NULL;
    memset(&head, 0, sizeof head); /* the gaps, too: they are sent */
    head.size = *size;
    head.tally = r->tally;
    head.chaos = r->chaos;
    head.answered = r->answered;
    head.at_least = r->at_least;
    head.at_least_ns = r->at_least_ns;
    head.windows = r->windows;
    head.late_ns = r->late_ns;
    head.window_s = r->window_s;
    head.client_cpu_s = r->client_cpu_s;
    head.per_client_count = r->per_client_count;
    head.threads = r->threads;
    head.interrupted = r->interrupted;
    head.told_to_stop = r->told_to_stop;
    head.is_epoll = r->io != NULL && strcmp(r->io, "epoll") == 0;
    head.has_response = r->response != NULL;
    c = (struct cursor){parcel, *size};
    put(&c, &head, sizeof head);
    put_histogram(&c, r->service);
    if (r->response != NULL)
        put_histogram(&c, r->response);
    if (r->per_client_count > 0)
        put(&c, r->per_client, r->per_client_count * sizeof *r->per_client);
    return parcel;
}

/* ---------------------------------------------------------------- unpacking */

/* NULL: out of memory, or wrong bytes. */
static struct histogram *take_histogram(struct cursor *c) {
    struct histogram *h = malloc(sizeof *h);
    struct sums sums;
    uint64_t pair[2];
    bool right = h != NULL && take(c, &sums, sizeof sums);

    if (right) {
        histogram_reset(h);
        h->count = sums.count;
        h->sum = sums.sum;
        h->min = sums.min;
        h->max = sums.max;
    }
    for (uint64_t i = 0; right && i < sums.pairs; i++) {
        right = take(c, pair, sizeof pair) && pair[0] < HISTOGRAM_BUCKETS;
        if (right)
            h->buckets[pair[0]] = pair[1];
    }
    if (right)
        return h;
    free(h);
    return NULL;
}

static bool take_clients(struct cursor *c, struct result *r) {
    size_t bytes = r->per_client_count * sizeof *r->per_client;

    r->per_client = bytes <= c->left ? malloc(bytes + 1) : NULL; /* + 1: a rank that only leads has none */
    return r->per_client != NULL && take(c, r->per_client, bytes);
}

static void take_head(struct result *r, const struct head *head) {
    r->tally = head->tally;
    r->chaos = head->chaos;
    r->answered = head->answered;
    r->at_least = head->at_least;
    r->at_least_ns = head->at_least_ns;
    r->windows = head->windows;
    r->late_ns = head->late_ns;
    r->window_s = head->window_s;
    r->client_cpu_s = head->client_cpu_s;
    r->per_client_count = head->per_client_count;
    r->threads = head->threads;
    r->interrupted = head->interrupted;
    r->told_to_stop = head->told_to_stop;
    r->io = head->is_epoll ? "epoll" : "io_uring";
}

bool parcel_unpack(struct result *r, const struct options *options, const void *parcel, size_t size) {
    struct cursor c = {(unsigned char *)parcel, size};
    struct head head;
    bool right;

    result_open(r, options);
    if (!take(&c, &head, sizeof head) || head.size != size)
        return false;
    take_head(r, &head);
    right = (r->service = take_histogram(&c)) != NULL;
    right = right && (!head.has_response || (r->response = take_histogram(&c)) != NULL);
    right = right && take_clients(&c, r) && c.left == 0;
    if (!right)
        result_close(r);
    return right;
}
