#include "metrics_text.h"
#include <criterion/criterion.h>
#include <stdlib.h>

static void expect(void (*write)(FILE *out), const char *expected) {
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    write(out);
    fclose(out);
    cr_expect_str_eq(text, expected);
    free(text);
}

static void write_escapes(FILE *out) {
    metric_begin(out, "x_total", "counter", "A \\ \"word\"\nand another.");
    metric_count_of(out, "x_total", "reason", "a\\b \"c\"\nd", 1);
}

Test(metrics_text, escapes) {
    expect(write_escapes, "# HELP x_total A \\\\ \"word\"\\nand another.\n# TYPE x_total counter\n"
                          "x_total{reason=\"a\\\\b \\\"c\\\"\\nd\"} 1\n");
}

static void write_numbers(FILE *out) {
    metric_count(out, "a", UINT64_MAX);
    metric_real(out, "b", 1.5);
    metric_count_of(out, "c", "l", "", 0);
}

Test(metrics_text, numbers) {
    expect(write_numbers, "a 18446744073709551615\nb 1.500000\nc{l=\"\"} 0\n");
}
