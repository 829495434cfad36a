/* hint: threads */
static void *worker_thread(void *word) {
    struct conn *c = word;
    slow_handler(c->bytes, c->count);
    queue_put(&answers, c);
    eventfd_write(woken, 1);
    return NULL;
}

static void pool_open(void) {
}

static void conn_hand_over(struct conn *c) {
    pthread_t worker;
    selector_interest(c, 0);
    if (pthread_create(&worker, NULL, worker_thread, c) == 0)
        pthread_detach(worker);
}

/* The eventfd is ready: at least one answer is there. */
static void server_woken(void) {
    eventfd_t count;
    struct conn *c;
    eventfd_read(woken, &count);
    while ((c = queue_take_now(&answers)) != NULL)
        conn_answer(c);
}
