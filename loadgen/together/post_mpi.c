/* post_mpi.c - see post.h. The only file that calls MPI. */
#include "meaning/die.h"
#include "together/post.h"
#include <limits.h>
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TAG_NOTE = 1,
    TAG_PARCEL = 2,
    LETTERS = 32, /* LIMIT: notes to one rank that have not left yet */
    LOOKS = 8,    /* Open MPI looks at its TCP sockets in every eighth call that finds nothing */
    ABORTS_S = 3, /* LIMIT: seconds for MPI_Abort */
};

/* A note on its way. */
struct letter {
    MPI_Request request; /* MPI_REQUEST_NULL: none */
    struct note note;
};

static struct letter (*letters)[LETTERS]; /* OWNS: of each rank */
static int ranks;
static struct note coming; /* the next note is received into it */
static MPI_Request coming_request, parcel_request = MPI_REQUEST_NULL;

static void receive_next(void) {
    MPI_Irecv(&coming, sizeof coming, MPI_BYTE, MPI_ANY_SOURCE, TAG_NOTE, MPI_COMM_WORLD, &coming_request);
}

void post_open(int *argc, char ***argv, uint32_t *rank, uint32_t *count) {
    int provided, own;

    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS || provided < MPI_THREAD_FUNNELED)
        die("MPI cannot be used by a program with threads; start it with the mpirun of the MPI that it was built with");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &own);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    letters = calloc((size_t)ranks, sizeof *letters);
    if (letters == NULL)
        die("out of memory for %d ranks", ranks);
    for (int i = 0; i < ranks; i++)
        for (int k = 0; k < LETTERS; k++)
            letters[i][k].request = MPI_REQUEST_NULL;
    receive_next();
    *rank = (uint32_t)own;
    *count = (uint32_t)ranks;
}

/* Has it left? A letter to a rank that cannot be reached counts as one that has. */
static bool has_left(struct letter *letter) {
    int done = 1;

    if (letter->request != MPI_REQUEST_NULL && MPI_Test(&letter->request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
        letter->request = MPI_REQUEST_NULL;
    return done != 0;
}

bool post_send(uint32_t to, const struct note *note) {
    for (struct letter *letter = letters[to]; letter < letters[to] + LETTERS; letter++) {
        if (!has_left(letter))
            continue;
        letter->note = *note;
        return MPI_Isend(&letter->note, sizeof letter->note, MPI_BYTE, (int)to, TAG_NOTE, MPI_COMM_WORLD,
                   &letter->request) == MPI_SUCCESS;
    }
    return false;
}

bool post_take(struct note *note, uint32_t *from) {
    MPI_Status status;
    int done = 0;

    for (int i = 0; i < LOOKS && !done; i++)
        if (MPI_Test(&coming_request, &done, &status) != MPI_SUCCESS)
            return false;
    if (!done)
        return false;
    *note = coming;
    *from = (uint32_t)status.MPI_SOURCE;
    receive_next();
    return true;
}

void post_send_parcel(const void *bytes, size_t size) {
    if (size > INT_MAX)
        die("the result has %zu bytes, more than MPI takes at once; give fewer --clients", size);
    MPI_Isend(bytes, (int)size, MPI_BYTE, 0, TAG_PARCEL, MPI_COMM_WORLD, &parcel_request);
}

void post_receive_parcel(void *bytes, size_t size, uint32_t from) {
    MPI_Irecv(bytes, (int)size, MPI_BYTE, (int)from, TAG_PARCEL, MPI_COMM_WORLD, &parcel_request);
}

bool post_parcel_is_there(void) {
    int done = 0;

    for (int i = 0; i < LOOKS && !done; i++)
        if (MPI_Test(&parcel_request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            return false;
    return done != 0;
}

static void took_too_long(int number) {
    static const char line[] = "loadgen: another rank did not end in time; mpirun ends the rest\n";
    (void)number;

    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    _exit(2);
}

static void took_too_long_quietly(int number) {
    (void)number;
    _exit(2);
}

/* MPI's own waits have no time limit. */
static void limit(unsigned seconds, bool quiet) {
    signal(SIGALRM, quiet ? took_too_long_quietly : took_too_long);
    alarm(seconds);
}

void post_close(unsigned seconds, bool quiet) {
    limit(seconds, quiet);
    MPI_Cancel(&coming_request);
    MPI_Wait(&coming_request, MPI_STATUS_IGNORE); /* returns at once: it was cancelled, or it is there */
    for (int i = 0; i < ranks; i++)
        for (int k = 0; k < LETTERS; k++)
            if (!has_left(&letters[i][k]))
                MPI_Request_free(&letters[i][k].request);
    MPI_Finalize(); /* WAIT: for the other ranks */
    alarm(0);
    free(letters);
}

void post_abort(int status) {
    limit(ABORTS_S, true);
    MPI_Abort(MPI_COMM_WORLD, status);
    _exit(status);
}
