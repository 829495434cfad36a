#include <semaphore.h>

static sem_t filled;

static bool queue_push(struct conn *c) {
    pthread_mutex_lock(&lock);
    bool room = queue.count < QUEUE_SIZE;
    if (room)
        queue.ring[(queue.first + queue.count++) % QUEUE_SIZE] = c;
    pthread_mutex_unlock(&lock);
    if (room)
        sem_post(&filled);
    return room;
}

/* OWNS: the worker owns the connection from here on. */
static struct conn *queue_pop(void) {
    sem_wait(&filled);
    pthread_mutex_lock(&lock);
    struct conn *c = queue.ring[queue.first];
    queue.first = (queue.first + 1) % QUEUE_SIZE;
    queue.count--;
    pthread_mutex_unlock(&lock);
    return c;
}
