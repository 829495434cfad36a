/* process_sample.h - measures a server from outside: CPU time and context switches so far; memory, descriptors and
 * threads in use. A server may be several processes: every figure is their sum, and is not known (false) if one of them
 * has ended, or there is none. */
#ifndef LOADGEN_PROCESS_SAMPLE_H
#define LOADGEN_PROCESS_SAMPLE_H

#include "meaning/options.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The first of them that has ended (a zombie has not). 0: all live, or there is none. */
pid_t processes_ended(const struct processes *all);

/* On how many CPUs they can run at once, if each keeps one busy: at least 1. */
unsigned processes_cpus(const struct processes *all);

/* CPU time of whole processes in nanoseconds: of all their threads, those that have ended and the kernel's workers for
 * them included. (/proc/PID/stat counts in 10 ms ticks.) */
bool processes_cpu_ns(const struct processes *all, uint64_t *ns);

/* Nanoseconds that a thread of this process was runnable and did not run, because others had the CPU. False if the
 * kernel does not count that, or there is no such thread. */
bool thread_waited_ns(pid_t thread, uint64_t *ns);

/* The same of the processes' first threads. */
bool processes_waited_ns(const struct processes *all, uint64_t *ns);

/* Memory of each process alone (Private_Clean + Private_Dirty of smaps_rollup): what is free again when it ends. */
bool processes_private_kib(const struct processes *all, uint64_t *kib);

/* Memory that the kernel itself uses (Slab, KernelStack and PageTables of meminfo), on the whole machine; and Slab
 * alone. If the server runs on this machine, a connection adds to Slab at both its ends, as each has a socket. A
 * thread's stack, and the page tables of its memory, are of the server's end alone. False if it cannot be read. */
bool kernel_memory_kib(uint64_t *kib, uint64_t *slab_kib);

/* Context switches of all threads that live now: voluntary (they waited) and involuntary (they were preempted). Reads
 * one file per thread: some 10 us each. */
bool processes_switches(const struct processes *all, uint64_t *voluntary, uint64_t *involuntary);

/* Descriptors in use, and threads that live now. Also false if a process belongs to another user. A zombie (ended, but
 * not yet waited for) has no descriptor: processes_descriptors returns false for it, too. */
bool processes_descriptors(const struct processes *all, uint64_t *count);
bool processes_threads(const struct processes *all, uint64_t *count);

#endif
