/* arguments_values.c - see arguments_values.h. */
#include "arguments_values.h"
#include "meaning/die.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint32_t whole(const char *name, const char *text, uint32_t min, uint32_t max) {
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' || value < min || value > max)
        die("%s '%s': give a whole number from %u to %u", name, text, (unsigned)min, (unsigned)max);
    return (uint32_t)value;
}

double real(const char *name, const char *text, double min, double max) {
    char *end;
    double value = strtod(text, &end);

    if (*end != '\0' || strspn(text, "0123456789.e+-") != strlen(text) || !(value >= min && value <= max))
        die("%s '%s': give a number from %g to %g", name, text, min, max);
    return value;
}

enum protocol protocol_of(const char *text) {
    if (strcmp(text, "echo") == 0)
        return PROTOCOL_ECHO;
    if (strcmp(text, "ws") == 0)
        return PROTOCOL_WS;
    die("--protocol '%s': give echo or ws", text);
}

enum search_of search_of(const char *text) {
    if (strcmp(text, "clients") == 0)
        return SEARCH_OF_CLIENTS;
    if (strcmp(text, "rate") == 0)
        return SEARCH_OF_RATE;
    die("--search '%s': give clients or rate", text);
}

enum io io_of(const char *text) {
    if (strcmp(text, "io_uring") == 0)
        return IO_RING;
    if (strcmp(text, "epoll") == 0)
        return IO_EPOLL;
    die("--io '%s': give io_uring or epoll", text);
}

bool payload_is_text(const char *text) {
    if (strcmp(text, "random") != 0 && strcmp(text, "text") != 0)
        die("--payload '%s': give random or text", text);
    return strcmp(text, "text") == 0;
}

enum chaos_kind chaos_of(const char *text) {
    enum chaos_kind kind = chaos_kind(text);

    if (strcmp(text, "help") == 0) {
        chaos_explain(stdout);
        exit(0);
    }
    if (kind == CHAOS_NONE)
        die("--chaos '%s': no such kind; 'loadgen --chaos help' lists them", text);
    return kind;
}

void processes_of(const char *text, struct processes *all) {
    char *list = strdup(text), *rest = list; /* a copy: strsep cuts it */

    if (list == NULL)
        die("out of memory for --server-pid");
    all->count = 0;
    for (char *word; (word = strsep(&rest, ",")) != NULL; all->count++) {
        pid_t pid = (pid_t)whole("--server-pid", word, 1, INT32_MAX);
        if (all->count == PROCESSES_MAX)
            die("--server-pid '%s': more than %d processes; give fewer", text, PROCESSES_MAX);
        for (size_t i = 0; i < all->count; i++)
            if (all->pids[i] == pid)
                die("--server-pid '%s': process %d is there twice; give it once", text, (int)pid);
        all->pids[all->count] = pid;
    }
    free(list);
}
