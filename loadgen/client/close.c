/* close.c - a client fails, or closes in the orderly way. */
#include "client/client_parts.h"

void client_fail(struct client *c, enum failure failure, int error) {
    struct tally *tally = &c->group->tally;
    bool settled = c->state > CLIENT_SECURING;

    if (client_tries_again(c, failure))
        return;
    tally->failures[failure]++;
    if (error != 0)
        tally->errors[failure] = error;
    client_end(c, CLIENT_FAILED);
    if (!settled)
        client_settled(c);
}

/* Has the server sent a byte of a reply (WebSocket: completed the handshake)? After a flash: on the new connection. */
static bool was_heard(const struct client *c) {
    if (client_is_websocket(c))
        return c->state > CLIENT_UPGRADING;
    return (c->answered > 0 && !c->away) || c->replies.offset > 0;
}

void client_broken(struct client *c, int error) {
    if (error == 0)
        error = c->error;
    if (c->state == CLIENT_CLOSING)
        client_end(c, CLIENT_DONE); /* all was answered, or the failure is counted: FIN and RST are both a good end */
    else if (!was_heard(c))
        client_fail(c, FAILURE_CONNECT_RESET, error);
    else if (error == 0)
        client_fail(c, FAILURE_EOF_MID_RUN, 0);
    else
        client_fail(c, FAILURE_RESET_MID_RUN, error);
}

static void client_await_end(struct client *c) {
    c->state = CLIENT_CLOSING;
    c->since = clock_now();
}

/* Sends our last frame: after a message that is half sent; messages not begun are dropped. RFC 6455 section 7.1.1:
 * close frames are exchanged, then the server closes TCP first. */
static void client_send_close(struct client *c, uint16_t code) {
    uint8_t payload[] = {(uint8_t)(code >> 8), (uint8_t)code};

    c->issued = client_begun(c);
    client_control(c, WEBSOCKET_OPCODE_CLOSE, payload, code == WEBSOCKET_CLOSE_NO_STATUS ? 0 : sizeof payload);
    client_send(c);
}

void client_close(struct client *c) {
    client_await_end(c);
    if (client_is_websocket(c))
        client_send_close(c, WEBSOCKET_CLOSE_NORMAL);
    else
        c->group->filter->finish(c);
}

void client_refuse(struct client *c, uint16_t code) {
    struct tally *tally = &c->group->tally;

    tally->close_code = code;
    if (c->state == CLIENT_CLOSING) { /* our close frame has been sent */
        client_fail(c, FAILURE_PROTOCOL_ERROR, 0);
        return;
    }
    tally->failures[FAILURE_PROTOCOL_ERROR]++;
    c->refused = true;
    client_await_end(c);
    client_send_close(c, code);
}
