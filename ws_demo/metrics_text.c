#include "metrics_text.h"
#include <inttypes.h>

/* "\" and the line feed are escaped everywhere, the quote in label values only. */
static void write_escaped(FILE *out, const char *text, const char *more) {
    for (; *text; text++) {
        if (*text == '\\' || *text == *more)
            fputc('\\', out);
        fputs(*text == '\n' ? "\\n" : (char[]){*text, '\0'}, out);
    }
}

void metric_begin(FILE *out, const char *name, const char *type, const char *help) {
    fprintf(out, "# HELP %s ", name);
    write_escaped(out, help, "");
    fprintf(out, "\n# TYPE %s %s\n", name, type);
}

void metric_count(FILE *out, const char *name, uint64_t value) {
    fprintf(out, "%s %" PRIu64 "\n", name, value);
}

void metric_count_of(FILE *out, const char *name, const char *label, const char *text, uint64_t value) {
    fprintf(out, "%s{%s=\"", name, label);
    write_escaped(out, text, "\"");
    fprintf(out, "\"} %" PRIu64 "\n", value);
}

void metric_real(FILE *out, const char *name, double value) {
    fprintf(out, "%s %.6f\n", name, value);
}
