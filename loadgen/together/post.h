/* post.h - messages between the ranks of an MPI job, of which none is waited for: notes, which are small and of one
 * size, and one parcel of any size. The main thread looks whether something has come. Open MPI's blocking calls would
 * spin on a CPU, and would know of no time limit. */
#ifndef LOADGEN_POST_H
#define LOADGEN_POST_H

#include "meaning/part.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum note_kind {
    NOTE_HELLO,   /* text: the host's name; a: the build, b: the kernel, as numbers */
    NOTE_ALIVE,   /* a, b, c: headway */
    NOTE_MEETING, /* to rank 0: this rank is at `meeting`; a: the options, as a number */
    NOTE_PING,    /* by rank 0: what does your clock say? */
    NOTE_PONG,    /* a: this */
    NOTE_GO,      /* by rank 0: all are at `meeting`, and go on at a, by the clock of the rank that gets it */
    NOTE_COMMAND, /* by rank 0: a, b and c are the command; goes on at `at` */
    NOTE_STOP,    /* the run is to end early */
    NOTE_PARCEL,  /* to rank 0: a parcel of a bytes follows */
    NOTE_OVER,    /* by rank 0: everything is here */
    NOTE_LOST,    /* by the rank that has found another gone, and has said so: the job is about to end */
    NOTE_BYE,     /* this rank ends, and has said why */
};

struct note {
    uint32_t kind, meeting;
    uint64_t a, b, c, at;
    char text[PART_HOST_MAX];
};

/* Joins the job. WAIT: until all ranks have. */
void post_open(int *argc, char ***argv, uint32_t *rank, uint32_t *count);

/* Leaves the job. WAIT: until all ranks do; LIMIT: so many seconds, then the program ends at once, with status 2 and
 * one line, if it is not to be quiet. */
void post_close(unsigned seconds, bool quiet);

/* Sends a note. Never waits. False: too many notes to this rank have not left yet, or it cannot be reached. */
bool post_send(uint32_t to, const struct note *note);

/* Takes a note that has come. False: none has. Never waits. */
bool post_take(struct note *note, uint32_t *from);

/* The parcel, to rank 0 or from `from`: begins to send or to receive it. `bytes` must stay until it is there. LIMIT:
 * 2^31 - 1 bytes. */
void post_send_parcel(const void *bytes, size_t size);
void post_receive_parcel(void *bytes, size_t size, uint32_t from);

/* Is it there? Never waits. */
bool post_parcel_is_there(void);

/* Ends all ranks of the job, whatever they do, and this program with `status`. */
_Noreturn void post_abort(int status);

#endif
