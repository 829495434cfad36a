/* ws_demo.h - what an application on ws_demo's framework includes: read ws_demo/framework.h. */
#ifndef IO_MODELS_LAB_WS_DEMO_H
#define IO_MODELS_LAB_WS_DEMO_H

#include "../../ws_demo/codec.h"     /* codec_websocket */
#include "../../ws_demo/framework.h" /* struct channel, struct handlers, channel_send, channel_close */
#include "listener.h"

#endif
