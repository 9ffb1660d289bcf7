/*
 * What trial.c asks of an implementation: evp.c (libcrypto) or portable.c.  The implementation holds the only context.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stddef.h>

#define DIGEST_MAX 64

/* Start the context for md5, sha1, sha256 or sha512.  0, or -1 where ${alg} is not to be had. */
int hash_start(const char *alg);

/* Hash ${len} bytes more.  0, or -1 on failure. */
int hash_update(const unsigned char *data, size_t len);

/* End the context and write its digest.  The digest's length in bytes, or 0 on failure. */
size_t hash_finish(unsigned char digest[DIGEST_MAX]);

/* Print what is known of the implementation, in lines of fact.NAME=VALUE. */
void hash_facts(void);

#endif
