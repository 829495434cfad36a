#include "cluster_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum { DIGITS_MAX = 15 }; /* LIMIT: as in redis/rooms.lua */

int64_t entry_number(const redisReply *entry) {
    const char *id = reply_text(entry, 0);
    if (!id || strncmp(id, "0-", 2) != 0)
        return -1;
    size_t digits = strspn(id + 2, "0123456789");
    return digits > 0 && digits <= DIGITS_MAX && id[2 + digits] == '\0' ? strtoll(id + 2, NULL, 10) : -1;
}

/* The value of a field: UTF-8 of 1 to `most` bytes without a NUL; NULL: it is not. */
static const char *field(const redisReply *fields, const char *name, size_t most) {
    for (size_t i = 0; fields && i + 1 < fields->elements; i += 2) {
        const redisReply *key = fields->element[i], *value = fields->element[i + 1];
        if (key->type != REDIS_REPLY_STRING || value->type != REDIS_REPLY_STRING || strcmp(key->str, name) != 0)
            continue;
        bool is_text = value->len > 0 && value->len <= most && memchr(value->str, '\0', value->len) == NULL &&
                       u8_check((const uint8_t *)value->str, value->len) == NULL;
        return is_text ? value->str : NULL;
    }
    return NULL;
}

enum entry_is entry_read(const redisReply *entry, struct history_message *m, const char **epoch) {
    const redisReply *fields = reply_array(entry, 1);
    char clean[NAME_SIZE], *end;
    m->seq = entry_number(entry);
    if (m->seq < 0)
        return ENTRY_ALIEN;
    m->owner = field(fields, "owner", OWNER_SIZE - 1);
    m->id = field(fields, "id", ID_SIZE - 1);
    m->from = field(fields, "from", NAME_SIZE - 1);
    m->text = field(fields, "text", TEXT_MAX);
    *epoch = field(fields, "epoch", EPOCH_SIZE - 1);
    const char *at = field(fields, "at", 32);
    if (m->seq == 0 || !m->owner || !m->id || !m->from || !m->text || !*epoch || !at)
        return ENTRY_BAD;
    m->at_ms = strtod(at, &end);
    if (*end != '\0' || !isfinite(m->at_ms) || strspn(m->owner, "0123456789abcdef") != OWNER_SIZE - 1)
        return ENTRY_BAD;
    enum name_is name = name_clean(m->from, clean);
    return name == NAME_NO_MEMORY                             ? ENTRY_NO_MEMORY
           : name == NAME_GOOD && strcmp(clean, m->from) == 0 ? ENTRY_GOOD
                                                              : ENTRY_BAD;
}
