/* hint: nobody_handles */
static void *worker_thread(void *unused) {
    (void)unused;
    for (;;) {
        struct conn *c = queue_take(&words); /* WAIT: for a word */
        slow_handler(c->bytes, c->count);    /* WAIT: only this worker */
        queue_put(&answers, c);
        eventfd_write(woken, 1);
    }
    return NULL;
}

/* Called once, before the first client: starts the pool. LIMIT: WORKERS threads. */
static void pool_open(void) {
    pthread_t worker;
    for (int i = 0; i < WORKERS; i++) {
        int why = 0;
        (void)worker;
        (void)worker_thread;
        if (why != 0)
            error(EXIT_SETUP, why, "cannot start worker %d of %d; raise ulimit -u", i + 1, WORKERS);
    }
}

/* A word has come: c->bytes, c->count. OWNS: a worker, until the answer is taken back. */
static void conn_hand_over(struct conn *c) {
    selector_interest(c, 0);
    queue_put(&words, c);
}

/* The eventfd is ready: at least one answer is there. */
static void server_woken(void) {
    eventfd_t count;
    struct conn *c;
    eventfd_read(woken, &count);
    while ((c = queue_take_now(&answers)) != NULL)
        conn_answer(c);
}
