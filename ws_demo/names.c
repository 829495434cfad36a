#include "names.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum { BRAILLE_BLANK = 0x2800 }; /* a symbol in Unicode, but it looks like a space */

static bool is_in(ucs4_t character, uint32_t categories) {
    return uc_is_general_category_withtable(character, categories);
}

static bool is_space(ucs4_t character) {
    return is_in(character, UC_CATEGORY_MASK_Z) || character == BRAILLE_BLANK;
}

static bool is_dropped(ucs4_t character) {
    return is_in(character, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs | UC_CATEGORY_MASK_Co) ||
           uc_is_property_default_ignorable_code_point(character) || uc_is_property_not_a_character(character);
}

/* Not a space, and not a combining mark. A character newer than libunistring counts as visible. */
static bool is_visible(ucs4_t character) {
    return !is_in(character, UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_Z);
}

/* Writes the characters of `raw` that stay to `kept`, which is at least as long. Returns their length in bytes; 0 if
 * none is visible.
 */
static size_t keep(const char *raw, uint8_t *kept) {
    const uint8_t *at = (const uint8_t *)raw;
    ucs4_t character;
    size_t count = 0;
    bool space_due = false, visible = false;
    while ((at = u8_next(&character, at)) != NULL) {
        if (is_dropped(character))
            continue;
        if (is_space(character)) {
            space_due = count > 0;
            continue;
        }
        if (space_due)
            kept[count++] = ' ';
        space_due = false;
        visible |= is_visible(character);
        count += (size_t)u8_uctomb(kept + count, character, 4);
    }
    return visible ? count : 0;
}

enum name_is name_clean(const char *raw, char name[NAME_SIZE]) {
    size_t length;
    name[0] = '\0';
    uint8_t *kept = malloc(strlen(raw) + 4); /* + 4: u8_uctomb may write 4 bytes; it writes only what it needs */
    if (!kept)
        return NAME_NO_MEMORY;
    size_t count = keep(raw, kept);
    uint8_t *composed = count > 0 ? u8_normalize(UNINORM_NFC, kept, count, NULL, &length) : NULL;
    enum name_is is = count == 0            ? NAME_EMPTY
                      : !composed           ? NAME_NO_MEMORY
                      : length >= NAME_SIZE ? NAME_TOO_LONG
                                            : NAME_GOOD;
    if (is == NAME_GOOD) {
        memcpy(name, composed, length);
        name[length] = '\0';
    }
    free(composed);
    free(kept);
    return is;
}

char *name_fold(const char *name) {
    size_t length;
    return (char *)u8_casefold((const uint8_t *)name, strlen(name) + 1, NULL, UNINORM_NFKC, NULL, &length);
}

void name_number(const char *name, unsigned number, char numbered[NAME_SIZE]) {
    char suffix[12];
    int suffix_length = snprintf(suffix, sizeof suffix, " %u", number);
    size_t length = strlen(name);
    while (length + (size_t)suffix_length >= NAME_SIZE || (name[length] & 0xC0) == 0x80)
        length--;
    while (length > 0 && name[length - 1] == ' ')
        length--;
    snprintf(numbered, NAME_SIZE, "%.*s%s", (int)length, name, suffix);
}
