/* payload_text.c - see payload_text.h. */
#include "meaning/payload_text.h"
#include "meaning/payload.h"

enum { WORDS = 32, WORD_BITS = 5 };

static const char words[WORDS][PAYLOAD_WORD + 1] = {"accept, ", "backlog ", "blocked ", "buffer, ", "callback",
    "channel ", "client, ", "closed, ", "deadline", "dispatch", "epoll in", "event, a", "eventual", "fragment",
    "future, ", "handler ", "interest", "kernel, ", "latency ", "message ", "network ", "pending ", "pipeline",
    "process ", "promise ", "readable", "response", "selector", "socket, ", "submit, ", "threads ", "writable"};

/* The word that `offset` points into. */
static uint64_t word_at(uint64_t key, size_t offset) {
    uint64_t plain = key + offset / PAYLOAD_WORD * PAYLOAD_STEP, word;

    if (offset < PAYLOAD_WORD)
        return plain;
    memcpy(&word, words[payload_mix(plain) >> (64 - WORD_BITS)], sizeof word);
    return word;
}

void payload_text_write(uint8_t *out, size_t count, uint64_t key, uint64_t mask, size_t offset) {
    while (count > 0) {
        size_t part = payload_rest_of_word(offset, count);
        uint64_t word = word_at(key, offset);
        if (part == PAYLOAD_WORD)
            payload_put_word(out, word, mask);
        else
            payload_put_part(out, word, mask, offset % PAYLOAD_WORD, part);
        out += part, count -= part, offset += part;
    }
}

bool payload_text_matches(const uint8_t *bytes, size_t count, uint64_t key, size_t offset) {
    uint64_t difference = 0;

    while (count > 0) {
        size_t part = payload_rest_of_word(offset, count);
        uint64_t word = word_at(key, offset);
        difference |= part == PAYLOAD_WORD ? payload_word_difference(bytes, word)
                                           : payload_part_difference(bytes, word, offset % PAYLOAD_WORD, part);
        bytes += part, count -= part, offset += part;
    }
    return difference == 0;
}
