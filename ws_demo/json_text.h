/* json_text.h - JSON objects as what is sent. Each of these takes the object; NULL stands for one there was no memory
 * for. */
#ifndef IO_MODELS_JSON_TEXT_H
#define IO_MODELS_JSON_TEXT_H

#include "framework.h"
#include <jansson.h>

/* Reads an object that a client has sent. LIMIT: JSON_MAX bytes. `*starved` says of NULL that there was no memory, not
 * that the text is wrong. The caller gives it back with json_decref. */
enum { JSON_MAX = 32 * 1024 };
json_t *json_read(const uint8_t *text, size_t length, bool *starved);

/* Adds `item`, and gives it back, to an array, and returns that. NULL for either of them: gives the other back, too,
 * and returns NULL, so that no list goes out that lacks something. */
json_t *json_add(json_t *array, json_t *item);

/* The same for an object and a text that may be missing (NULL). json_pack's "s*" would leave out, too, what there is no
 * memory for. */
json_t *json_put(json_t *object, const char *key, const char *text);

/* Its text, to be given back with free(); NULL when there is no memory. */
char *json_text(json_t *object);

/* Sends it as a text message. Without memory for it, the channel is closed (1011): what follows would make no sense. */
void channel_send_json(struct channel *c, json_t *object);

/* A whole frame, encoded once for many channels (channel_send_bytes). */
struct frame {
    size_t size;
    uint8_t bytes[];
};

/* It as a text message's frame, to be given back with free(); NULL when there is no memory. */
struct frame *json_frame(json_t *object);

/* To be called before the first of these: they can then do without memory. */
void json_text_open(void);

/* An HTTP head as a JSON string; what is not ASCII in it becomes '?'. */
json_t *json_head(const char *head, size_t length);

#endif
