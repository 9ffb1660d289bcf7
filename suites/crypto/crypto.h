/*
 * The functions that keys.c and crypto.c share.  None returns where something fails: the program says what, and ends
 * with 1.
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <openssl/evp.h>

/* End the program unless ${ok}, saying that ${what} failed. */
void need(int ok, const char *what);

/* SHA-256 of "timetrial ${name} ${n}", the seed of everything. */
void seeded(unsigned char out[32], const char *name, int n);

/* The RSA key, from ${folder}/rsa.key, which is created if it is missing. */
EVP_PKEY *rsa_key(const char *folder);

/* The key on the curve P-256. */
EVP_PKEY *ec_key(void);

#endif
