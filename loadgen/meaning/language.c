/* language.c - see language.h. */
#include "meaning/language.h"
#include <stdlib.h>
#include <strings.h>

bool language_is_chinese(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return strncasecmp(value, "zh", 2) == 0;
    }
    return false;
}
