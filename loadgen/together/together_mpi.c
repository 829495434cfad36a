/* together_mpi.c - several load generators over MPI: see together.h. Files, from above to below:
 *
 *     together_mpi.c   the beginning, the meetings, the end
 *     gather.c         the results of all go to rank 0
 *     company_turn.c   what is done with each note that comes
 *     lead.c           rank 0: compares the clocks, and says when all go on
 *     roll.c           who was heard of when
 *     parcel.c         a result as bytes
 *     post_mpi.c       sends and receives: the only one that calls MPI
 */
#include "meaning/clock.h"
#include "meaning/die.h"
#include "together/company_turn.h"
#include "together/gather.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    COMMAND_AHEAD_MS = 6, /* milliseconds from a command until all begin with it: it must have come to all of them */
    BYE_MS = 500,         /* LIMIT: milliseconds until rank 0 must have heard that this rank ends */
    /* LIMIT: seconds to leave the job. Rank 0 does when it has reported, and the others wait for it. After a signal
     * mpirun may end the job by itself, and then nobody can leave it in the orderly way. */
    LEAVES_S = 60,
    LEAVES_AFTER_BYE_S = 5,
    LEAVES_AFTER_SIGNAL_S = 2,
};

static struct company us;

/* At exit(). Before the results are gathered it tells the others, who then end, too: this rank has said why. */
static void leave(void) {
    uint64_t until = clock_now() + BYE_MS * NS_PER_MS;
    bool answered = company_leads(&us) || us.over; /* nobody has to answer */
    struct note note = {.kind = NOTE_BYE};
    uint32_t from;

    if (!us.open)
        return;
    us.open = false;
    if (!us.over)
        company_tell(&us, &note);
    while (!answered && clock_now() < until) {
        answered = post_take(&note, &from) && note.kind == NOTE_BYE;
        nanosleep(&(struct timespec){0, 500 * 1000}, NULL); /* WAIT: */
    }
    post_close(us.stopped ? LEAVES_AFTER_SIGNAL_S : us.over ? LEAVES_S : LEAVES_AFTER_BYE_S, us.stopped);
}

/* FNV-1a: the same bytes, the same number. */
static uint64_t number_of(const void *bytes, size_t count) {
    const unsigned char *b = bytes;
    uint64_t number = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < count; i++)
        number = (number ^ b[i]) * UINT64_C(0x100000001b3);
    return number;
}

/* The kernel that this rank runs on, as a number: network namespaces and containers of one machine have one kernel. */
static uint64_t number_of_kernel(void) {
    char id[64]; /* a UUID, made at boot: random(4) */
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t count = fd >= 0 ? read(fd, id, sizeof id) : 0;

    if (fd >= 0)
        close(fd);
    return number_of(id, count > 0 ? (size_t)count : 0);
}

/* Threads of MPI's, which begin in post_open, must not take the signals. */
static void block_signals(void) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void together_open(int *argc, char ***argv) {
    struct note hello = {.kind = NOTE_HELLO, .a = company_build(), .b = number_of_kernel()};
    uint32_t rank, count;

    block_signals();
    post_open(argc, argv, &rank, &count);
    us.parcels = calloc(count, sizeof *us.parcels);
    if (us.parcels == NULL || !roll_open(&us.roll, rank, count, clock_now()))
        die("out of memory for %u ranks", (unsigned)count);
    gethostname(hello.text, sizeof hello.text - 1);
    memcpy(us.roll.members[rank].host, hello.text, sizeof hello.text);
    us.roll.members[rank].kernel = hello.b;
    if (rank != 0)
        die_as("loadgen: rank %u on %s", (unsigned)rank, hello.text);
    us.open = true;
    atexit(leave);
    /* To each: a rank that finds rank 0 gone tells all others, and must be connected with them then. */
    for (uint32_t i = 0; i < count; i++)
        if (i != rank)
            post_send(i, &hello);
}

bool together_leads(void) {
    return company_leads(&us);
}

/* Two ranks with the same options get the same number. */
static uint64_t number_of_options(const struct options *o) {
    const double all[] = {o->protocol, o->port, o->clients, o->pipeline, o->active, o->reconnect, (double)o->size,
        o->duration_s, o->warmup_s, o->ramp_s, o->timeout_s, o->rate, o->chaos, o->chaos_clients, o->lead};

    return number_of(all, sizeof all);
}

void together_take_place(struct options *o) {
    uint32_t rank = us.roll.rank, count = us.roll.count;

    if (o->lead && count == 1)
        die("--lead: rank 0 has nobody to lead; start more ranks: mpirun -n 2, or more");
    if (o->search.of != SEARCH_OF_NOTHING || o->progress_fd >= 0)
        die("--%s is for one load generator alone: use loadgen, or leave it out",
            o->progress_fd >= 0 ? "progress" : "search");
    o->place = (struct place){rank, count};
    if (o->lead)
        o->place = (struct place){rank == 0 ? count - 1 : rank - 1, count - 1};
    us.options = number_of_options(o);
}

void together_arrive(enum meeting meeting) {
    us.roll.members[us.roll.rank].meeting = meeting;
    if (!company_leads(&us))
        company_tell(&us, &(struct note){.kind = NOTE_MEETING, .meeting = meeting, .a = us.options});
}

bool together_met(enum meeting meeting, uint64_t *at) {
    *at = us.go_at;
    return us.roll.met >= meeting;
}

static bool is_met(const struct company *c) {
    return c->roll.met >= (enum meeting)c->awaited;
}

void together_meet(enum meeting meeting) {
    us.awaited = meeting;
    together_arrive(meeting);
    company_wait(&us, is_met);
}

void together_stop(void) {
    company_stop(&us);
}

bool together_stopped(void) {
    return us.stopped;
}

uint64_t together_turn(uint64_t now, struct headway *own) {
    return us.open ? company_turn(&us, now, own) : NEVER;
}

static bool knows_clocks(const struct company *c) {
    return !c->wants_clocks;
}

void together_command(struct together_command *c) {
    us.wants_clocks = true;
    company_wait(&us, knows_clocks);
    c->at = clock_now() + COMMAND_AHEAD_MS * NS_PER_MS;
    for (uint32_t i = 1; i < us.roll.count; i++)
        post_send(i, &(struct note){.kind = NOTE_COMMAND,
                         .a = c->words[0],
                         .b = c->words[1],
                         .c = c->words[2],
                         .at = roll_time_at(&us.roll.members[i], c->at)});
}

bool together_next_command(struct together_command *c) {
    us.awaits_command = us.commands_taken == us.commands_come;
    if (us.awaits_command)
        return false;
    *c = us.commands[us.commands_taken++ % COMMANDS_MAX];
    return true;
}

void together_await_all(void) {
    gather_await_all(&us);
}

bool together_sum(struct result *r) {
    return gather_sum(&us, r);
}

bool together_gather(struct result *r) {
    if (!gather(&us, r))
        return false;
    company_tell(&us, &(struct note){.kind = NOTE_OVER});
    us.over = true; /* rank 0 reports, and leaves the job last of all */
    return true;
}
