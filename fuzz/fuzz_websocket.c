/* websocket.c in one role (-DROLE): every split of the same bytes gives the same events, within the limits. */
#include "feed.h"
#include "memory.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct log run(const struct limits *limits, const struct bytes *conversation, uint32_t split, uint16_t *error) {
    struct feed f;
    struct log log = {0};
    feed_open(&f, ROLE, limits, ROLE == WEBSOCKET_CLIENT ? good_accept : NULL, note_event, &log);
    feed_all(&f, conversation, split);
    feed_close(&f);
    *error = f.end.type == WEBSOCKET_ERROR ? f.end.code : 0;
    return log;
}

/* Memory runs out at one place: the events before that are the same as without, and then comes the error. */
static void run_out_of_memory(const struct limits *limits, const struct bytes *conversation, uint32_t split,
    const struct log *whole, uint8_t nth) {
    uint16_t error;
    memory_fail(nth & 0x7F, nth & 0x80);
    struct log log = run(limits, conversation, split, &error);
    if (memory_has_failed())
        assert((error == WEBSOCKET_CLOSE_INTERNAL || error == 503) && log_is_cut_short(&log, whole));
    else
        assert(log_equal(&log, whole));
    memory_fail(0, false);
    log_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in = {data, size};
    struct limits limits = choose_limits(&in);
    uint32_t seed = SPLIT_SEEDED + choose(&in);
    uint8_t nth = choose(&in);
    uint16_t error;
    struct bytes conversation = choose_conversation(&in, ROLE, &limits);
    struct log whole = run(&limits, &conversation, SPLIT_NOWHERE, &error);
    struct log single = run(&limits, &conversation, SPLIT_EVERYWHERE, &error);
    struct log seeded = run(&limits, &conversation, seed, &error);
    assert(log_equal(&whole, &single));
    assert(log_equal(&whole, &seeded));
    if (nth & 0x7F)
        run_out_of_memory(&limits, &conversation, seed, &whole, nth);
    log_free(&whole);
    log_free(&single);
    log_free(&seeded);
    bytes_free(&conversation);
    return 0;
}
