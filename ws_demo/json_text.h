/* json_text.h - sends JSON objects. OWNS: each of these functions takes over the object. NULL means that there was no
 * memory for it. */
#ifndef IO_MODELS_JSON_TEXT_H
#define IO_MODELS_JSON_TEXT_H

#include "framework.h"
#include <jansson.h>

/* Reads an object that a client has sent. LIMIT: `most` bytes, at most JSON_MAX. NULL: it is too long, no object, or
 * there is no memory; the channel is then closed, with the code for that. OWNS: the caller, who frees it with
 * json_decref. */
enum { JSON_MAX = 32 * 1024 };
json_t *channel_read_json(
    struct channel *c, enum websocket_opcode opcode, const uint8_t *text, size_t length, size_t most);

/* Reads JSON that does not come from a client. NULL: it is none, or there is no memory. LIMIT: JSON_MAX bytes. OWNS:
 * the caller, who frees it with json_decref. */
json_t *json_read(const char *text, size_t length);

/* Moves `item` into an array, and returns the array. If either is NULL, frees the other and returns NULL, so that no
 * incomplete list is sent. */
json_t *json_add(json_t *array, json_t *item);

/* The same for an object and a text; a text that is NULL is left out. json_pack's "s*" would also leave out a text for
 * which there is no memory. */
json_t *json_put(json_t *object, const char *key, const char *text);

/* The object's text. OWNS: the caller, who frees it with free(). NULL: no memory. */
char *json_text(json_t *object);

/* Sends the object as a text message. Without memory for it, the channel is closed (1011): later messages would make no
 * sense without this one. */
void channel_send_json(struct channel *c, json_t *object);

/* A whole frame, encoded once for many channels. */
struct frame {
    size_t size, header; /* its header is the first `header` bytes, its text the rest */
    uint8_t bytes[];
};

/* Sends it as it is, or, through a channel's step (deflate_step.h), its text. */
void channel_send_frame(struct channel *c, const struct frame *frame);

/* The object as the frame of a text message. OWNS: the caller, who frees it with free(). NULL: no memory. */
struct frame *json_frame(json_t *object);

/* The same of a text that is JSON already. */
struct frame *text_frame(const char *text, size_t length);

/* Called once, before these functions: gives Jansson a reserve for the case that malloc fails. */
void json_text_open(void);

/* An HTTP head as a JSON string; what is not ASCII in it becomes '?'. */
json_t *json_head(const char *head, size_t length);

#endif
