/* framework.c - see framework.h: one libev loop, and everything between a socket and a handler.
 *
 * Read: framework_run, channel_ready (bytes come: decode), framework_flush (bytes go), channel_tick (time goes).
 */
#include "framework.h"
#include "bad_connection.h"
#include "guests.h"
#include "now.h"
#include "signals.h"
#include <assert.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_PER_TURN = 64, SENDS_PER_TURN = 8, SAY_AGAIN_MS = 10000 };

/* look_s: from one check of a channel's time limits to the next; a time limit begins and ends with a check. A little
 * more than a second: now_ms() is some milliseconds behind, and a limit of a second must be over at the next check, not
 * at the one after it. pause_s: how long accepting pauses when there is no descriptor or memory. */
static const ev_tstamp look_s = 1.01, pause_s = 0.05;

struct preface {
    size_t count;
    uint8_t bytes[];
};

/* ---- the socket, without a filter ---- */

static bool plain_open(struct channel *c) {
    (void)c;
    return true;
}

static ssize_t plain_receive(struct channel *c, void *bytes, size_t count) {
    return recv(c->io.fd, bytes, count, 0); /* COPY: kernel to the loop's buffer */
}

static ssize_t plain_send(struct channel *c, const void *bytes, size_t count) {
    return send(c->io.fd, bytes, count, MSG_NOSIGNAL); /* COPY: replies to kernel */
}

static int plain_finish(struct channel *c) {
    return shutdown(c->io.fd, SHUT_WR);
}

static int plain_interest(struct channel *c, int events) {
    (void)c;
    return events;
}

static void plain_nothing(struct channel *c) {
    (void)c;
}

const struct filter filter_plain = {.open = plain_open,
    .receive = plain_receive,
    .send = plain_send,
    .finish = plain_finish,
    .interest = plain_interest,
    .look = plain_nothing,
    .close = plain_nothing};

/* ---- the channel ---- */

void channel_touch(struct channel *c) {
    if (c->touched || c->closing)
        return;
    c->touched = true;
    TAILQ_INSERT_TAIL(&c->framework->touched, c, touched_link);
}

static void channel_untouch(struct channel *c) {
    if (c->touched)
        TAILQ_REMOVE(&c->framework->touched, c, touched_link);
    c->touched = false;
}

/* LIMIT: bytes pending for one channel; above it the channel is cut off (CLOSE_SLOW_READER). Replies to its own input
 * are not counted against it: no more input is read while they are pending. */
static bool takes_more(struct channel *c) {
    if (!session_is_full(&c->session) || c->decoding)
        return true;
    session_abort(&c->session, CLOSE_SLOW_READER);
    return false;
}

void channel_send(struct channel *c, enum websocket_opcode opcode, const void *bytes, size_t count) {
    if (takes_more(c))
        c->pipeline->codec->encode(c, opcode, bytes, count);
    channel_touch(c);
}

void channel_send_bytes(struct channel *c, const void *bytes, size_t count) {
    if (takes_more(c))
        session_add_bytes(&c->session, bytes, count);
    channel_touch(c);
}

static enum close_reason reason_of(uint16_t code) {
    switch (code) {
    case 0: return CLOSE_PEER;
    case WEBSOCKET_CLOSE_POLICY: return CLOSE_PROTOCOL_ERROR;
    case WEBSOCKET_CLOSE_INTERNAL: return CLOSE_NO_MEMORY;
    default: return CLOSE_HANDSHAKE;
    }
}

void channel_close(struct channel *c, uint16_t code) {
    session_end(&c->session, code, reason_of(code));
    channel_touch(c);
}

void channel_abort(struct channel *c, enum close_reason reason) {
    session_abort(&c->session, reason);
    channel_touch(c);
}

void channel_opened(struct channel *c) {
    c->opened = true;
    if (c->pipeline->handlers->on_open)
        c->pipeline->handlers->on_open(c);
}

/* Changes the events that the loop watches for, only if they differ. */
static void channel_interest(struct channel *c, int events) {
    struct ev_loop *loop = c->framework->loop;
    events = c->filter->interest(c, events);
    if ((c->io.events & (EV_READ | EV_WRITE)) == events && ev_is_active(&c->io))
        return;
    ev_io_stop(loop, &c->io);
    ev_io_set(&c->io, c->io.fd, events);
    if (events != 0)
        ev_io_start(loop, &c->io);
}

static void channel_free(struct channel *c) {
    struct framework *f = c->framework;
    if (c->session.broken) /* the peer is gone: close() sends RST, and the kernel keeps no unread reply */
        setsockopt(c->io.fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    ev_io_stop(f->loop, &c->io);
    ev_timer_stop(f->loop, &c->timer);
    c->filter->close(c);
    close(c->io.fd);
    TAILQ_REMOVE(&f->channels, c, link);
    stats_closed(&f->stats, &c->session);
    if (c->pipeline->codec->close)
        c->pipeline->codec->close(c);
    session_close(&c->session);
    guest_give_back(c->guest, SHARE_CONNECTIONS);
    free(c->rest);
    free(c->preface);
    free(c);
    if (f->draining && TAILQ_EMPTY(&f->channels))
        ev_break(f->loop, EVBREAK_ALL);
}

/* Sends our FIN, and then drops the bytes that still come, until the peer's FIN comes. LIMIT: limits.linger_ms. */
static void channel_linger(struct channel *c) {
    struct framework *f = c->framework;
    if (!c->finished && c->filter->finish(c) < 0) {
        if (errno == EAGAIN)
            channel_interest(c, EV_WRITE);
        else /* ENOTCONN: the peer's reset was quicker */
            channel_free(c);
        return;
    }
    c->finished = true;
    ssize_t count = recv(c->io.fd, f->buffer, sizeof f->buffer, 0); /* COPY: kernel to the loop's buffer, and dropped */
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        channel_free(c);
    else
        channel_interest(c, EV_READ);
}

static bool is_error(enum close_reason reason) {
    return reason != CLOSE_PEER && reason != CLOSE_HANDSHAKE && reason != CLOSE_SHUTDOWN;
}

/* The session is over, and its pending bytes are sent: calls the handlers, sends FIN, and waits for the peer's FIN. */
static void channel_end(struct channel *c) {
    struct framework *f = c->framework;
    const struct handlers *handlers = c->pipeline->handlers;
    enum close_reason reason = (enum close_reason)c->session.reason;
    c->closing = true;
    if (!c->logged)
        bad_connection_log_of(&c->from, &c->session);
    if (handlers->on_error && c->opened && is_error(reason))
        handlers->on_error(c, reason);
    if (handlers->on_close && c->opened)
        handlers->on_close(c, reason);
    if (c->session.broken) {
        channel_free(c);
        return;
    }
    ev_timer_stop(f->loop, &c->timer);
    ev_timer_set(&c->timer, f->options->limits.linger_ms / 1e3, 0);
    ev_timer_start(f->loop, &c->timer);
    channel_linger(c);
}

/* LIMIT: SENDS_PER_TURN sends; then the other channels have their turn. */
static enum session_want channel_write(struct channel *c) {
    struct effort *effort = &c->framework->stats.effort;
    enum session_want want = session_wants(&c->session);
    for (int i = 0; i < SENDS_PER_TURN && want == WANT_WRITE; i++) {
        size_t pending;
        const uint8_t *bytes = session_pending(&c->session, &pending);
        ssize_t count = c->filter->send(c, bytes, pending);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            effort->would_blocks++;
            return WANT_WRITE;
        }
        if (count < 0)
            return session_reset(&c->session);
        c->framework->short_sends += (size_t)count < pending;
        c->framework->bytes_out += (uint64_t)count;
        want = session_sent(&c->session, (size_t)count);
    }
    return want;
}

/* Checks the channel's time limits. */
static void channel_look(struct channel *c) {
    int left_ms; /* unused here: every channel is checked once per look_s */
    c->look_due = false;
    /* Counts look_s from now. A timer with a fixed period would fire too early after a late check. */
    ev_timer_again(c->framework->loop, &c->timer);
    c->filter->look(c);
    if (c->pipeline->codec->look)
        c->pipeline->codec->look(c);
    session_tick(&c->session, now_ms(), &left_ms);
}

/* Does what the session wants, as far as that is possible without sleeping. */
static void channel_flush(struct channel *c) {
    enum session_want want = channel_write(c);
    if (c->look_due && want != WANT_CLOSE) { /* only after a send: bytes just queued are no sign of a slow reader */
        channel_look(c);
        want = channel_write(c);
    }
    channel_untouch(c);
    if (want == WANT_CLOSE)
        channel_end(c);
    else if (want == WANT_WRITE)
        channel_interest(c, EV_WRITE);
    else /* with EV_WRITE channel_ready runs without input: for its rest; or while draining, when recv returns EAGAIN */
        channel_interest(c, c->rest || c->framework->draining ? EV_READ | EV_WRITE : EV_READ);
    if (want == WANT_READ && c->drained_wanted) {
        c->drained_wanted = false;
        c->pipeline->handlers->on_drained(c);
    }
}

/* Before the loop sleeps: sends all that the handlers have queued, and what they queue meanwhile. */
static void framework_flush(struct framework *f) {
    struct channel *c;
    while ((c = TAILQ_FIRST(&f->touched)) != NULL)
        channel_flush(c);
}

/* LIMIT: what compressed bytes may come to in one turn: pending_max, and one message. Other input cannot. */
static bool has_decoded_enough(const struct channel *c) {
    return c->decoded > 0 &&
           c->decoded + session_pending_count(&c->session) > c->framework->options->limits.pending_max;
}

/* Returns how many of the bytes it has decoded. */
static size_t channel_decode(struct channel *c, uint8_t *bytes, size_t count) {
    size_t used = 0;
    c->decoding = true;
    c->decoded = 0;
    while (used < count && !c->session.ending && !has_decoded_enough(c))
        used += c->pipeline->codec->decode(c, bytes + used, count - used);
    c->decoding = false;
    return c->session.ending ? count : used;
}

/* Stores bytes for the channel's next turn. */
static void channel_keep(struct channel *c, const uint8_t *bytes, size_t count) {
    c->rest = malloc(sizeof *c->rest + count); /* OWNS: the channel, until channel_resume has decoded them */
    if (!c->rest) {
        channel_abort(c, CLOSE_NO_MEMORY);
        return;
    }
    c->rest->start = 0;
    c->rest->end = (uint32_t)count;
    memcpy(c->rest->bytes, bytes, count);
}

/* Goes on with the bytes of an earlier turn. */
static void channel_resume(struct channel *c) {
    struct block *rest = c->rest;
    rest->start += (uint32_t)channel_decode(c, rest->bytes + rest->start, rest->end - rest->start);
    if (rest->start < rest->end)
        return;
    free(rest);
    c->rest = NULL;
}

static void channel_read(struct channel *c) {
    struct framework *f = c->framework;
    ssize_t count = c->filter->receive(c, f->buffer, sizeof f->buffer);
    if (count > 0) {
        f->bytes_in += (uint64_t)count;
        size_t used = channel_decode(c, f->buffer, (size_t)count);
        if (used < (size_t)count)
            channel_keep(c, f->buffer + used, (size_t)count - used);
    } else if (count == 0) {
        session_eof(&c->session);
    } else if (errno == EAGAIN && f->draining) {
        session_shutdown(&c->session); /* all that has come is answered */
    } else if (errno != EAGAIN && errno != EINTR) {
        session_reset(&c->session);
    } else {
        f->stats.effort.would_blocks++;
    }
}

/* Reads the preface, and not a byte behind it: looks with MSG_PEEK, and takes what belongs to it. */
static void channel_read_preface(struct channel *c) {
    struct framework *f = c->framework;
    struct preface *p = c->preface;
    size_t length = 0;
    ssize_t seen =
        recv(c->io.fd, p->bytes + p->count, f->preface_max - p->count, MSG_PEEK); /* COPY: kernel to preface */
    if (seen == 0)
        session_eof(&c->session);
    else if (seen < 0 && errno == EAGAIN && f->draining)
        session_shutdown(&c->session);
    else if (seen < 0 && errno != EAGAIN && errno != EINTR)
        session_reset(&c->session);
    if (seen <= 0)
        return;
    enum preface_is is = f->preface(c, p->bytes, p->count + (size_t)seen, &length);
    size_t take = is == PREFACE_COMPLETE ? length - p->count : (size_t)seen;
    if (is == PREFACE_BAD || recv(c->io.fd, p->bytes + p->count, take, 0) != (ssize_t)take) { /* COPY: the same again */
        channel_abort(c, CLOSE_PROTOCOL_ERROR);
        return;
    }
    p->count += take;
    f->bytes_in += take;
    if (is == PREFACE_PARTIAL)
        return;
    free(p);
    c->preface = NULL;
}

/* epoll cannot watch the channel (ENOMEM or ENOSPC): no event would come for it any more. */
static void channel_lost(struct channel *c) {
    if (c->closing) {
        channel_free(c);
        return;
    }
    channel_abort(c, CLOSE_NO_MEMORY);
    channel_flush(c);
}

/* A ready channel's turn. LIMIT: one receive, so that no peer, however fast, keeps the loop from the others. */
static void channel_ready(struct ev_loop *loop, ev_io *io, int events) {
    struct channel *c = (struct channel *)((char *)io - offsetof(struct channel, io));
    (void)loop;
    c->framework->stats.effort.events++;
    if (events & EV_ERROR) { /* epoll_ctl has failed, and libev has stopped the watcher; a new start would spin */
        channel_lost(c);
        return;
    }
    if (c->closing) {
        channel_linger(c);
        return;
    }
    if (session_wants(&c->session) == WANT_READ && c->preface)
        channel_read_preface(c);
    else if (session_wants(&c->session) == WANT_READ && c->rest)
        channel_resume(c);
    else if (session_wants(&c->session) == WANT_READ)
        channel_read(c);
    channel_flush(c); /* its own replies leave now; its messages to other channels leave before the loop sleeps */
}

/* The channel's time limits are to be checked; or, while it is closing, the peer's FIN has not come within
 * limits.linger_ms. */
static void channel_tick(struct ev_loop *loop, ev_timer *timer, int events) {
    struct channel *c = (struct channel *)((char *)timer - offsetof(struct channel, timer));
    (void)loop, (void)events;
    if (c->closing) {
        channel_free(c);
        return;
    }
    c->look_due = true;
    channel_touch(c);
}

/* LIMIT: connections of one address; above it REFUSE_CLIENTS. REFUSE_NONE: the connection is counted in *guest's share,
 * until guest_give_back. */
static enum refuse_reason framework_admit(const struct framework *f, const struct address *from, struct guest **guest) {
    *guest = f->counts_guests ? guest_enter_address(from) : NULL;
    if (f->counts_guests && !*guest)
        return REFUSE_MEMORY;
    bool may = guest_take(*guest, SHARE_CONNECTIONS);
    guest_leave(*guest);
    return may ? REFUSE_NONE : REFUSE_CLIENTS;
}

/* Its share is of this address already: a request behind another one. */
static bool channel_is_counted_as(const struct channel *c, const struct address *from) {
    struct guest *guest = c->guest ? guest_enter_address(from) : NULL;
    guest_leave(guest); /* the channel's own stays valid */
    return guest && guest == c->guest;
}

bool channel_count_as(struct channel *c, const struct address *from) {
    struct guest *guest;
    if (!channel_is_counted_as(c, from)) {
        if (framework_admit(c->framework, from, &guest) != REFUSE_NONE)
            return false;
        guest_give_back(c->guest, SHARE_CONNECTIONS);
        c->guest = guest;
    }
    c->from = *from;
    return true;
}

/* A proxy's channel begins with a preface, if there is any. False: no memory. */
static bool channel_expect_preface(struct channel *c) {
    struct framework *f = c->framework;
    if (!f->preface || !f->is_proxy(&c->peer))
        return true;
    c->preface = calloc(1, sizeof *c->preface + f->preface_max);
    return c->preface != NULL;
}

/* OWNS: the channel owns fd from here on. NULL: no memory; the caller then still owns fd. */
static struct channel *channel_open(struct framework *f, int fd, const struct address *peer, struct guest *guest) {
    static const int on = 1;
    struct channel *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->framework = f;
    c->pipeline = f->pipeline;
    c->filter = f->filter;
    c->guest = guest;
    c->peer = c->from = *peer;
    c->socket_is_here = peer->kind == ADDRESS_UNIX || address_is_loopback(peer);
    ev_io_init(&c->io, channel_ready, fd, EV_READ);
    ev_timer_init(&c->timer, channel_tick, 0, look_s); /* the first check starts its time limits */
    bool has_filter = channel_expect_preface(c) && c->filter->open(c);
    if (!has_filter || !c->pipeline->codec->open(c)) {
        if (has_filter)
            c->filter->close(c);
        free(c->preface);
        free(c);
        return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* if it fails, the same bytes leave later */
    ev_io_start(f->loop, &c->io);
    ev_timer_start(f->loop, &c->timer);
    TAILQ_INSERT_TAIL(&f->channels, c, link);
    stats_accepted(&f->stats);
    return c;
}

/* ---- the loop ---- */

/* libev's tables grow with the clients, and libev aborts the process when there is no memory for them. So some memory
 * is reserved for them, as a descriptor is for accept4. It costs only address space: it is never written to. Without
 * this reserve no client is accepted. */
static void *spare_memory;
enum { SPARE_MEMORY = 4 * 1024 * 1024 };

static void *framework_memory(void *old, long size) {
    if (size == 0) {
        free(old);
        return NULL;
    }
    void *memory = realloc(old, (size_t)size);
    if (!memory && spare_memory) {
        free(spare_memory);
        spare_memory = NULL;
        memory = realloc(old, (size_t)size);
    }
    return memory;
}

/* Watches the listening sockets, or no longer does. */
static void framework_accepts(struct framework *f, bool on) {
    for (size_t i = 0; i < f->listeners_count; i++)
        (on ? ev_io_start : ev_io_stop)(f->loop, &f->listeners[i]);
}

/* The drain begins: no client is accepted any more; every channel that waits for input gets a turn, answers the input
 * that has come, and then closes. */
static void framework_drain(struct framework *f) {
    struct channel *c;
    f->draining = true;
    framework_accepts(f, false);
    if (f->unlisten)
        f->unlisten();
    ev_timer_stop(f->loop, &f->pause);
    for (size_t i = 0; i < f->listeners_count; i++)
        close(f->listeners[i].fd); /* the kernel refuses new clients from now on, unless another process has it, too */
    ev_timer_set(&f->drain, f->options->drain_s, 0);
    ev_timer_start(f->loop, &f->drain);
    TAILQ_FOREACH (c, &f->channels, link)
        channel_touch(c);
    if (TAILQ_EMPTY(&f->channels))
        ev_break(f->loop, EVBREAK_ALL);
}

/* The drain's time is up. */
static void framework_give_up(struct ev_loop *loop, ev_timer *timer, int events) {
    struct framework *f = timer->data;
    struct channel *c, *next;
    (void)events;
    for (c = TAILQ_FIRST(&f->channels); c; c = next) {
        next = TAILQ_NEXT(c, link);
        if (c->closing)
            channel_free(c);
        else
            channel_abort(c, CLOSE_SHUTDOWN);
    }
    framework_flush(f);
    ev_break(loop, EVBREAK_ALL);
}

/* libev does not report which errno it was: ENOMEM or ENOSPC (epoll_ctl(2)). */
static const char cannot_watch[] = "epoll has no memory, or fs.epoll.max_user_watches is reached";

/* Something that all clients depend on has failed. Tries again after pause_s, so that the loop does not spin. LIMIT:
 * one line of log per SAY_AGAIN_MS. */
static void framework_pause(struct framework *f, const char *what, const char *why) {
    if (f->said_ms == 0 || now_ms() - f->said_ms >= SAY_AGAIN_MS) {
        server_trouble_log(what, why);
        f->said_ms = now_ms();
    }
    framework_accepts(f, false);
    ev_timer_stop(f->loop, &f->pause);
    ev_timer_set(&f->pause, pause_s, 0);
    ev_timer_start(f->loop, &f->pause);
}

static void framework_again(struct ev_loop *loop, ev_timer *timer, int events) {
    struct framework *f = timer->data;
    (void)events;
    if (f->draining)
        return;
    framework_accepts(f, true);
    ev_io_start(loop, &f->stop); /* does nothing if it is active */
}

/* Takes a new connection: REFUSE_NONE. Otherwise returns why it must be refused. */
static enum refuse_reason framework_take(struct framework *f, int fd, const struct address *peer) {
    struct guest *guest = NULL;
    enum refuse_reason refused = door_admit(&f->door, f->stats.active);
    if (refused == REFUSE_NONE && !spare_memory && !(spare_memory = malloc(SPARE_MEMORY)))
        refused = REFUSE_MEMORY;
    if (refused == REFUSE_NONE && !(f->is_proxy && f->is_proxy(peer)))
        refused = framework_admit(f, peer, &guest);
    if (refused == REFUSE_NONE && !channel_open(f, fd, peer, guest)) {
        refused = REFUSE_MEMORY;
        guest_give_back(guest, SHARE_CONNECTIONS);
    }
    return refused;
}

/* Accepts the clients that wait. LIMIT: ACCEPTS_PER_TURN; then the channels have their turn, and the loop reports the
 * others again. */
static void framework_accept(struct ev_loop *loop, ev_io *io, int events) {
    struct framework *f = io->data;
    (void)loop;
    if (events & EV_ERROR) { /* libev has stopped the watcher */
        framework_pause(f, "cannot wait for clients, trying again", cannot_watch);
        return;
    }
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage place = {0};
        int fd = accept4(io->fd, (struct sockaddr *)&place, &(socklen_t){sizeof place},
            SOCK_NONBLOCK | SOCK_CLOEXEC); /* never waits: EAGAIN */
        int why = errno;
        enum door_failure failure = fd < 0 ? door_failed(&f->door, why) : DOOR_GONE;
        if (failure == DOOR_PAUSE)
            framework_pause(f, "cannot accept clients, trying again", strerror(why));
        if (failure != DOOR_GONE)
            return;
        struct address peer = address_of_socket((struct sockaddr *)&place);
        enum refuse_reason refused = fd < 0 ? REFUSE_NONE : framework_take(f, fd, &peer);
        if (refused != REFUSE_NONE)
            door_refuse(&f->door, fd, refused, &f->stats);
    }
}

/* A signal that ends the server has come. */
static void framework_stop(struct ev_loop *loop, ev_io *io, int events) {
    if (events & EV_ERROR) { /* libev has stopped the watcher */
        framework_pause(io->data, "cannot wait for signals, trying again", cannot_watch);
        return;
    }
    ev_io_stop(loop, io);
    framework_drain(io->data);
}

static void framework_before_sleep(struct ev_loop *loop, ev_prepare *prepare, int events) {
    struct framework *f = prepare->data;
    (void)loop, (void)events;
    framework_flush(f);
    f->stats.effort.waits++;
}

void framework_listen(struct framework *f, int listener) {
    assert(f->listeners_count < LISTENERS_MAX);
    ev_io *io = &f->listeners[f->listeners_count++];
    if (fcntl(listener, F_SETFL, O_NONBLOCK) < 0)
        error(EXIT_SETUP, errno, "cannot make the listening socket non-blocking");
    ev_io_init(io, framework_accept, listener, EV_READ);
    io->data = f;
    ev_io_start(f->loop, io);
}

void framework_open(struct framework *f, int listener, const struct options *options, const struct pipeline *pipeline) {
    *f = (struct framework){.options = options, .pipeline = pipeline, .filter = &filter_plain};
    ev_set_allocator(framework_memory);
    spare_memory = malloc(SPARE_MEMORY);
    f->loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    if (!f->loop)
        error(EXIT_SETUP, errno, "libev has no event loop to offer; raise ulimit -n");
    door_open(&f->door, options);
    TAILQ_INIT(&f->channels);
    TAILQ_INIT(&f->touched);
    ev_io_init(&f->stop, framework_stop, signals_open(), EV_READ);
    ev_timer_init(&f->pause, framework_again, 0, 0);
    ev_timer_init(&f->drain, framework_give_up, 0, 0);
    ev_prepare_init(&f->before_sleep, framework_before_sleep);
    f->stop.data = f->pause.data = f->drain.data = f->before_sleep.data = f;
    framework_listen(f, listener);
    ev_io_start(f->loop, &f->stop);
    ev_prepare_start(f->loop, &f->before_sleep);
}

void framework_run(struct framework *f) {
    ev_run(f->loop, 0); /* WAIT: for any channel, the listening socket, or a timer */
}

void framework_close(struct framework *f) {
    /* An upgrade from HTTP to WebSocket opens a new session, whose counters begin at 0. So these come from the
     * framework. */
    f->stats.bytes_in = f->bytes_in;
    f->stats.bytes_out = f->bytes_out;
    f->stats.effort.short_sends = f->short_sends;
    ev_loop_destroy(f->loop);
    free(spare_memory);
}
