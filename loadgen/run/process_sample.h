/* process_sample.h - measures another process from outside: CPU time and context switches so far; memory, descriptors
 * and threads in use. */
#ifndef LOADGEN_PROCESS_SAMPLE_H
#define LOADGEN_PROCESS_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* CPU time of the whole process in nanoseconds: of all its threads, those that have ended and the kernel's workers for
 * it included. (/proc/PID/stat counts in 10 ms ticks.) Returns false if there is no such process. */
bool process_cpu_ns(pid_t pid, uint64_t *ns);

/* Nanoseconds that a thread was runnable and did not run, because others had the CPU. pid 0: this process. False if the
 * kernel does not count that, or there is no such thread. */
bool process_waited_ns(pid_t pid, pid_t thread, uint64_t *ns);

/* Memory of this process alone (Private_Clean + Private_Dirty of smaps_rollup): what is free again when it ends.
 * Returns false if that cannot be read. */
bool process_private_kib(pid_t pid, uint64_t *kib);

/* Memory that the kernel itself uses (Slab, KernelStack and PageTables of meminfo), on the whole machine; and Slab
 * alone. If the server runs on this machine, a connection adds to Slab at both its ends, as each has a socket. A
 * thread's stack, and the page tables of its memory, are of the server's end alone. False if it cannot be read. */
bool kernel_memory_kib(uint64_t *kib, uint64_t *slab_kib);

/* Context switches of all threads that live now: voluntary (they waited) and involuntary (they were preempted). Reads
 * one file per thread: some 10 us each. Returns false if the process has ended. */
bool process_switches(pid_t pid, uint64_t *voluntary, uint64_t *involuntary);

/* Descriptors in use, and threads that live now. False if the process has ended, or belongs to another user. A zombie
 * (ended, but not yet waited for) has no descriptor: process_descriptors returns false for it, too. */
bool process_descriptors(pid_t pid, uint64_t *count);
bool process_threads(pid_t pid, uint64_t *count);

#endif
