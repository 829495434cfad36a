/* json_text.h - JSON objects as what is sent. Each of these takes the object; NULL stands for one there was no memory
 * for. */
#ifndef IO_MODELS_JSON_TEXT_H
#define IO_MODELS_JSON_TEXT_H

#include "framework.h"
#include <jansson.h>

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

/* An HTTP head as a JSON string; what is not ASCII in it becomes '?'. */
json_t *json_head(const char *head, size_t length);

#endif
