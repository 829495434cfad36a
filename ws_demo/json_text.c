#include "json_text.h"
#include <stdlib.h>
#include <string.h>

char *json_text(json_t *object) {
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(16)) : NULL;
    json_decref(object);
    return text;
}

void channel_send_json(struct channel *c, json_t *object) {
    char *text = json_text(object);
    if (text)
        channel_send(c, WEBSOCKET_TEXT, text, strlen(text));
    else
        channel_close(c, WEBSOCKET_CLOSE_INTERNAL);
    free(text);
}

struct frame *json_frame(json_t *object) {
    char *text = json_text(object);
    size_t length = text ? strlen(text) : 0;
    struct frame *frame = text ? malloc(sizeof *frame + WEBSOCKET_HEADER_MAX + length) : NULL;
    if (frame) {
        size_t header = websocket_frame_header(frame->bytes, WEBSOCKET_TEXT, true, length, NULL);
        memcpy(frame->bytes + header, text, length);
        frame->size = header + length;
    }
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
