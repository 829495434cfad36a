/* guests.h - limits how much of the server one guest may use, so that the rest is left for the others.
 *
 * A guest is known in two ways. By its address: that cannot be chosen freely, but a whole class may share one (NAT, a
 * proxy). By the secret key that its page has made (rooms.h): each phone of that class has its own, but anybody can
 * make more. So both are counted, and both must allow it. The limits of a key protect the neighbours at the same
 * address from a page that runs wild. The limits of an address are wide enough for a class of 40, and stop one guest
 * from using the whole server. A client with many addresses counts as many guests.
 *
 * The counts outlive the connection: a guest that reconnects keeps its counts. LIMIT: the GUESTS_IDLE_MAX guests of
 * each kind that went last are remembered; older ones are forgotten. */
#ifndef IO_MODELS_GUESTS_H
#define IO_MODELS_GUESTS_H

#include "address.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { GUESTS_IDLE_MAX = 4096, GUEST_ID_SIZE = 16 };

enum guest_kind { GUEST_ADDRESS, GUEST_KEY, GUEST_KINDS };

/* What a guest has at a time, until it gives it back. */
enum guest_share { SHARE_CONNECTIONS, SHARE_MEMBERS, SHARE_ROOMS, SHARE_FLOODS, SHARES };

/* What a guest does: at most a burst, and then a number per second (a token bucket). */
enum guest_rate { RATE_JOIN, RATE_SAY, RATES };

/* Is it a key: 32 hex digits, in lower case? */
enum { GUEST_KEY_SIZE = 33 };
bool guest_is_key(const char *key);

/* The digest (SHA-256) of a guest's secret key: its first GUEST_ID_SIZE bytes are the guest's id, and in hex what
 * others may know of the key. */
enum { GUEST_DIGEST_SIZE = 32, GUEST_HEX_SIZE = 2 * GUEST_ID_SIZE + 1 };
void guest_digest(const void *key, size_t length, uint8_t digest[GUEST_DIGEST_SIZE], char hex[GUEST_HEX_SIZE]);

struct guest;

/* The guest with these GUEST_ID_SIZE bytes. It stays valid until guest_leave, which must be called once for each
 * guest_enter. NULL without memory. */
struct guest *guest_enter(enum guest_kind kind, const uint8_t id[GUEST_ID_SIZE]);

/* The same by an address. IPv4: each is a guest. IPv6: each /64 is one. A host gets a whole /64, and may take each of
 * its 2^64 addresses (RFC 8981), so a limit for one address would be none; the hosts of one network, which may share a
 * /64, count together like hosts behind one IPv4 address. All unknown addresses are one guest. */
struct guest *guest_enter_address(const struct address *address);

/* `guest` may be NULL here and below: a client that is not counted, and has no limits. */
void guest_leave(struct guest *guest);

/* Takes one of the share. False: the guest has its maximum. guest_give_back must be called once for each that was
 * taken; until then the guest stays valid. */
bool guest_take(struct guest *guest, enum guest_share share);
void guest_give_back(struct guest *guest, enum guest_share share);

/* True if both may do it once more; it is then counted for both. */
bool guests_may(struct guest *address, struct guest *key, enum guest_rate rate);

/* The address: "192.0.2.1", "2001:db8::/64"; "-" for NULL, a key, or an unknown address. Valid until the next call. */
const char *guest_name(const struct guest *guest);

/* One line for each limit, as limits_print has them. */
void guests_limits_print(FILE *out);

#endif
