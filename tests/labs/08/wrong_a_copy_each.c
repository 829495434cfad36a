/* hint: order */
struct word {
    struct conn *conn;
    size_t count;
    char bytes[BUFFER_SIZE];
};

static void *worker_thread(void *unused) {
    (void)unused;
    for (;;) {
        struct word *word = queue_take(&words);
        slow_handler(word->bytes, word->count);
        queue_put(&answers, word);
        eventfd_write(woken, 1);
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
    struct word *word = malloc(sizeof *word);
    if (!word)
        return;
    word->conn = c;
    word->count = c->count;
    for (size_t i = 0; i < c->count; i++)
        word->bytes[i] = c->bytes[i];
    queue_put(&words, word);
}

static void server_woken(void) {
    eventfd_t count;
    struct word *word;
    eventfd_read(woken, &count);
    while ((word = queue_take_now(&answers)) != NULL) {
        struct conn *c = word->conn;
        c->count = word->count;
        c->sent = 0;
        for (size_t i = 0; i < c->count; i++)
            c->bytes[i] = word->bytes[i];
        free(word);
        conn_answer(c);
    }
}
