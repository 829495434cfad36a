#include "json_text.h"
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* When malloc fails, Jansson sometimes goes on where it must not: its reader without a byte of a token, which makes
 * another text or a string without its end; its writer without a key. So while Jansson reads or writes, memory that
 * malloc refuses comes from this reserve, and the result is then thrown away. LIMIT: Jansson's buffer for JSON_MAX
 * bytes grows by doubling, which takes less than 4 * JSON_MAX in all; the rest is for the string made from it, and for
 * small objects. */
static struct {
    alignas(max_align_t) uint8_t bytes[6 * JSON_MAX];
    size_t used;
    bool in_use, starved;
} reserve;

static void *json_allocate(size_t size) {
    void *memory = malloc(size);
    size_t aligned = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (memory || !reserve.in_use)
        return memory;
    reserve.starved = true;
    if (aligned < size || aligned > sizeof reserve.bytes - reserve.used)
        return NULL;
    memory = reserve.bytes + reserve.used;
    reserve.used += aligned;
    return memory;
}

static void json_free(void *memory) {
    uintptr_t at = (uintptr_t)memory, from = (uintptr_t)reserve.bytes;
    if (at < from || at >= from + sizeof reserve.bytes)
        free(memory);
}

void json_text_open(void) {
    json_set_alloc_funcs(json_allocate, json_free);
}

static void reserve_begin(void) {
    reserve.used = 0;
    reserve.starved = false;
    reserve.in_use = true;
}

/* True: the reserve was needed. */
static bool reserve_end(void) {
    reserve.in_use = false;
    return reserve.starved;
}

json_t *json_read(const char *text, size_t length) {
    reserve_begin();
    json_t *read = length <= JSON_MAX ? json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!reserve_end())
        return read;
    json_decref(read);
    return NULL;
}

json_t *channel_read_json(
    struct channel *c, enum websocket_opcode opcode, const uint8_t *text, size_t length, size_t most) {
    if (length > most) {
        channel_close(c, WEBSOCKET_CLOSE_TOO_BIG);
        return NULL;
    }
    reserve_begin();
    bool is_text = opcode == WEBSOCKET_TEXT;
    json_t *object = is_text ? json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool starved = reserve_end();
    if (json_is_object(object) && !starved)
        return object;
    channel_close(c, starved ? WEBSOCKET_CLOSE_INTERNAL : WEBSOCKET_CLOSE_POLICY);
    json_decref(object);
    return NULL;
}

json_t *json_add(json_t *array, json_t *item) {
    if (array && json_array_append_new(array, item) == 0) /* it takes over the item, also when it fails */
        return array;
    if (!array)
        json_decref(item);
    json_decref(array);
    return NULL;
}

char *json_text(json_t *object) {
    reserve_begin();
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(16)) : NULL;
    bool starved = reserve_end();
    json_decref(object);
    if (!starved)
        return text;
    json_free(text);
    return NULL;
}

json_t *json_put(json_t *object, const char *key, const char *text) {
    if (!object || !text || json_object_set_new(object, key, json_string(text)) == 0)
        return object;
    json_decref(object);
    return NULL;
}

void channel_send_json(struct channel *c, json_t *object) {
    char *text = json_text(object);
    if (text)
        channel_send(c, WEBSOCKET_TEXT, text, strlen(text));
    else
        channel_close(c, WEBSOCKET_CLOSE_INTERNAL);
    free(text);
}

struct frame *text_frame(const char *text, size_t length) {
    struct frame *frame = malloc(sizeof *frame + WEBSOCKET_HEADER_MAX + length);
    if (frame) {
        size_t header = websocket_frame_header(frame->bytes, WEBSOCKET_TEXT, true, length, NULL);
        memcpy(frame->bytes + header, text, length);
        frame->size = header + length;
        frame->header = header;
    }
    return frame;
}

void channel_send_frame(struct channel *c, const struct frame *frame) {
    if (c->step)
        channel_send(c, WEBSOCKET_TEXT, frame->bytes + frame->header, frame->size - frame->header);
    else
        channel_send_bytes(c, frame->bytes, frame->size);
}

struct frame *json_frame(json_t *object) {
    char *text = json_text(object);
    struct frame *frame = text ? text_frame(text, strlen(text)) : NULL;
    free(text);
    return frame;
}

json_t *json_head(const char *head, size_t length) {
    char *ascii = malloc(length + 1);
    if (!ascii)
        return NULL;
    for (size_t i = 0; i < length; i++)
        ascii[i] = (unsigned char)head[i] < 0x80 ? head[i] : '?';
    json_t *string = json_stringn(ascii, length);
    free(ascii);
    return string;
}
