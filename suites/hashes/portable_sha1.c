/*
 * SHA-1 (FIPS 180-4).  The schedule is kept in sixteen words, each computed when it is needed.
 */
#include <stdint.h>

#include "portable.h"

#define LOAD(t) (w[t] = be32(p + 4 * (t)))
#define NEXT(t) (x = w[((t) + 13) & 15] ^ w[((t) + 8) & 15] ^ w[((t) + 2) & 15] ^ w[(t) & 15],	\
	w[(t) & 15] = ROL32(x, 1))

#define STEP(f, k, word, a, b, c, d, e) do {			\
	(e) += ROL32(a, 5) + f(b, c, d) + (k) + (word);		\
	(b) = ROL32(b, 30);					\
} while (0)

#define STEPS5(f, k, word, t) do {			\
	STEP(f, k, word((t) + 0), a, b, c, d, e);	\
	STEP(f, k, word((t) + 1), e, a, b, c, d);	\
	STEP(f, k, word((t) + 2), d, e, a, b, c);	\
	STEP(f, k, word((t) + 3), c, d, e, a, b);	\
	STEP(f, k, word((t) + 4), b, c, d, e, a);	\
} while (0)

#define STEPS20(f, k, t) do {			\
	STEPS5(f, k, NEXT, (t) + 0);		\
	STEPS5(f, k, NEXT, (t) + 5);		\
	STEPS5(f, k, NEXT, (t) + 10);		\
	STEPS5(f, k, NEXT, (t) + 15);		\
} while (0)

void
sha1_compress(union state *state, const unsigned char *p, size_t blocks)
{
	uint32_t a = state->w32[0], b = state->w32[1], c = state->w32[2], d = state->w32[3], e = state->w32[4];
	uint32_t w[16], x;

	for (; blocks > 0; blocks--, p += 64) {
		STEPS5(CH, 0x5a827999, LOAD, 0);
		STEPS5(CH, 0x5a827999, LOAD, 5);
		STEPS5(CH, 0x5a827999, LOAD, 10);
		STEP(CH, 0x5a827999, LOAD(15), a, b, c, d, e);
		STEP(CH, 0x5a827999, NEXT(16), e, a, b, c, d);
		STEP(CH, 0x5a827999, NEXT(17), d, e, a, b, c);
		STEP(CH, 0x5a827999, NEXT(18), c, d, e, a, b);
		STEP(CH, 0x5a827999, NEXT(19), b, c, d, e, a);
		STEPS20(PARITY, 0x6ed9eba1, 20);
		STEPS20(MAJ, 0x8f1bbcdc, 40);
		STEPS20(PARITY, 0xca62c1d6, 60);

		a = state->w32[0] += a;
		b = state->w32[1] += b;
		c = state->w32[2] += c;
		d = state->w32[3] += d;
		e = state->w32[4] += e;
	}
}
