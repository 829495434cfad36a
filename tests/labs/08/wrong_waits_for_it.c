/* hint: one_at_a_time */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t handled = PTHREAD_COND_INITIALIZER;
static bool is_handled;

static void *worker_thread(void *unused) {
    (void)unused;
    for (;;) {
        struct conn *c = queue_take(&words);
        slow_handler(c->bytes, c->count);
        pthread_mutex_lock(&lock);
        is_handled = true;
        pthread_cond_signal(&handled);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

/* Called once, before the first client: starts the pool. LIMIT: WORKERS threads. */
static void pool_open(void) {
    pthread_t worker;
    for (int i = 0; i < WORKERS; i++) {
        int why = pthread_create(&worker, NULL, worker_thread, NULL);
        if (why != 0)
            error(EXIT_SETUP, why, "cannot start worker %d of %d; raise ulimit -u", i + 1, WORKERS);
    }
}

static void conn_hand_over(struct conn *c) {
    queue_put(&words, c);
    pthread_mutex_lock(&lock);
    while (!is_handled)
        pthread_cond_wait(&handled, &lock);
    is_handled = false;
    pthread_mutex_unlock(&lock);
    conn_answer(c);
}

static void server_woken(void) {
}
