/*
 * Our own triad: a[i] = b[i] + 3 c[i] over arrays of doubles, much larger than any cache.
 *
 *     triad MIB ROUNDS    three arrays of MIB * 2^20 bytes; ROUNDS rounds of ten passes
 *
 * After each pass the arrays change places, so that no pass can be left out.  Each round starts from the same small
 * integers and ends before a sum passes 2^53: every result is exact, with or without fused multiply-add.  Prints
 * "Sum = N" for each round, N being the sum of the last array over 2^20, and the time of the fastest pass, by which the
 * bandwidth is reported: 24 bytes for each element, what the cache does beyond that not counted.
 */
#define _POSIX_C_SOURCE 200112L

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PASSES 10

static double
now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0)
		return (0);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

static void
pass(double *restrict a, const double *restrict b, const double *restrict c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		a[i] = b[i] + 3 * c[i];
}

/* The sum of ${a}, in integers. */
static uint64_t
sum(const double *a, size_t n)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < n; i++)
		total += (uint64_t)a[i];
	return (total);
}

/* Read a number from 1 to ${most}.  0 on anything else. */
static unsigned long
count(const char *s, unsigned long most)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9')
		return (0);
	errno = 0;
	n = strtoul(s, &end, 10);
	return (*end == '\0' && errno == 0 && n <= most ? n : 0);
}

int
main(int argc, char *argv[])
{
	double *a, *b, *c, *last, began, took, best = 0;
	unsigned long mib, rounds;
	size_t i, n;
	int p;

	if (argc != 3 || (mib = count(argv[1], 65536)) == 0 || (rounds = count(argv[2], 1000000)) == 0) {
		fprintf(stderr, "usage: triad MIB ROUNDS\n");
		return (2);
	}
	n = (size_t)mib * (1048576 / sizeof(double));
	a = malloc(n * sizeof(double));
	b = malloc(n * sizeof(double));
	c = malloc(n * sizeof(double));
	if (a == NULL || b == NULL || c == NULL) {
		fprintf(stderr, "triad: no memory for three arrays of %lu MiB\n", mib);
		return (1);
	}
	for (; rounds > 0; rounds--) {
		for (i = 0; i < n; i++) {
			a[i] = 0;
			b[i] = (double)(i % 8 + 1);
			c[i] = (double)(i % 4 + 1);
		}
		for (p = 0; p < PASSES; p++) {
			began = now();
			pass(a, b, c, n);
			took = now() - began;
			if (best == 0 || took < best)
				best = took;
			last = a;
			a = c;
			c = b;
			b = last;
		}
		printf("Sum = %llu\n", (unsigned long long)(sum(b, n) >> 20));
	}
	printf("Best = %.0f bytes/second\n", best > 0 ? 24 * (double)n / best : 0);
	if (fflush(stdout) != 0) {
		perror("triad");
		return (1);
	}
	return (0);
}
