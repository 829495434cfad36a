/* evp.h - stands in for OpenSSL's <openssl/evp.h>: base64, for a handshake. */
#ifndef IO_MODELS_LAB_EVP_H
#define IO_MODELS_LAB_EVP_H

/* Writes `count` bytes as base64, and a NUL. Returns the length of the text. */
int EVP_EncodeBlock(unsigned char *text, const unsigned char *bytes, int count);

#endif
