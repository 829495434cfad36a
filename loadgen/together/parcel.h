/* parcel.h - a result as bytes, to be sent from one load generator to another: what it has measured, not what was
 * asked.
 *
 * Both are the same build on the same kind of machine (together_mpi.c checks it): the bytes are as they lie in memory.
 */
#ifndef LOADGEN_PARCEL_H
#define LOADGEN_PARCEL_H

#include "meaning/result.h"
#include <stdbool.h>
#include <stddef.h>

/* Allocates the parcel; OWNS: the caller frees it. *size: its bytes. NULL: out of memory. */
void *parcel_pack(const struct result *r, size_t *size);

/* The reverse: *r then owns copies of all it needs (to be closed by result_close), and its options are `options`.
 * False: out of memory, or these are not the bytes of a parcel; then there is nothing to close. */
bool parcel_unpack(struct result *r, const struct options *options, const void *parcel, size_t size);

#endif
