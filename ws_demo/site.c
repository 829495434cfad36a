#include "site.h"
#include "feed.h"
#include "forwarded.h"
#include "lab.h"
#include "live.h"
#include "monitor.h"
#include "rooms.h"
#include "tls.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static struct http_origin origins[ALLOWED_MAX];
static struct http_host names[ALLOWED_MAX];
static int origins_count, names_count;

bool site_allow_origin(const char *origin) {
    struct http_origin read;
    if (!http_origin_read((struct http_text){origin, strlen(origin)}, &read) || origins_count == ALLOWED_MAX)
        return false;
    origins[origins_count++] = read;
    return true;
}

bool site_allow_host(const char *name) {
    struct http_host read;
    if (!http_host_read((struct http_text){name, strlen(name)}, &read) || read.name.length == 0 ||
        read.name.length != strlen(name) || names_count == ALLOWED_MAX)
        return false;
    names[names_count++] = read;
    return true;
}

/* ---- the prefix ---- */

static struct http_text prefix;

bool site_prefix(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
    size_t length = strlen(text);
    prefix = (struct http_text){text, length};
    return length >= 2 && length <= 100 && text[0] == '/' && text[length - 1] != '/' && !strstr(text, "//") &&
           strspn(text, allowed) == length;
}

static bool begins_with_prefix(struct http_text path) {
    return prefix.length > 0 && path.length >= prefix.length && memcmp(path.at, prefix.at, prefix.length) == 0;
}

/* Takes the prefix off a path that has it. */
static void enter_prefix(struct http_request *request) {
    struct http_text *path = &request->path;
    if (begins_with_prefix(*path) && path->length > prefix.length && path->at[prefix.length] == '/')
        path->at += prefix.length, path->length -= prefix.length;
}

/* "/demo" leads to "/demo/": of the page there, "js/main.js" is "/demo/js/main.js". */
static bool is_prefix_alone(struct http_text path) {
    return begins_with_prefix(path) && path.length == prefix.length;
}

static void redirect_to_page(struct channel *c, const struct http_request *request) {
    char page[128];
    snprintf(page, sizeof page, "%.*s/", (int)prefix.length, prefix.at);
    http_redirect(c, page, request->query);
}

/* ---- who may ask ---- */

/* True for an IP address, "localhost", or a name that was allowed. The owner of any other name could let it point to
 * this server, so that his own page has the same origin (DNS rebinding). Only a browser can be misled in this way, and
 * a browser always sends Host: so a request without Host is accepted. */
static bool host_is_ours(const struct http_request *request) {
    const struct http_host *host = &request->authority;
    if (request->host.at == NULL || host->kind != HTTP_HOST_NAME || http_text_is(host->name, "localhost"))
        return true;
    for (int i = 0; i < names_count; i++)
        if (http_text_equals(host->name, names[i].name))
            return true;
    for (int i = 0; i < origins_count; i++)
        if (http_text_equals(host->name, origins[i].host.name))
            return true;
    return false;
}

/* Is the text safe in a shell command that somebody copies from the log? A host may hold "$", ";" and quotes (RFC
 * 3986). */
static bool is_harmless(struct http_text text) {
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] == '\0' || !(isalnum((unsigned char)text.at[i]) || strchr("-._:/[]", text.at[i])))
            return false;
    return true;
}

static void refuse_host(struct channel *c, const struct http_request *request) {
    char why[320] = "the request names no host\n";
    const struct http_text name = request->authority.name;
    if (name.length > 0)
        snprintf(why, sizeof why,
            "this server does not answer to the name %.*s: use its address, or start it with --allow-host %.*s\n",
            (int)name.length, name.at, (int)name.length, name.at);
    if (name.length > 100 || !is_harmless(name))
        snprintf(why, sizeof why, "this server does not answer to this name: see --allow-host\n");
    http_refuse(c, 421, why);
}

/* RFC 6455 section 10.2. For the server's own pages the browser sends an Origin that equals the Host of the request. */
static bool origin_is_ours(const struct http_request *request, const struct http_origin *origin) {
    const char *scheme = tls_is_on() ? "https" : "http";
    struct http_origin own = {.scheme = {scheme, strlen(scheme)}, .host = request->authority};
    if (request->host.at != NULL && http_origin_equals(origin, &own))
        return true;
    for (int i = 0; i < origins_count; i++)
        if (http_origin_equals(origin, &origins[i]))
            return true;
    return false;
}

static void refuse_origin(struct channel *c, const struct http_request *request, struct http_text origin) {
    char why[480];
    if (origin.length + request->host.length > 120 || !is_harmless(origin) || !is_harmless(request->host))
        snprintf(why, sizeof why, "pages of this origin may not connect: see --allow-origin\n");
    else
        snprintf(why, sizeof why,
            "pages of %.*s may not connect, Host being '%.*s': start the server with --allow-origin %.*s; or, if a "
            "proxy has changed Host, let it pass Host on as it is (nginx: proxy_set_header Host $http_host)\n",
            (int)origin.length, origin.at, (int)request->host.length, request->host.at ? request->host.at : "",
            (int)origin.length, origin.at);
    http_refuse(c, 403, why);
}

/* A browser always sends Origin, the page's, when it asks for a WebSocket; a client that sends none is no browser, and
 * could send any Origin. A browser does not tell the page why a WebSocket was refused: so the page asks for the same
 * path with GET, and names its origin in the query (refusal.js). */
static bool may_connect(struct channel *c, const struct http_request *request) {
    char asked[256];
    struct http_text text = request->origin;
    struct http_origin origin;
    int length = request->upgrade ? 0 : http_query(request, "origin", asked, sizeof asked);
    if (length > 0)
        text = (struct http_text){asked, (size_t)length};
    if (text.at == NULL)
        return true;
    if (!http_origin_read(text, &origin))
        http_refuse(c, 403, "pages that are not from a server (their Origin is null, or unreadable) may not connect\n");
    else if (!origin_is_ours(request, &origin))
        refuse_origin(c, request, text);
    else
        return true;
    return false;
}

static const struct {
    const char *path;
    const struct pipeline *pipeline;
    void (*request)(struct channel *c, const struct http_request *request);
} sockets[] = {
    {"/room", NULL, rooms_request},
    {"/feed", &feed_pipeline, NULL},
    {"/raw", &raw_pipeline, NULL},
    {"/flood", &flood_pipeline, NULL},
    {"/stage", NULL, live_request},
};

/* True if there is a WebSocket with this path; the request is then answered. */
static bool upgrade(struct channel *c, const struct http_request *request) {
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
        if (!http_path_is(request, sockets[i].path))
            continue;
        if (http_method_is(request->method, "OPTIONS"))
            http_reply_options(c);
        else if (!may_connect(c, request))
            return true;
        else if (sockets[i].request)
            sockets[i].request(c, request);
        else
            channel_upgrade(c, sockets[i].pipeline);
        return true;
    }
    return false;
}

/* True if GET with this path is allowed; the request is then answered, or will be (long poll). */
static bool get(struct channel *c, const struct http_request *request) {
    bool options = http_method_is(request->method, "OPTIONS");
    for (size_t i = 0; i < page_files_count; i++) {
        if (!http_path_is(request, page_files[i].path))
            continue;
        if (options)
            http_reply_options(c);
        else
            http_reply(c, page_files[i].type, page_files[i].bytes, page_files[i].count);
        return true;
    }
    bool metrics = http_path_is(request, "/metrics");
    bool poll = http_path_is(request, "/feed/poll"), long_poll = http_path_is(request, "/feed/long-poll");
    if ((metrics || poll || long_poll) && options)
        http_reply_options(c);
    else if (metrics)
        monitor_metrics(c);
    else if (poll)
        feed_poll(c, request);
    else if (long_poll)
        feed_long_poll(c, request);
    return metrics || poll || long_poll;
}

/* Whatever name the one that watches calls this host by. */
static void health(struct channel *c, const struct http_request *request) {
    if (http_method_is(request->method, "OPTIONS"))
        http_reply_options(c);
    else
        monitor_health(c);
}

static void on_request(struct channel *c, const struct http_request *as_it_came) {
    struct http_request request = *as_it_came;
    enter_prefix(&request);
    if (!forwarded_find(c))
        http_refuse(c, 429, "this address has as many connections as it may, or the server has no memory\n");
    else if (http_path_is(&request, "/healthz"))
        health(c, &request);
    else if (!host_is_ours(&request))
        refuse_host(c, &request);
    else if (is_prefix_alone(request.path))
        redirect_to_page(c, &request);
    else if (!get(c, &request) && !upgrade(c, &request))
        http_refuse(c, 404, "there is nothing of this name\n");
}

static void on_close(struct channel *c, enum close_reason reason) {
    (void)reason;
    feed_forget(c);
}

static const struct handlers site_handlers = {.on_close = on_close};
const struct http_pipeline site_pipeline = {{&codec_http, &site_handlers}, on_request};
