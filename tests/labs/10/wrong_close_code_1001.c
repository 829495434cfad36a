/* hint: close_code */
/* Sends it to every member. */
static void room_tell(const char *word, int number, const uint8_t *text, size_t count) {
    struct member *m;
    TAILQ_FOREACH (m, &members, link)
        say(m->channel, word, number, text, count);
}

static void goodbye(struct member *m) {
    say(m->channel, "goodbye", m->number, NULL, 0);
    channel_close(m->channel, 1001);
}

/* A whole message has come. */
static void on_message(struct channel *c, enum websocket_opcode opcode, const uint8_t *bytes, size_t count) {
    struct member *m = c->attachment;
    (void)opcode;
    if (is_word(bytes, count, "bye"))
        goodbye(m);
    else if (is_word(bytes, count, "end"))
        TAILQ_FOREACH (m, &members, link)
            goodbye(m);
    else
        room_tell("message", m->number, bytes, count);
}

/* It ends by an error. on_close follows. */
static void on_error(struct channel *c, enum close_reason reason) {
    struct member *m = c->attachment;
    (void)reason;
    if (m)
        room_tell("error", m->number, NULL, 0);
}

/* It ends; c is freed afterwards. */
static void on_close(struct channel *c, enum close_reason reason) {
    struct member *m = c->attachment;
    (void)reason;
    if (!m)
        return;
    TAILQ_REMOVE(&members, m, link);
    room_tell("close", m->number, NULL, 0);
    free(m);
}
