/* hint: told_too_early */
/* OWNS: the queue owns the connection, then a worker. False when the queue is full. */
static bool queue_push(struct conn *c) {
    pthread_cond_signal(&queue_filled);
    pthread_mutex_lock(&lock);
    bool has_room = queue.count < QUEUE_SIZE; /* LIMIT: connections that wait for a worker */
    if (has_room)
        queue.ring[(queue.first + queue.count++) % QUEUE_SIZE] = c;
    pthread_mutex_unlock(&lock);
    return has_room;
}

/* OWNS: the worker owns the connection from here on. */
static struct conn *queue_pop(void) {
    pthread_mutex_lock(&lock);
    while (queue.count == 0)
        pthread_cond_wait(&queue_filled, &lock); /* WAIT: for a connection */
    struct conn *c = queue.ring[queue.first];
    queue.first = (queue.first + 1) % QUEUE_SIZE;
    queue.count--;
    pthread_mutex_unlock(&lock);
    return c;
}
