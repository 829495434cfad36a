/* echo.h - the smallest application: what the other servers do, through the framework (ws_demo --echo). */
#ifndef IO_MODELS_ECHO_H
#define IO_MODELS_ECHO_H

#include "framework.h"

extern const struct handlers echo_handlers;

#endif
