/* company_turn.c - see company_turn.h. */
#include "together/company_turn.h"
#include "meaning/clock.h"
#include "meaning/die.h"
#include "together/lead.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LOOK_MS = 10,             /* milliseconds between two looks for notes, while a run goes on, */
    LOOK_FOR_COMMAND_MS = 3,  /* milliseconds while it waits for the next command, */
    LOOK_AT_MEETING_US = 500, /* microseconds while this rank waits for others, */
    LOOK_CLOSELY_US = 30,     /* and while it is asked for its clock: */
    CLOSELY_MS = 20,          /* for so long after each question */
};

void company_tell(const struct company *c, const struct note *note) {
    if (!company_leads(c))
        post_send(0, note);
    for (uint32_t i = 1; company_leads(c) && i < c->roll.count; i++)
        post_send(i, note);
}

uint64_t company_build(void) {
    const uint64_t parts[] = {sizeof(struct result), sizeof(struct tally), sizeof(struct note), HISTOGRAM_BUCKETS};
    uint64_t number = 0;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        number = number * 31 + parts[i];
    for (const char *c = IO_MODELS_VERSION; *c != '\0'; c++)
        number = number * 31 + (unsigned char)*c;
    return number;
}

/* ---------------------------------------------------------------- notes that come */

static void hear_hello(const struct company *c, struct member *m, const struct note *note) {
    memcpy(m->host, note->text, sizeof m->host);
    m->host[sizeof m->host - 1] = '\0';
    m->kernel = note->b;
    if (company_leads(c) && note->a != company_build())
        die("%s has another build of this program; build the same version on all hosts", m->host);
}

static void hear_meeting(const struct company *c, struct member *m, const struct note *note) {
    m->meeting = (enum meeting)note->meeting;
    if (m->meeting == MEET_CONNECT && note->a != c->options)
        die("%s was given other options than rank 0; only --host, --source-ips, --threads and --io may differ",
            m->host);
}

static void hear_stop(struct company *c) {
    if (c->stopped)
        return;
    c->stopped = true;
    c->roll.asked = clock_now();
    c->alive_due = 0; /* the others ask, too */
    if (company_leads(c))
        company_tell(c, &(struct note){.kind = NOTE_STOP});
}

static void hear_ping(struct company *c, uint64_t now) {
    company_tell(c, &(struct note){.kind = NOTE_PONG, .a = now});
    c->closely_until = now + CLOSELY_MS * NS_PER_MS;
}

static void hear_go(struct company *c, const struct note *note) {
    c->roll.met = (enum meeting)note->meeting;
    c->go_at = note->a;
}

static void hear_command(struct company *c, const struct note *note) {
    if (c->commands_come - c->commands_taken == COMMANDS_MAX)
        die("more than %d commands came before they were done", COMMANDS_MAX);
    c->commands[c->commands_come++ % COMMANDS_MAX] = (struct together_command){{note->a, note->b, note->c}, note->at};
}

/* A rank ends, and has said why. Rank 0 tells the others, on its way out. */
static _Noreturn void hear_bye(struct company *c) {
    c->over = !company_leads(c);
    exit(company_leads(c) ? 2 : 0);
}

static void hear(struct company *c, uint32_t from, const struct note *note, uint64_t now) {
    struct member *m = &c->roll.members[from];

    m->heard = now;
    switch ((enum note_kind)note->kind) {
    case NOTE_HELLO: hear_hello(c, m, note); break;
    case NOTE_ALIVE: m->headway = (struct headway){note->a, note->b, note->c}; break;
    case NOTE_MEETING: hear_meeting(c, m, note); break;
    case NOTE_PING: hear_ping(c, now); break;
    case NOTE_PONG: lead_hear_pong(c, from, note->a, now); break;
    case NOTE_GO: hear_go(c, note); break;
    case NOTE_COMMAND: hear_command(c, note); break;
    case NOTE_STOP: hear_stop(c); break;
    case NOTE_PARCEL: c->parcels[from] = note->a; break;
    case NOTE_OVER: c->over = true; break;
    case NOTE_LOST: _exit(2);
    case NOTE_BYE: hear_bye(c);
    }
}

/* ---------------------------------------------------------------- one turn */

static void say_that_it_lives(struct company *c, uint64_t now, const struct headway *own) {
    c->roll.members[c->roll.rank].headway = *own;
    if (now < c->alive_due)
        return;
    c->alive_due = now + ROLL_ALIVE_MS * NS_PER_MS;
    company_tell(c, &(struct note){.kind = NOTE_ALIVE, .a = own->settled, .b = own->messages, .c = own->failures});
}

/* Nothing that is measured without that rank means anything. */
static _Noreturn void lose(struct company *c, uint32_t rank) {
    const struct member *m = &c->roll.members[rank];

    complain("rank %u on %s is gone or hangs: not heard of for %.1f s, %s; the run is lost", (unsigned)rank,
        m->host[0] != '\0' ? m->host : "an unknown host", clock_to_seconds(clock_now() - m->heard),
        roll_phase(&c->roll));
    for (uint32_t i = 0; i < c->roll.count; i++)
        if (i != c->roll.rank)
            post_send(i, &(struct note){.kind = NOTE_LOST}); /* one line is enough; mpirun may wake the one that hung */
    c->open = false;
    post_abort(2);
}

/* When to look for notes again. */
static uint64_t next_look(const struct company *c, uint64_t now) {
    bool at_meeting = c->roll.members[c->roll.rank].meeting > c->roll.met;

    if (c->closely_until > now)
        return now + LOOK_CLOSELY_US * UINT64_C(1000);
    if (c->awaits_command)
        return now + LOOK_FOR_COMMAND_MS * NS_PER_MS;
    return now + (at_meeting ? LOOK_AT_MEETING_US * UINT64_C(1000) : LOOK_MS * NS_PER_MS);
}

uint64_t company_turn(struct company *c, uint64_t now, struct headway *own) {
    struct note note;
    uint32_t rank;

    while (post_take(&note, &rank))
        hear(c, rank, &note, clock_now());
    say_that_it_lives(c, now, own);
    if (company_leads(c)) {
        lead_turn(c, clock_now());
        *own = roll_headway(&c->roll);
    }
    rank = roll_missing(&c->roll, clock_now());
    if (rank != ROLL_NOBODY)
        lose(c, rank);
    return next_look(c, clock_now());
}

/* ---------------------------------------------------------------- outside of a run */

/* Has a signal come while they are blocked? */
static bool signal_is_pending(void) {
    sigset_t set;

    return sigpending(&set) == 0 && (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1);
}

static void sleep_until(uint64_t time) {
    const struct timespec until = {(time_t)(time / NS_PER_S), (long)(time % NS_PER_S)};

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL); /* WAIT: */
}

void company_wait(struct company *c, bool (*done)(const struct company *c)) {
    while (!done(c)) {
        struct headway own = c->roll.members[c->roll.rank].headway;
        uint64_t next = company_turn(c, clock_now(), &own), latest = clock_now() + LOOK_AT_MEETING_US * UINT64_C(1000);
        if (signal_is_pending())
            company_stop(c);
        if (!done(c))
            sleep_until(next < latest ? next : latest);
    }
}

void company_stop(struct company *c) {
    if (c->stopped)
        return;
    hear_stop(c);
    if (!company_leads(c))
        company_tell(c, &(struct note){.kind = NOTE_STOP});
}
