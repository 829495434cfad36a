/* hint: one_woken */
static bool queue_push(struct conn *c) {
    pthread_mutex_lock(&lock);
    if (queue.count == QUEUE_SIZE) {
        pthread_mutex_unlock(&lock);
        return false;
    }
    size_t last = queue.first + queue.count;
    if (last >= QUEUE_SIZE)
        last -= QUEUE_SIZE;
    queue.ring[last] = c;
    bool is_first = queue.count++ == 0;
    pthread_mutex_unlock(&lock);
    if (is_first)
        pthread_cond_signal(&queue_filled);
    return true;
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
