/* scripted_ring.h - lab 9: a ring that plays a script, where aio_server has the kernel's io_uring.
 *
 * What is submitted stays with the ring until its completion comes. Meanwhile the descriptor may be closed, and its
 * number given to the next client: the completion comes all the same. */
#ifndef IO_MODELS_SCRIPTED_RING_H
#define IO_MODELS_SCRIPTED_RING_H

#include <stddef.h>

enum { FDS_MAX = 64, WORD_MAX = 64 }; /* LIMIT: descriptors; bytes that one receive brings */

struct conn;

/* Submits a receive. Its completion brings back `about`, and up to WORD_MAX bytes. */
void ring_recv(int fd, void *about);

/* Submits a send. Its completion brings back `about`. OWNS: the ring owns the memory at bytes until then. */
void ring_send(int fd, const char *bytes, size_t count, void *about);

/* Ends the conversation on fd, both ways: all that is submitted on it will complete, but not within this call. fd stays
 * open. */
void ring_shutdown(int fd);

/* Closes fd: its number is free at once for the next client. What is submitted stays with the ring. */
void ring_close(int fd);

/* Your file has these; the ring calls them. */

/* A client has connected. Returns its connection. */
struct conn *on_client(int fd);

/* This client has been silent for too long. Never called after ring_shutdown or ring_close. */
void on_silence(struct conn *c);

/* A completion. `about`: as it was submitted. result: how many bytes came or were sent; 0: the client's FIN; or -errno.
 * bytes: what a receive brought; NULL: this was a send. OWNS: the ring; they are there until this function returns. */
void on_completion(void *about, int result, const char *bytes);

#endif
