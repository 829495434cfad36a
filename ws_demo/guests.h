/* guests.h - how much of the server one guest may have, so that the others have the rest.
 *
 * A guest is known in two ways. By its address: that cannot be chosen freely, but a whole class may share one (NAT, a
 * proxy). By the secret key that its page has made (rooms.h): each phone of that class has its own, but anybody can
 * make more. So both are counted, and both must allow it. A key's limits keep a page that runs wild from its neighbours
 * at the same address; an address's limits are wide enough for a class of 40, and keep one guest from taking it all.
 * Who has many addresses is many guests.
 *
 * What is counted outlives the connection: to come back is no way to begin anew. LIMIT: GUESTS_IDLE_MAX guests of each
 * kind are remembered after they have gone, those that went last. */
#ifndef IO_MODELS_GUESTS_H
#define IO_MODELS_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { GUESTS_IDLE_MAX = 4096, GUEST_ID_SIZE = 16 };

enum guest_kind { GUEST_ADDRESS, GUEST_KEY, GUEST_KINDS };

/* What a guest has at once, until it gives it back. */
enum guest_share { SHARE_CONNECTIONS, SHARE_MEMBERS, SHARE_ROOMS, SHARE_FLOODS, SHARES };

/* What a guest does, so many at once and so many a second (a token bucket). */
enum guest_rate { RATE_JOIN, RATE_SAY, RATES };

struct guest;

/* The guest with these GUEST_ID_SIZE bytes. It stays until guest_leave, to be called once for each time. NULL without
 * memory. */
struct guest *guest_enter(enum guest_kind kind, const uint8_t id[GUEST_ID_SIZE]);

/* The same by the address of a connected socket. */
struct guest *guest_enter_peer(int fd);

/* `guest` may be NULL here and below: somebody who is not counted, and may do everything. */
void guest_leave(struct guest *guest);

/* Takes one, unless the guest has as many as it may. guest_give_back is to be called once for each that was taken;
 * meanwhile the guest stays. */
bool guest_take(struct guest *guest, enum guest_share share);
void guest_give_back(struct guest *guest, enum guest_share share);

/* May they do it once more, both of them? Then it is counted. */
bool guests_may(struct guest *address, struct guest *key, enum guest_rate rate);

/* The address, "192.0.2.1"; "-" for NULL or a key. Holds until the next call. */
const char *guest_name(const struct guest *guest);

/* One line for each limit, as limits_print has them. */
void guests_limits_print(FILE *out);

#endif
