/*
 * The time trial of FreeBSD's `md5 -t`, over any implementation of trial.h and without the clock:
 *
 *     PROGRAM ALG CONTEXTS BLOCKS    BLOCKS blocks of 10000 bytes through a context; CONTEXTS of them, in turn
 *     PROGRAM facts                  what is known of the implementation
 *
 * Prints "Digest = HEX" for every context.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

#define BLOCK_LEN 10000

static unsigned char block[BLOCK_LEN];

/* Print the digest of ${blocks} blocks.  0, or -1 on failure. */
static int
trial(const char *alg, unsigned long blocks)
{
	unsigned char digest[DIGEST_MAX];
	size_t i, len;

	if (hash_start(alg) != 0)
		return (-1);
	for (; blocks > 0; blocks--) {
		if (hash_update(block, sizeof(block)) != 0)
			return (-1);
	}
	if ((len = hash_finish(digest)) == 0)
		return (-1);

	printf("Digest = ");
	for (i = 0; i < len; i++)
		printf("%02x", digest[i]);
	printf("\n");
	return (0);
}

/* Read a number from 1 up.  0 on anything else. */
static unsigned long
count(const char *s)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9')
		return (0);
	errno = 0;
	n = strtoul(s, &end, 10);
	return (*end == '\0' && errno == 0 ? n : 0);
}

int
main(int argc, char *argv[])
{
	unsigned long contexts, blocks;
	size_t i;

	if (argc == 2 && strcmp(argv[1], "facts") == 0) {
		hash_facts();
		return (0);
	}
	if (argc != 4 || (contexts = count(argv[2])) == 0 || (blocks = count(argv[3])) == 0) {
		fprintf(stderr, "usage: %s ALG CONTEXTS BLOCKS | facts\n", argv[0]);
		return (2);
	}

	for (i = 0; i < sizeof(block); i++)
		block[i] = (unsigned char)(i & 0xff);
	for (; contexts > 0; contexts--) {
		if (trial(argv[1], blocks) != 0) {
			fprintf(stderr, "%s: %s: not to be had here\n", argv[0], argv[1]);
			return (1);
		}
	}
	if (fflush(stdout) != 0) {
		perror(argv[0]);
		return (1);
	}
	return (0);
}
