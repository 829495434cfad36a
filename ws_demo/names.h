/* names.h - names of guests and rooms, so that two that look alike are the same, and none is invisible.
 *
 * After PRECIS (RFC 8264, RFC 8266): Unicode's NFC; characters without a visible shape are removed (controls, format
 * characters, bidi overrides, default ignorables, private use); each run of spaces is one, and none is at an end. What
 * remains must hold at least one letter, digit, mark of punctuation or symbol. Not done: letters of different scripts
 * that look alike (Latin a, Cyrillic а) stay different; see Unicode TS 39. Pure: no I/O. js/names.js does the same in
 * the page.
 */
#ifndef IO_MODELS_NAMES_H
#define IO_MODELS_NAMES_H

/* LIMIT: bytes of UTF-8 of a name, with the NUL behind it. */
enum { NAME_SIZE = 33 };

enum name_is { NAME_GOOD, NAME_EMPTY, NAME_TOO_LONG, NAME_NO_MEMORY };

/* Cleans `raw`, which is UTF-8. Writes `name` if it is NAME_GOOD, and "" otherwise. */
enum name_is name_clean(const char *raw, char name[NAME_SIZE]);

/* The form by which names are compared: "Ada", "ADA" and "Ａｄａ" fold to the same. OWNS: the caller, who frees it.
 * NULL without memory. */
char *name_fold(const char *name);

/* Writes "Ada 2" for "Ada" and 2; cuts the name, at a character, where both do not fit. */
void name_number(const char *name, unsigned number, char numbered[NAME_SIZE]);

#endif
