/* language.h - the language of what is for people: English or Chinese. JSON and errors are in English. */
#ifndef LOADGEN_LANGUAGE_H
#define LOADGEN_LANGUAGE_H

#include <stdbool.h>

/* Chinese, where the first of LC_ALL, LC_MESSAGES and LANG that is set begins with zh. */
bool language_is_chinese(void);

/* One of the two texts. Both take the same arguments of printf, in the same order: the compiler checks both. */
__attribute__((format_arg(1), format_arg(2))) static inline const char *either(
    const char *english, const char *chinese) {
    return language_is_chinese() ? chinese : english;
}

#endif
