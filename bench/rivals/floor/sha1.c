#include "sha1.h"

#include <string.h>

enum { BLOCK = 64, ROUNDS = 80 };

static uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

static void compress(uint32_t h[5], const unsigned char *block) {
	uint32_t w[ROUNDS], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < ROUNDS; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t f, k;
		if (i < 20)
			f = (b & c) | (~b & d), k = 0x5a827999;
		else if (i < 40)
			f = b ^ c ^ d, k = 0x6ed9eba1;
		else if (i < 60)
			f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
		else
			f = b ^ c ^ d, k = 0xca62c1d6;
		uint32_t next = rotate(a, 5) + f + e + k + w[i];
		e = d, d = c, c = rotate(b, 30), b = a, a = next;
	}
	h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

void sha1_short(const unsigned char *message, size_t length, unsigned char digest[DIGEST_BYTES]) {
	uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	unsigned char padded[2 * BLOCK] = {0};
	size_t total = length + 9 > BLOCK ? 2 * BLOCK : BLOCK; // a marker byte and eight bytes of length follow it
	memcpy(padded, message, length);
	padded[length] = 0x80;
	padded[total - 2] = (unsigned char)(length * 8 >> 8);
	padded[total - 1] = (unsigned char)(length * 8);
	for (size_t at = 0; at < total; at += BLOCK)
		compress(h, padded + at);
	for (int i = 0; i < DIGEST_BYTES; i++)
		digest[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

void base64_digest(const unsigned char digest[DIGEST_BYTES], char text[ACCEPT_CHARS]) {
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (int i = 0; i < ACCEPT_CHARS - 1; i++) {
		int bit = i * 6, at = bit / 8;
		unsigned pair = (unsigned)digest[at] << 8 | (at + 1 < DIGEST_BYTES ? digest[at + 1] : 0);
		text[i] = letters[pair >> (10 - bit % 8) & 63];
	}
	text[ACCEPT_CHARS - 1] = '=';
}
