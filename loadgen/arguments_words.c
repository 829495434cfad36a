/* arguments_words.c - see arguments_words.h. */
#include "arguments_words.h"
#include "meaning/die.h"
#include <stdlib.h>
#include <string.h>

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
