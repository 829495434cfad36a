#include "site.h"
#include "feed.h"
#include "http.h"
#include "lab.h"
#include "rooms.h"
#include <ctype.h>
#include <string.h>

static const char *allowed[ORIGINS_MAX];
static int allowed_count;

/* "http://" and "https://" differ in length only. */
static const char *host_of_origin(const char *origin) {
    return strncmp(origin, "http://", 7) == 0 ? origin + 7 : strncmp(origin, "https://", 8) == 0 ? origin + 8 : NULL;
}

bool site_allow_origin(const char *origin) {
    const char *host = host_of_origin(origin);
    if (!host || host[0] == '\0' || strpbrk(host, "/?#@ ") != NULL || allowed_count == ORIGINS_MAX)
        return false;
    allowed[allowed_count++] = origin;
    return true;
}

/* A number, "localhost", or a host that was allowed. Any other name could be one that its owner has pointed here, to
 * have a page of his own be of the same origin (DNS rebinding). */
static bool host_is_ours(struct http_text host) {
    for (int i = 0; i < allowed_count; i++)
        if (http_text_is(host, host_of_origin(allowed[i])))
            return true;
    const char *colon = host.at[0] == '[' ? NULL : memchr(host.at, ':', host.length);
    struct http_text name = {host.at, colon ? (size_t)(colon - host.at) : host.length};
    if (http_text_is(name, "localhost") || (name.length > 0 && name.at[0] == '['))
        return true;
    for (size_t i = 0; i < name.length; i++)
        if (!isdigit((unsigned char)name.at[i]) && name.at[i] != '.')
            return false;
    return name.length > 0;
}

/* RFC 6455 section 10.2. A browser always says where its page is from; whoever does not is no browser, and could say
 * anything. */
static bool origin_is_ours(const struct http_request *request) {
    if (request->origin.at == NULL)
        return true;
    for (int i = 0; i < allowed_count; i++)
        if (http_text_is(request->origin, allowed[i]))
            return true;
    static const char scheme[] = "http://";
    const size_t before = sizeof scheme - 1;
    return request->origin.length == before + request->host.length &&
           strncasecmp(request->origin.at, scheme, before) == 0 &&
           strncasecmp(request->origin.at + before, request->host.at, request->host.length) == 0;
}

static void upgrade(struct channel *c, const struct http_request *request) {
    if (http_path_is(request, "/room"))
        rooms_request(c, request);
    else if (http_path_is(request, "/feed"))
        channel_upgrade(c, &feed_pipeline);
    else if (http_path_is(request, "/raw"))
        channel_upgrade(c, &raw_pipeline);
    else if (http_path_is(request, "/flood"))
        channel_upgrade(c, &flood_pipeline);
    else
        http_refuse(c, 404, "there is no WebSocket of this name\n");
}

static void on_request(struct channel *c, const struct http_request *request) {
    if (!host_is_ours(request->host)) {
        http_refuse(
            c, 421, "this name is not one of this server's: use its address, or start it with --allow-origin\n");
        return;
    }
    if (!origin_is_ours(request)) {
        http_refuse(c, 403, "pages of this origin may not connect: see --allow-origin\n");
        return;
    }
    if (request->upgrade) {
        upgrade(c, request);
        return;
    }
    if (http_path_is(request, "/feed/poll")) {
        feed_poll(c, request);
        return;
    }
    if (http_path_is(request, "/feed/long-poll")) {
        feed_long_poll(c, request);
        return;
    }
    for (size_t i = 0; i < page_files_count; i++) {
        if (http_path_is(request, page_files[i].path)) {
            http_reply(c, page_files[i].type, page_files[i].bytes, page_files[i].count);
            return;
        }
    }
    http_refuse(c, 404, "there is nothing of this name\n");
}

static void on_close(struct channel *c, enum close_reason reason) {
    (void)reason;
    feed_forget(c);
}

static const struct handlers site_handlers = {.on_request = on_request, .on_close = on_close};
const struct pipeline site_pipeline = {decode_http, encode_bytes, &site_handlers};
