/* payload.h - the bytes of the messages: a pure function of (client, sequence, offset).
 *
 * Word w (8 bytes) of message s of a client is base + s * PAYLOAD_MESSAGE_STEP + w * PAYLOAD_STEP (modulo 2^64), where
 * the base is a hash of the client. The top bit of each byte is cleared: the result is ASCII, so a WebSocket message
 * can be a text message, and its receiver must check that it is UTF-8. No message is stored, neither to send its rest
 * later nor to verify its reply: the bytes are computed when they are needed, a word at a time, from any offset. A
 * reply that is stale, another client's, shifted or corrupted differs.
 *
 * All functions are inline: for a message of 64 bytes a call would cost as much as the work.
 */
#ifndef LOADGEN_PAYLOAD_H
#define LOADGEN_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Odd numbers: before the top bits are cleared, all words of a message differ, and the first words of all messages of a
 * client differ. */
#define PAYLOAD_STEP UINT64_C(0x9e3779b97f4a7c15)
#define PAYLOAD_MESSAGE_STEP UINT64_C(0xd1342543de82ef95)

/* Scrambles 64 bits (the finaliser of splitmix64): distinct inputs give distinct, unrelated outputs. */
static inline uint64_t payload_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The base of a client: different for each, so that its messages differ from those of all other clients. */
static inline uint64_t payload_base(uint32_t client) {
    return payload_mix(client + UINT64_C(0x9e3779b97f4a7c15));
}

/* The key of one message: its first word. One multiplication, as it is needed twice per message. */
static inline uint64_t payload_key(uint64_t base, uint64_t sequence) {
    return base + sequence * PAYLOAD_MESSAGE_STEP;
}

#define PAYLOAD_ASCII UINT64_C(0x7f7f7f7f7f7f7f7f)

enum { PAYLOAD_WORD = sizeof(uint64_t), PAYLOAD_BLOCK = 4 * PAYLOAD_WORD };

/* How many of `count` bytes belong to the word that `offset` points into. */
static inline size_t payload_rest_of_word(size_t offset, size_t count) {
    size_t rest = PAYLOAD_WORD - offset % PAYLOAD_WORD;

    return rest < count ? rest : count;
}

static inline void payload_put_word(uint8_t *out, uint64_t plain, uint64_t mask) {
    uint64_t word = (plain & PAYLOAD_ASCII) ^ mask;

    memcpy(out, &word, PAYLOAD_WORD);
}

/* Not 0 if the bytes differ from those of the word. */
static inline uint64_t payload_word_difference(const uint8_t *bytes, uint64_t plain) {
    uint64_t word;

    memcpy(&word, bytes, PAYLOAD_WORD);
    return word ^ (plain & PAYLOAD_ASCII);
}

/* Fewer bytes than a word, from a word's byte `from` on. Copies of fixed sizes: the compiler turns each into one move.
 * A memcpy of `count` bytes would be a call, which is expensive for small messages. */
static inline void payload_put_part(uint8_t *out, uint64_t plain, uint64_t mask, size_t from, size_t count) {
    uint64_t word = (plain & PAYLOAD_ASCII) ^ mask;
    const uint8_t *bytes = (const uint8_t *)&word + from;

    if (count & 4)
        memcpy(out, bytes, 4), out += 4, bytes += 4;
    if (count & 2)
        memcpy(out, bytes, 2), out += 2, bytes += 2;
    if (count & 1)
        *out = *bytes;
}

/* Not 0 if the `count` bytes, fewer than a word, differ from those of the word from its byte `from` on. */
static inline uint64_t payload_part_difference(const uint8_t *bytes, uint64_t plain, size_t from, size_t count) {
    uint64_t word = plain & PAYLOAD_ASCII, came = word;
    uint8_t *place = (uint8_t *)&came + from;

    if (count & 4)
        memcpy(place, bytes, 4), place += 4, bytes += 4;
    if (count & 2)
        memcpy(place, bytes, 2), place += 2, bytes += 2;
    if (count & 1)
        *place = *bytes;
    return came ^ word;
}

/* Writes `count` payload bytes from `offset` on, each word XORed with `mask`: 0, or a WebSocket masking key twice over
 * (its period of 4 bytes divides the word). Masking here costs one instruction per word instead of a second pass. */
static inline void payload_write(uint8_t *out, size_t count, uint64_t key, uint64_t mask, size_t offset) {
    uint64_t plain = key + offset / PAYLOAD_WORD * PAYLOAD_STEP;

    if (offset % PAYLOAD_WORD != 0) {
        size_t part = payload_rest_of_word(offset, count);
        payload_put_part(out, plain, mask, offset % PAYLOAD_WORD, part);
        out += part, count -= part, plain += PAYLOAD_STEP;
    }
    for (; count >= PAYLOAD_BLOCK; out += PAYLOAD_BLOCK, count -= PAYLOAD_BLOCK, plain += 4 * PAYLOAD_STEP) {
        payload_put_word(out, plain, mask);
        payload_put_word(out + PAYLOAD_WORD, plain + PAYLOAD_STEP, mask);
        payload_put_word(out + 2 * PAYLOAD_WORD, plain + 2 * PAYLOAD_STEP, mask);
        payload_put_word(out + 3 * PAYLOAD_WORD, plain + 3 * PAYLOAD_STEP, mask);
    }
    for (; count >= PAYLOAD_WORD; out += PAYLOAD_WORD, count -= PAYLOAD_WORD, plain += PAYLOAD_STEP)
        payload_put_word(out, plain, mask);
    payload_put_part(out, plain, mask, 0, count);
}

/* True if all `count` bytes equal those of the message from `offset` on. */
static inline bool payload_matches(const uint8_t *bytes, size_t count, uint64_t key, size_t offset) {
    uint64_t expected = key + offset / PAYLOAD_WORD * PAYLOAD_STEP, difference = 0;

    if (offset % PAYLOAD_WORD != 0) {
        size_t part = payload_rest_of_word(offset, count);
        difference = payload_part_difference(bytes, expected, offset % PAYLOAD_WORD, part);
        bytes += part, count -= part, expected += PAYLOAD_STEP;
    }
    /* Differences are collected, without a branch per word: replies are nearly always right. */
    for (; count >= PAYLOAD_BLOCK; bytes += PAYLOAD_BLOCK, count -= PAYLOAD_BLOCK, expected += 4 * PAYLOAD_STEP) {
        difference |= payload_word_difference(bytes, expected);
        difference |= payload_word_difference(bytes + PAYLOAD_WORD, expected + PAYLOAD_STEP);
        difference |= payload_word_difference(bytes + 2 * PAYLOAD_WORD, expected + 2 * PAYLOAD_STEP);
        difference |= payload_word_difference(bytes + 3 * PAYLOAD_WORD, expected + 3 * PAYLOAD_STEP);
    }
    for (; count >= PAYLOAD_WORD; bytes += PAYLOAD_WORD, count -= PAYLOAD_WORD, expected += PAYLOAD_STEP)
        difference |= payload_word_difference(bytes, expected);
    return (difference | payload_part_difference(bytes, expected, 0, count)) == 0;
}

#endif
