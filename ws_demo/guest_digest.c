/* guest_digest.c - a guest's key: see guests.h. A file of its own, so that guests.c needs no library. */
#include "guests.h"
#define OPENSSL_SUPPRESS_DEPRECATED /* for SHA256_Init and so on: SHA256() allocates memory, and may crash if there is \
                                       none */
#include <openssl/sha.h>
#include <string.h>

bool guest_is_key(const char *key) {
    return strlen(key) == GUEST_KEY_SIZE - 1 && strspn(key, "0123456789abcdef") == GUEST_KEY_SIZE - 1;
}

void guest_digest(const void *key, size_t length, uint8_t digest[GUEST_DIGEST_SIZE], char hex[GUEST_HEX_SIZE]) {
    SHA256_CTX sha256;
    SHA256_Init(&sha256);
    SHA256_Update(&sha256, key, length);
    SHA256_Final(digest, &sha256);
    for (int i = 0; i < GUEST_ID_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
