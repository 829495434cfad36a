/* codec.h - the codecs that a server of messages needs; HTTP, which a page needs too, is http.h. */
#ifndef IO_MODELS_CODEC_H
#define IO_MODELS_CODEC_H

#include "framework.h"

extern const struct codec codec_bytes;     /* each piece that came is a message */
extern const struct codec codec_websocket; /* frames, and the handshake before them */
extern const struct codec codec_deflate; /* the same; messages are compressed if the client offers it: deflate_step.h */

#endif
