/*
 * MD5, SHA-1, SHA-256 and SHA-512 in plain C: the same source for every compiler and CPU, no intrinsics, no assembly,
 * bytes read one by one, so that it is right on any byte order.  Here is the context, which is the same for all four.
 */
#include <stdint.h>
#include <string.h>

#include "portable.h"
#include "trial.h"

#define BLOCK_MAX 128

struct alg {
	const char *name;
	size_t block_len;
	size_t digest_len;
	int little_endian;
	compress_function *compress;
	union state iv;
};

static const struct alg algs[] = {
	{ "md5", 64, 16, 1, md5_compress,
	    { .w32 = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } } },
	{ "sha1", 64, 20, 0, sha1_compress,
	    { .w32 = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } } },
	{ "sha256", 64, 32, 0, sha256_compress, { .w32 = {
	    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	} } },
	{ "sha512", 128, 64, 0, sha512_compress, { .w64 = {
	    0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL, 0xa54ff53a5f1d36f1ULL,
	    0x510e527fade682d1ULL, 0x9b05688c2b3e6c1fULL, 0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL,
	} } },
};

static const struct alg *alg;
static union state state;
static unsigned char pending[BLOCK_MAX];
static size_t pending_len;
static uint64_t total_len;

int
hash_start(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		if (strcmp(algs[i].name, name) != 0)
			continue;
		alg = &algs[i];
		state = alg->iv;
		pending_len = 0;
		total_len = 0;
		return (0);
	}
	return (-1);
}

int
hash_update(const unsigned char *data, size_t len)
{
	size_t room, whole;

	total_len += len;
	if (pending_len > 0) {
		room = alg->block_len - pending_len;
		if (len < room) {
			memcpy(pending + pending_len, data, len);
			pending_len += len;
			return (0);
		}
		memcpy(pending + pending_len, data, room);
		alg->compress(&state, pending, 1);
		data += room;
		len -= room;
	}
	whole = len / alg->block_len;
	alg->compress(&state, data, whole);
	pending_len = len - whole * alg->block_len;
	memcpy(pending, data + whole * alg->block_len, pending_len);
	return (0);
}

/* Byte ${i} of the digest, counted from its start. */
static unsigned char
digest_byte(size_t i)
{

	if (alg->block_len == 128)
		return ((unsigned char)(state.w64[i / 8] >> (56 - 8 * (i % 8))));
	return ((unsigned char)(state.w32[i / 4] >> (alg->little_endian ? 8 * (i % 4) : 24 - 8 * (i % 4))));
}

size_t
hash_finish(unsigned char digest[DIGEST_MAX])
{
	unsigned char pad[2 * BLOCK_MAX];
	uint64_t bits = total_len * 8;
	size_t i, length_field, pad_len;

	/* A one bit, zeroes, and the length: in 64 bits, or in 128 of which the upper 64 are zero here. */
	length_field = alg->block_len / 8;
	pad_len = alg->block_len - pending_len;
	if (pad_len < 1 + length_field)
		pad_len += alg->block_len;
	memset(pad, 0, sizeof(pad));
	pad[0] = 0x80;
	for (i = 0; i < 8; i++)
		pad[pad_len - 8 + i] = (unsigned char)(bits >> (alg->little_endian ? 8 * i : 56 - 8 * i));
	hash_update(pad, pad_len);

	for (i = 0; i < alg->digest_len; i++)
		digest[i] = digest_byte(i);
	return (alg->digest_len);
}

void
hash_facts(void)
{
}
