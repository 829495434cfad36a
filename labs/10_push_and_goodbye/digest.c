#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

static uint32_t rotate(uint32_t word, int bits) {
    return word << bits | word >> (32 - bits);
}

/* FIPS 180-4, section 6.1.2 */
static void mix_block(SHA_CTX *sha) {
    static const uint32_t constants[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t *h = sha->state, a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)sha->block[4 * i] << 24 | (uint32_t)sha->block[4 * i + 1] << 16 |
               (uint32_t)sha->block[4 * i + 2] << 8 | sha->block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t mixed = i / 20 == 0 ? (b & c) ^ (~b & d) : i / 20 == 2 ? (b & c) ^ (b & d) ^ (c & d) : b ^ c ^ d;
        uint32_t next = rotate(a, 5) + mixed + e + constants[i / 20] + w[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

int SHA1_Init(SHA_CTX *sha) {
    *sha = (SHA_CTX){.state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}};
    return 1;
}

int SHA1_Update(SHA_CTX *sha, const void *data, size_t count) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < count; i++) {
        sha->block[sha->count++ % SHA_BLOCK_LENGTH] = bytes[i];
        if (sha->count % SHA_BLOCK_LENGTH == 0)
            mix_block(sha);
    }
    return 1;
}

int SHA1_Final(unsigned char digest[SHA_DIGEST_LENGTH], SHA_CTX *sha) {
    uint64_t bits = sha->count * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    SHA1_Update(sha, "\x80", 1);
    while (sha->count % SHA_BLOCK_LENGTH != SHA_BLOCK_LENGTH - sizeof length)
        SHA1_Update(sha, "", 1);
    SHA1_Update(sha, length, sizeof length);
    for (int i = 0; i < SHA_DIGEST_LENGTH; i++)
        digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
    return 1;
}

int EVP_EncodeBlock(unsigned char *text, const unsigned char *bytes, int count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char *at = text;
    for (int i = 0; i < count; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (i + 1 < count ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < count ? bytes[i + 2] : 0);
        *at++ = (unsigned char)digits[group >> 18];
        *at++ = (unsigned char)digits[group >> 12 & 63];
        *at++ = i + 1 < count ? (unsigned char)digits[group >> 6 & 63] : '=';
        *at++ = i + 2 < count ? (unsigned char)digits[group & 63] : '=';
    }
    *at = '\0';
    return (int)(at - text);
}
