/* payload_text.h - --payload text: messages that compress about as well as text of an application does.
 *
 * The first word (8 bytes) of a message is that of payload.h: no other message has it. Each word behind it is one of
 * WORDS, chosen by a hash of what payload.h would have there. So these, too, are a pure function of (client, sequence,
 * offset), and ASCII. */
#ifndef LOADGEN_PAYLOAD_TEXT_H
#define LOADGEN_PAYLOAD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As payload_write and payload_matches. */
void payload_text_write(uint8_t *out, size_t count, uint64_t key, uint64_t mask, size_t offset);
bool payload_text_matches(const uint8_t *bytes, size_t count, uint64_t key, size_t offset);

#endif
