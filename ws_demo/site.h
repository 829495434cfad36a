/* site.h - which path leads to what: the page's files, the feed, the WebSockets; and which hosts and origins may ask.
 */
#ifndef IO_MODELS_SITE_H
#define IO_MODELS_SITE_H

#include "http.h"

enum { ALLOWED_MAX = 16 }; /* of each kind */

/* A file of page/, built into the program (embed.py). */
struct page_file {
    const char *path, *type;
    const unsigned char *bytes;
    size_t count;
};
extern const struct page_file page_files[];
extern const size_t page_files_count;

extern const struct http_pipeline site_pipeline;

/* Allows pages of this origin ("https://class.example:8443") to connect, besides the server's own, and requests that
 * name its host. LIMIT: ALLOWED_MAX. Returns false if it is no origin, or one too many. `origin` must outlive the
 * server. */
bool site_allow_origin(const char *origin);

/* Allows requests that call the server by this name, with any port. Returns false if it is no name, or one too many.
 * `name` must outlive the server. */
bool site_allow_host(const char *name);

/* Lets paths begin with this prefix, too: "/demo" for "/demo/room". The page's own links are relative. Returns false if
 * it is no path, or another character is in it than letters, digits and "-_./". `prefix` must outlive the server. */
bool site_prefix(const char *prefix);

#endif
