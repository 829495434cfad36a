#include "handover.h"
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

struct queue {
    pthread_mutex_t lock; /* guards the others */
    pthread_cond_t filled;
    size_t first, count; /* a ring: from `first` on, `count` things */
    void *things[HANDOVER_MAX];
};

struct queue words = {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
struct queue answers = {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};

void queue_put(struct queue *q, void *thing) {
    pthread_mutex_lock(&q->lock);
    assert(q->count < HANDOVER_MAX);
    q->things[(q->first + q->count++) % HANDOVER_MAX] = thing;
    pthread_cond_signal(&q->filled);
    pthread_mutex_unlock(&q->lock);
}

static void *queue_first(struct queue *q) {
    if (q->count == 0)
        return NULL;
    void *thing = q->things[q->first];
    q->first = (q->first + 1) % HANDOVER_MAX;
    q->count--;
    return thing;
}

void *queue_take(struct queue *q) {
    void *thing;
    pthread_mutex_lock(&q->lock);
    while ((thing = queue_first(q)) == NULL)
        pthread_cond_wait(&q->filled, &q->lock); /* WAIT: for a thing */
    pthread_mutex_unlock(&q->lock);
    return thing;
}

void *queue_take_now(struct queue *q) {
    pthread_mutex_lock(&q->lock);
    void *thing = queue_first(q);
    pthread_mutex_unlock(&q->lock);
    return thing;
}
