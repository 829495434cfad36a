/* number_text.c - see number_text.h. */
#include "report/number_text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *grouped(char text[FIELD], double value) {
    char digits[FIELD];
    size_t length, used = 0;

    if (!isfinite(value))
        return strcpy(text, "n/a");
    length = (size_t)snprintf(digits, sizeof digits, "%.0f", fabs(value) < 1e18 ? value : 1e18);
    for (size_t i = 0; i < length && used < FIELD - 2; i++) {
        text[used++] = digits[i];
        if (digits[i] != '-' && i + 1 < length && (length - i - 1) % 3 == 0)
            text[used++] = ',';
    }
    text[used] = '\0';
    return text;
}

const char *with_unit(char text[FIELD], double value, int decimals, const char *unit) {
    if (isfinite(value))
        snprintf(text, FIELD, "%.*f%s", decimals, value, unit);
    else
        strcpy(text, "n/a");
    return text;
}
