/* Names: what two people see as the same is the same, and nobody is invisible. */
#include "names.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void cleans_to(const char *raw, const char *expected) {
    char name[NAME_SIZE];
    enum name_is is = name_clean(raw, name);
    cr_assert_str_eq(name, expected, "'%s' became '%s', not '%s'", raw, name, expected);
    cr_assert_eq(is, expected[0] ? NAME_GOOD : NAME_EMPTY);
}

Test(names, what_is_in_order_stays) {
    cleans_to("Ada", "Ada");
    cleans_to("字", "字");
    cleans_to("<b>Bob</b>", "<b>Bob</b>");
    cleans_to("José María", "José María");
    cleans_to("नमस्ते", "नमस्ते");
    cleans_to("🙂", "🙂");
}

Test(names, one_form_for_what_looks_the_same) {
    cleans_to("Jose\xCC\x81", "Jos\xC3\xA9");                          /* e and an acute accent: é */
    cleans_to("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xED\x95\x9C"); /* Hangul, composed */
    cleans_to("\xE2\x84\xAB", "\xC3\x85");                             /* the sign for ångström: Å */
}

Test(names, spaces_are_folded) {
    cleans_to("  Ada   Lovelace ", "Ada Lovelace");
    cleans_to("Ada\xC2\xA0\xE3\x80\x80\xE2\x80\x83Lovelace", "Ada Lovelace"); /* no-break, ideographic, em space */
    cleans_to("\xE2\x80\xA8"
              "Ada\xE2\x80\xA9",
        "Ada"); /* line and paragraph separator */
    cleans_to("A\xE2\xA0\x80"
              "B",
        "A B"); /* the blank of Braille */
}

Test(names, what_has_no_shape_is_dropped) {
    cleans_to("A\xC2\x85"
              "d\xC2\x9B"
              "a",
        "Ada"); /* C1: NEL, CSI */
    cleans_to("\xE2\x80\xAE"
              "Ada\xE2\x80\xAC",
        "Ada"); /* right-to-left override */
    cleans_to("\xE2\x81\xA6"
              "Ada\xE2\x81\xA9\xD8\x9C",
        "Ada"); /* isolates, Arabic letter mark */
    cleans_to("A\xE2\x80\x8B"
              "d\xE2\x80\x8D"
              "a\xEF\xBB\xBF",
        "Ada");                                          /* zero width space, joiner, BOM */
    cleans_to("Ada\xEF\xB8\x8F\xF3\xA0\x81\x81", "Ada"); /* variation selector, tag */
    cleans_to("Ada\xEE\x80\x80\xEF\xBF\xBF", "Ada");     /* private use, no character */
}

Test(names, what_cannot_be_seen_is_no_name) {
    cleans_to("", "");
    cleans_to("   ", "");
    cleans_to("\xE2\x80\x8B\xE2\x80\x8B", "");             /* zero width spaces */
    cleans_to("\xE3\x85\xA4\xEF\xBE\xA0\xE1\x85\x9F", ""); /* fillers of Hangul: letters, and blank */
    cleans_to("\xE2\xA0\x80", "");                         /* the blank of Braille */
    cleans_to("\xCC\x81", "");                             /* an accent on nothing */
}

Test(names, a_name_has_an_end) {
    char name[NAME_SIZE], longest[NAME_SIZE], too_long[NAME_SIZE + 1], loose[3 * NAME_SIZE] = "";
    memset(longest, 'x', sizeof longest);
    longest[NAME_SIZE - 1] = '\0';
    cleans_to(longest, longest);
    memset(too_long, 'x', sizeof too_long);
    too_long[NAME_SIZE] = '\0';
    cr_assert_eq(name_clean(too_long, name), NAME_TOO_LONG);
    cr_assert_str_empty(name);
    for (int i = 0; i < 11; i++)
        strcat(loose, " \xE2\x80\x8Bx"); /* long, until it is cleaned */
    cr_assert_eq(name_clean(loose, name), NAME_GOOD);
    cr_assert_eq(strlen(name), 21);
}

static bool same(const char *one, const char *other) {
    char *a = name_fold(one), *b = name_fold(other);
    bool is_same = strcmp(a, b) == 0;
    free(a);
    free(b);
    return is_same;
}

Test(names, compared_without_case_and_width) {
    cr_assert(same("Ada", "ADA"));
    cr_assert(same("Ada", "\xEF\xBC\xA1\xEF\xBD\x84\xEF\xBD\x81")); /* full width */
    cr_assert(same("Stra\xC3\x9F"
                   "e",
        "STRASSE"));
    cr_assert(same("\xCE\xA3", "\xCF\x82")); /* sigma, and at a word's end */
    cr_assert_not(same("Ada", "Ad"));
    cr_assert_not(same("Ada", "Ada 2"));
}

Test(names, a_number_fits_behind_any_name) {
    char name[NAME_SIZE];
    name_number("Ada", 2, name);
    cr_assert_str_eq(name, "Ada 2");
    name_number("0123456789abcdef0123456789abcdef", 4294967295u, name);
    cr_assert_str_eq(name, "0123456789abcdef01234 4294967295");
    name_number("字字字字字字字字字字xx", 10, name);
    cr_assert_str_eq(name, "字字字字字字字字字 10");
    name_number("0123456789abcdef0123456789abc de", 2, name);
    cr_assert_str_eq(name, "0123456789abcdef0123456789abc 2");
}
