/* process_sample.h - what another process has used so far, from outside: CPU, memory, context switches; and what
 * it has in use. */
#ifndef LOADGEN_PROCESS_SAMPLE_H
#define LOADGEN_PROCESS_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* CPU time of the whole process in nanoseconds: of all its threads, those that have ended and the kernel's workers for
 * it included. (/proc/PID/stat counts in 10 ms ticks.) Returns false if there is no such process. */
bool process_cpu_ns(pid_t pid, uint64_t *ns);

/* Memory that is the process's alone (Private_Clean + Private_Dirty of smaps_rollup): what its end would give back.
 * Returns false if that cannot be read. */
bool process_private_kib(pid_t pid, uint64_t *kib);

/* Memory of the kernel for its own things (Slab, KernelStack and PageTables of meminfo), of the whole machine: what
 * connections add to it is that of both their ends, if the server is here, too. False if it cannot be read. */
bool kernel_memory_kib(uint64_t *kib);

/* Context switches of all threads that live now: voluntary (they waited) and involuntary (they were preempted). Reads
 * one file per thread: some 10 us each. Returns false if the process is not there. */
bool process_switches(pid_t pid, uint64_t *voluntary, uint64_t *involuntary);

/* Descriptors in use, and threads that live now. False if the process is not there, or not ours to look at. One that
 * has ended and is not yet waited for has no descriptor, and is not there either. */
bool process_descriptors(pid_t pid, uint64_t *count);
bool process_threads(pid_t pid, uint64_t *count);

#endif
