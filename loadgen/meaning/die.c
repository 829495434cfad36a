/* die.c - see die.h. */
#include "meaning/die.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static char name[DIE_NAME_MAX] = "loadgen";

void die_as(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
}

/* One write for the whole line: lines of several processes that share stderr are not mixed. */
static void say_line(const char *format, va_list arguments) {
    char line[DIE_LINE_MAX];

    vsnprintf(line, sizeof line, format, arguments);
    fprintf(stderr, "%s: %s\n", name, line);
}

void complain(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    say_line(format, arguments);
    va_end(arguments);
}

void die(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    say_line(format, arguments);
    va_end(arguments);
    exit(2);
}
