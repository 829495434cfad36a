/* sha.h - stands in for OpenSSL's <openssl/sha.h>, so that lab 10 needs gcc and glibc only: the SHA-1 (FIPS 180-4) that
 * common/websocket.c calls for a handshake. Each function returns 1. */
#ifndef IO_MODELS_LAB_SHA_H
#define IO_MODELS_LAB_SHA_H

#include <stddef.h>
#include <stdint.h>

enum { SHA_DIGEST_LENGTH = 20, SHA_BLOCK_LENGTH = 64 };

typedef struct {
    uint32_t state[5];
    uint64_t count; /* bytes so far */
    uint8_t block[SHA_BLOCK_LENGTH];
} SHA_CTX;

int SHA1_Init(SHA_CTX *c);
int SHA1_Update(SHA_CTX *c, const void *data, size_t count);
int SHA1_Final(unsigned char digest[SHA_DIGEST_LENGTH], SHA_CTX *c);

#endif
