/*
 * The hashes of libcrypto, by its EVP interface: OpenSSL 1.1.0 and later, LibreSSL.
 */
#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "trial.h"

static EVP_MD_CTX *ctx;

int
hash_start(const char *alg)
{
	const EVP_MD *md;

	if ((md = EVP_get_digestbyname(alg)) == NULL)
		return (-1);
	if (ctx == NULL && (ctx = EVP_MD_CTX_new()) == NULL)
		return (-1);
	return (EVP_DigestInit_ex(ctx, md, NULL) == 1 ? 0 : -1);
}

int
hash_update(const unsigned char *data, size_t len)
{

	return (EVP_DigestUpdate(ctx, data, len) == 1 ? 0 : -1);
}

size_t
hash_finish(unsigned char digest[DIGEST_MAX])
{
	unsigned int len;

	return (EVP_DigestFinal_ex(ctx, digest, &len) == 1 ? len : 0);
}

void
hash_facts(void)
{

	printf("fact.openssl_version=%s\n", OpenSSL_version(OPENSSL_VERSION));

#ifdef OPENSSL_INFO_CPU_SETTINGS
	/* The capability words that the library goes by, after OPENSSL_ia32cap or OPENSSL_armcap: from 3.0 on. */
	const char *cpu = OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS);

	if (cpu != NULL) {
		printf("fact.openssl_cpu=%s\n", cpu);
		printf("fact.openssl_cpu_source=OPENSSL_info of the timed library\n");
	}
#endif
}
