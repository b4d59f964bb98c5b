// SHA-1 of a message of at most 119 bytes, and the base64 of its digest: a WebSocket accept key needs no more.
#ifndef FLOOR_SHA1_H
#define FLOOR_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 20, ACCEPT_CHARS = 28 };

void sha1_short(const unsigned char *message, size_t length, unsigned char digest[DIGEST_BYTES]);
void base64_digest(const unsigned char digest[DIGEST_BYTES], char text[ACCEPT_CHARS]);

#endif
