/*
 * The keys of the rows: made from published seeds, the same on every machine, and no secret.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto.h"

void
need(int ok, const char *what)
{

	if (!ok) {
		fprintf(stderr, "crypto: %s failed\n", what);
		exit(1);
	}
}

void
seeded(unsigned char out[32], const char *name, int n)
{
	char text[100];

	snprintf(text, sizeof(text), "timetrial %s %d", name, n);
	need(EVP_Digest(text, strlen(text), out, NULL, EVP_sha256(), NULL), "EVP_Digest");
}

/* The first prime from a seeded number of 1024 bits upwards for which 65537 will do. */
static BIGNUM *
prime(const char *name, BN_CTX *ctx)
{
	unsigned char bytes[128];
	BIGNUM *p;
	int i;

	for (i = 0; i < 4; i++)
		seeded(bytes + 32 * i, name, i);
	/* Two leading ones: the product of two such has 2048 bits. */
	bytes[0] |= 0xc0;
	bytes[127] |= 1;
	need((p = BN_bin2bn(bytes, sizeof(bytes), NULL)) != NULL, "BN_bin2bn");
	while (BN_is_prime_fasttest_ex(p, 32, ctx, 1, NULL) != 1 || BN_mod_word(p, 65537) == 1)
		need(BN_add_word(p, 2), "BN_add_word");
	return (p);
}

EVP_PKEY *
rsa_key(const char *folder)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *part[8], *one = BN_new(), *phi = BN_new(), *less = BN_new();
	EVP_PKEY *key = EVP_PKEY_new();
	RSA *rsa = RSA_new();
	char path[4096], hex[1024];
	FILE *file;
	int i;

	/* The primes, which take a second to find, are kept: n e d p q dp dq qi. */
	snprintf(path, sizeof(path), "%s/rsa.key", folder);
	if ((file = fopen(path, "r")) != NULL) {
		for (i = 0; i < 8; i++) {
			part[i] = NULL;
			need(fscanf(file, "%1023s", hex) == 1 && BN_hex2bn(&part[i], hex), "reading rsa.key");
		}
		fclose(file);
	} else {
		part[3] = prime("p", ctx);
		part[4] = prime("q", ctx);
		for (i = 0; i < 8; i++)
			if (i != 3 && i != 4)
				part[i] = BN_new();
		need(BN_set_word(one, 1) && BN_set_word(part[1], 65537) && BN_mul(part[0], part[3], part[4], ctx) &&
		    BN_sub(phi, part[3], one) && BN_sub(less, part[4], one), "the key");
		need(BN_mul(phi, phi, less, ctx) && BN_mod_inverse(part[2], part[1], phi, ctx) != NULL, "the exponent");
		need(BN_mod(part[6], part[2], less, ctx) && BN_sub(less, part[3], one) &&
		    BN_mod(part[5], part[2], less, ctx) && BN_mod_inverse(part[7], part[4], part[3], ctx) != NULL, "the rest");
		need((file = fopen(path, "w")) != NULL, "writing rsa.key");
		for (i = 0; i < 8; i++)
			fprintf(file, "%s\n", BN_bn2hex(part[i]));
		need(fclose(file) == 0, "writing rsa.key");
	}
	need(RSA_set0_key(rsa, part[0], part[1], part[2]) && RSA_set0_factors(rsa, part[3], part[4]) &&
	    RSA_set0_crt_params(rsa, part[5], part[6], part[7]) && EVP_PKEY_assign_RSA(key, rsa), "the RSA key");
	return (key);
}

EVP_PKEY *
ec_key(void)
{
	EC_KEY *ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
	EVP_PKEY *key = EVP_PKEY_new();
	unsigned char bytes[32];
	EC_POINT *point;
	BIGNUM *secret;

	need(ec != NULL, "the curve");
	seeded(bytes, "ec", 0);
	bytes[0] &= 0x7f;
	secret = BN_bin2bn(bytes, sizeof(bytes), NULL);
	point = EC_POINT_new(EC_KEY_get0_group(ec));
	need(secret != NULL && point != NULL, "the point");
	need(EC_POINT_mul(EC_KEY_get0_group(ec), point, secret, NULL, NULL, NULL) &&
	    EC_KEY_set_private_key(ec, secret) && EC_KEY_set_public_key(ec, point) && EVP_PKEY_assign_EC_KEY(key, ec), "the EC key");
	return (key);
}
