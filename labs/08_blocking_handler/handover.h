/* handover.h - lab 8: two queues between the loop and the workers. */
#ifndef IO_MODELS_HANDOVER_H
#define IO_MODELS_HANDOVER_H

/* First in, first out. Any thread may put and take. LIMIT: HANDOVER_MAX things; one more ends the program. */
struct queue;
enum { HANDOVER_MAX = 1024 };

extern struct queue words;   /* from the loop to the workers: what is to be handled */
extern struct queue answers; /* from the workers to the loop: what is handled */

/* OWNS: the queue owns `thing`, then who takes it. Never waits. */
void queue_put(struct queue *q, void *thing);

/* Takes the first thing. WAIT: until there is one. */
void *queue_take(struct queue *q);

/* Takes the first thing, or returns NULL when there is none. Never waits. */
void *queue_take_now(struct queue *q);

#endif
