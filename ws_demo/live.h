/* live.h - a stage: what one process, the host, shows to all who look at the page /live, and what they answer.
 *
 * The host is scripts/live.sh. It has started this program with one end of a socket pair (AF_UNIX, SOCK_SEQPACKET) as
 * --live FD. Each packet is a word, and what belongs to it, separated by blanks; DATA is a JSON object, which this
 * program passes on as it is.
 *
 *     host     token WORD          whoever connects with ?token=WORD may direct; the host says it first
 *              keep TYPE DATA      for all, and for whoever comes later, in place of the last one of this type
 *              drop TYPE           nothing of this type is kept any more
 *              all DATA            for all who are there now
 *              one ID DATA         for one of them; without effect when it has gone
 *     we       guests N            so many are there
 *              said ID ROLE KEY DATA   ROLE is "director" or "guest"; KEY a digest of the secret that its page has made
 *
 * Who may direct: a client of this machine itself (127.0.0.1 or ::1; behind a trusted proxy the address that it names:
 * forwarded.h), or one with the token. All others look, and answer.
 *
 * A client that does not take its bytes is left out until it has, and then gets what is kept: a picture that is old
 * needs nobody. What a guest says is dropped, and it is told so, when the host does not take it (why: "busy"), or when
 * it says too much ("rate": guests.h). */
#ifndef IO_MODELS_LIVE_H
#define IO_MODELS_LIVE_H

#include "http.h"

/* LIMIT: bytes of a packet, of a guest's word, and of what one client may leave pending before it is left out; types
 * that are kept. */
enum { LIVE_PACKET_MAX = 64 * 1024, LIVE_SAID_MAX = 1024, LIVE_PENDING_MAX = 32 * 1024, LIVE_KEPT_MAX = 16 };

/* Begins to read from the host. Without this call there is no stage. Its end (the host's process is gone) ends this
 * program, as SIGTERM does. */
void live_open(struct framework *f, int host);

/* GET /stage?key=K&token=T. */
extern const struct pipeline live_pipeline;
void live_request(struct channel *c, const struct http_request *request);

#endif
