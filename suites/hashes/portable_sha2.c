/*
 * SHA-256 and SHA-512 (FIPS 180-4): the same steps on words of 32 and of 64 bits, with other constants.
 */
#include <stdint.h>

#include "portable.h"

static const uint32_t k256[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint64_t k512[80] = {
	0x428a2f98d728ae22ULL, 0x7137449123ef65cdULL, 0xb5c0fbcfec4d3b2fULL, 0xe9b5dba58189dbbcULL,
	0x3956c25bf348b538ULL, 0x59f111f1b605d019ULL, 0x923f82a4af194f9bULL, 0xab1c5ed5da6d8118ULL,
	0xd807aa98a3030242ULL, 0x12835b0145706fbeULL, 0x243185be4ee4b28cULL, 0x550c7dc3d5ffb4e2ULL,
	0x72be5d74f27b896fULL, 0x80deb1fe3b1696b1ULL, 0x9bdc06a725c71235ULL, 0xc19bf174cf692694ULL,
	0xe49b69c19ef14ad2ULL, 0xefbe4786384f25e3ULL, 0x0fc19dc68b8cd5b5ULL, 0x240ca1cc77ac9c65ULL,
	0x2de92c6f592b0275ULL, 0x4a7484aa6ea6e483ULL, 0x5cb0a9dcbd41fbd4ULL, 0x76f988da831153b5ULL,
	0x983e5152ee66dfabULL, 0xa831c66d2db43210ULL, 0xb00327c898fb213fULL, 0xbf597fc7beef0ee4ULL,
	0xc6e00bf33da88fc2ULL, 0xd5a79147930aa725ULL, 0x06ca6351e003826fULL, 0x142929670a0e6e70ULL,
	0x27b70a8546d22ffcULL, 0x2e1b21385c26c926ULL, 0x4d2c6dfc5ac42aedULL, 0x53380d139d95b3dfULL,
	0x650a73548baf63deULL, 0x766a0abb3c77b2a8ULL, 0x81c2c92e47edaee6ULL, 0x92722c851482353bULL,
	0xa2bfe8a14cf10364ULL, 0xa81a664bbc423001ULL, 0xc24b8b70d0f89791ULL, 0xc76c51a30654be30ULL,
	0xd192e819d6ef5218ULL, 0xd69906245565a910ULL, 0xf40e35855771202aULL, 0x106aa07032bbd1b8ULL,
	0x19a4c116b8d2d0c8ULL, 0x1e376c085141ab53ULL, 0x2748774cdf8eeb99ULL, 0x34b0bcb5e19b48a8ULL,
	0x391c0cb3c5c95a63ULL, 0x4ed8aa4ae3418acbULL, 0x5b9cca4f7763e373ULL, 0x682e6ff3d6b2b8a3ULL,
	0x748f82ee5defb2fcULL, 0x78a5636f43172f60ULL, 0x84c87814a1f0ab72ULL, 0x8cc702081a6439ecULL,
	0x90befffa23631e28ULL, 0xa4506cebde82bde9ULL, 0xbef9a3f7b2c67915ULL, 0xc67178f2e372532bULL,
	0xca273eceea26619cULL, 0xd186b8c721c0c207ULL, 0xeada7dd6cde0eb1eULL, 0xf57d4f7fee6ed178ULL,
	0x06f067aa72176fbaULL, 0x0a637dc5a2c898a6ULL, 0x113f9804bef90daeULL, 0x1b710b35131c471bULL,
	0x28db77f523047d84ULL, 0x32caab7b40c72493ULL, 0x3c9ebe0a15c9bebcULL, 0x431d67c49c100d4cULL,
	0x4cc5d4becb3e42b6ULL, 0x597f299cfc657e2aULL, 0x5fcb6fab3ad6faecULL, 0x6c44198c4a475817ULL,
};

#define S256_0(x) (ROR32(x, 2) ^ ROR32(x, 13) ^ ROR32(x, 22))
#define S256_1(x) (ROR32(x, 6) ^ ROR32(x, 11) ^ ROR32(x, 25))
#define s256_0(x) (ROR32(x, 7) ^ ROR32(x, 18) ^ (x) >> 3)
#define s256_1(x) (ROR32(x, 17) ^ ROR32(x, 19) ^ (x) >> 10)
#define S512_0(x) (ROR64(x, 28) ^ ROR64(x, 34) ^ ROR64(x, 39))
#define S512_1(x) (ROR64(x, 14) ^ ROR64(x, 18) ^ ROR64(x, 41))
#define s512_0(x) (ROR64(x, 1) ^ ROR64(x, 8) ^ (x) >> 7)
#define s512_1(x) (ROR64(x, 19) ^ ROR64(x, 61) ^ (x) >> 6)

#define LOAD256(t) (w[t] = be32(p + 4 * (t)))
#define LOAD512(t) (w[t] = be64(p + 8 * (t)))
#define NEXT256(t) (w[t] += s256_1(w[((t) + 14) & 15]) + w[((t) + 9) & 15] + s256_0(w[((t) + 1) & 15]))
#define NEXT512(t) (w[t] += s512_1(w[((t) + 14) & 15]) + w[((t) + 9) & 15] + s512_0(w[((t) + 1) & 15]))

#define STEP(n, word, t, a, b, c, d, e, f, g, h) do {				\
	(h) += S##n##_1(e) + CH(e, f, g) + k##n[i + (t)] + word##n(t);		\
	(d) += (h);								\
	(h) += S##n##_0(a) + MAJ(a, b, c);					\
} while (0)

#define STEPS8(n, word, t) do {					\
	STEP(n, word, (t) + 0, a, b, c, d, e, f, g, h);		\
	STEP(n, word, (t) + 1, h, a, b, c, d, e, f, g);		\
	STEP(n, word, (t) + 2, g, h, a, b, c, d, e, f);		\
	STEP(n, word, (t) + 3, f, g, h, a, b, c, d, e);		\
	STEP(n, word, (t) + 4, e, f, g, h, a, b, c, d);		\
	STEP(n, word, (t) + 5, d, e, f, g, h, a, b, c);		\
	STEP(n, word, (t) + 6, c, d, e, f, g, h, a, b);		\
	STEP(n, word, (t) + 7, b, c, d, e, f, g, h, a);		\
} while (0)

/* The body of both: ${n} names the function, ${word_t} its words, ${steps} the number of its steps. */
#define COMPRESS(n, word_t, words, steps)						\
void											\
sha##n##_compress(union state *state, const unsigned char *p, size_t blocks)		\
{											\
	word_t a = state->words[0], b = state->words[1], c = state->words[2];		\
	word_t d = state->words[3], e = state->words[4], f = state->words[5];		\
	word_t g = state->words[6], h = state->words[7];				\
	word_t w[16];									\
	size_t i;									\
											\
	for (; blocks > 0; blocks--, p += 16 * sizeof(word_t)) {			\
		i = 0;									\
		STEPS8(n, LOAD, 0);							\
		STEPS8(n, LOAD, 8);							\
		for (i = 16; i < (steps); i += 16) {					\
			STEPS8(n, NEXT, 0);						\
			STEPS8(n, NEXT, 8);						\
		}									\
											\
		a = state->words[0] += a;						\
		b = state->words[1] += b;						\
		c = state->words[2] += c;						\
		d = state->words[3] += d;						\
		e = state->words[4] += e;						\
		f = state->words[5] += f;						\
		g = state->words[6] += g;						\
		h = state->words[7] += h;						\
	}										\
}

COMPRESS(256, uint32_t, w32, 64)
COMPRESS(512, uint64_t, w64, 80)
