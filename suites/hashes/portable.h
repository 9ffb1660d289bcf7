/*
 * What the files of the portable implementation share.
 */
#ifndef PORTABLE_H
#define PORTABLE_H

#include <stddef.h>
#include <stdint.h>

union state {
	uint32_t w32[8];
	uint64_t w64[8];
};

/* Hash ${blocks} whole blocks: of 64 bytes, or for SHA-512 of 128. */
typedef void compress_function(union state *, const unsigned char *, size_t blocks);

compress_function md5_compress, sha1_compress, sha256_compress, sha512_compress;

static inline uint32_t
be32(const unsigned char *p)
{

	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

static inline uint32_t
le32(const unsigned char *p)
{

	return ((uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0]);
}

static inline uint64_t
be64(const unsigned char *p)
{

	return ((uint64_t)be32(p) << 32 | be32(p + 4));
}

#define ROL32(x, n) ((x) << (n) | (x) >> (32 - (n)))
#define ROR32(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define ROR64(x, n) ((x) >> (n) | (x) << (64 - (n)))

#define CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define MAJ(x, y, z) (((x) & ((y) | (z))) | ((y) & (z)))
#define PARITY(x, y, z) ((x) ^ (y) ^ (z))

#endif
