/* ws_demo.h - what an application on ws_demo's framework includes: read ws_demo/framework.h.
 *
 * TAILQ_REMOVE is that of <sys/queue.h>, and makes two mistakes show, which otherwise mostly go unseen: it ends the
 * program, with one line on standard error, if the element is in no list; and of what it has taken out the links cannot
 * be followed any more. */
#ifndef IO_MODELS_LAB_WS_DEMO_H
#define IO_MODELS_LAB_WS_DEMO_H

#include "../../ws_demo/codec.h"     /* codec_websocket */
#include "../../ws_demo/framework.h" /* struct channel, struct handlers, channel_send, channel_close */
#include "listener.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

static inline void ws_demo_must_be_listed(const void *link, const char *function, int line) {
    if (link)
        return;
    dprintf(STDERR_FILENO, "mistake: removed_twice where=%s:%d\n", function, line);
    _exit(EXIT_FAILURE);
}

#undef TAILQ_REMOVE
#define TAILQ_REMOVE(head, element, field)                                                                             \
    do {                                                                                                               \
        ws_demo_must_be_listed((element)->field.tqe_prev, __func__, __LINE__);                                         \
        if ((element)->field.tqe_next)                                                                                 \
            (element)->field.tqe_next->field.tqe_prev = (element)->field.tqe_prev;                                     \
        else                                                                                                           \
            (head)->tqh_last = (element)->field.tqe_prev;                                                              \
        *(element)->field.tqe_prev = (element)->field.tqe_next;                                                        \
        (element)->field.tqe_next = (void *)(UINTPTR_MAX - 0xFFFF);                                                    \
        (element)->field.tqe_prev = NULL;                                                                              \
    } while (0)

#endif
