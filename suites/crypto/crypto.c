/*
 * Fixed work on libcrypto by its EVP interface (OpenSSL 1.1.1 and later), and the proof of it.
 *
 *     crypto key FOLDER            make the keys of the rows, the same on every machine, and the signatures to verify
 *     crypto ROW UNITS FOLDER      UNITS units of ROW's work
 *     crypto facts                 what is known of the library
 *
 * A unit prints one line, "Digest = HEX": the SHA-256 of all tags (aes-256-gcm, chacha20-poly1305) or of all signatures
 * (rsa2048-sign); of the message's number as often as it was verified (…-verify), or of that of signatures which were
 * then found right (ecdsap256-sign, whose signatures are drawn at random).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto.h"

#define BLOCK_LEN 16384
#define BLOCKS 2000
#define SIGNATURES_RSA 100
#define VERIFIED_RSA 3000
#define SIGNATURES_EC 1000
#define VERIFIED_EC 400
#define SIGNATURE_MAX 512

/* Message ${i}: its number in ASCII. */
static size_t
message(char text[16], int i)
{

	return ((size_t)snprintf(text, 16, "message %d", i % 1000));
}

static size_t
sign(EVP_PKEY *key, int i, unsigned char signature[SIGNATURE_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = SIGNATURE_MAX, text_len;
	char text[16];

	text_len = message(text, i);
	need(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text, text_len) == 1, "signing");
	EVP_MD_CTX_free(ctx);
	return (len);
}

static int
verify(EVP_PKEY *key, int i, const unsigned char *signature, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t text_len;
	char text[16];
	int right;

	text_len = message(text, i);
	need(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1, "EVP_DigestVerifyInit");
	right = EVP_DigestVerify(ctx, signature, len, (const unsigned char *)text, text_len);
	EVP_MD_CTX_free(ctx);
	return (right == 1);
}

static void
sealed(const EVP_CIPHER *cipher, EVP_MD_CTX *proof)
{
	static unsigned char block[BLOCK_LEN], out[BLOCK_LEN + 16];
	unsigned char key[32], iv[12] = { 0 }, tag[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int i, len;

	for (i = 0; i < BLOCK_LEN; i++)
		block[i] = (unsigned char)(i & 0xff);
	seeded(key, "aead", 0);
	need(ctx != NULL && EVP_EncryptInit_ex(ctx, cipher, NULL, key, NULL) == 1, "EVP_EncryptInit_ex");
	for (i = 0; i < BLOCKS; i++) {
		iv[0] = (unsigned char)(i & 0xff);
		iv[1] = (unsigned char)(i >> 8);
		need(EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, iv) == 1 &&
		    EVP_EncryptUpdate(ctx, out, &len, block, BLOCK_LEN) == 1 && EVP_EncryptFinal_ex(ctx, out + len, &len) == 1 &&
		    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1, "sealing");
		need(EVP_DigestUpdate(proof, tag, sizeof(tag)) == 1, "EVP_DigestUpdate");
	}
	EVP_CIPHER_CTX_free(ctx);
}

/* Signatures made, and each of the last ones proved. */
static void
signs(EVP_PKEY *key, int number, int random, EVP_MD_CTX *proof)
{
	unsigned char signature[SIGNATURE_MAX];
	char text[16];
	size_t len;
	int i;

	for (i = 0; i < number; i++) {
		len = sign(key, i, signature);
		if (!random) {
			EVP_DigestUpdate(proof, signature, len);
			continue;
		}
		if (i % 100 == 99)
			need(verify(key, i, signature, len), "proving a signature");
		EVP_DigestUpdate(proof, text, message(text, i));
	}
}

static void
verifies(EVP_PKEY *key, int number, const char *name, const char *folder, EVP_MD_CTX *proof)
{
	unsigned char signature[SIGNATURE_MAX];
	char path[4096], text[16];
	size_t len;
	FILE *file;
	int i;

	snprintf(path, sizeof(path), "%s/%s.signature", folder, name);
	need((file = fopen(path, "rb")) != NULL, "reading a signature");
	len = fread(signature, 1, sizeof(signature), file);
	fclose(file);
	for (i = 0; i < number; i++) {
		need(verify(key, 0, signature, len), "verifying");
		EVP_DigestUpdate(proof, text, message(text, 0));
	}
	/* A wrong signature must be rejected. */
	need(!verify(key, 1, signature, len), "refusing a wrong signature");
}

/* Keep the signature of message 0, for the rows that verify. */
static void
keep(EVP_PKEY *key, const char *name, const char *folder)
{
	unsigned char signature[SIGNATURE_MAX];
	char path[4096];
	FILE *file;
	size_t len;

	len = sign(key, 0, signature);
	snprintf(path, sizeof(path), "%s/%s.signature", folder, name);
	need((file = fopen(path, "wb")) != NULL && fwrite(signature, 1, len, file) == len && fclose(file) == 0,
	    "writing a signature");
}

static void
facts(void)
{

	printf("fact.openssl_version=%s\n", OpenSSL_version(OPENSSL_VERSION));
#ifdef OPENSSL_INFO_CPU_SETTINGS
	const char *cpu = OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS);

	if (cpu != NULL)
		printf("fact.openssl_cpu=%s\n", cpu);
#endif
}

/* The row's key, which is read once. */
static EVP_PKEY *
key_of(const char *row, const char *folder)
{
	static EVP_PKEY *key;

	if (key == NULL)
		key = row[0] == 'r' ? rsa_key(folder) : ec_key();
	return (key);
}

static void
unit(const char *row, const char *folder)
{
	EVP_MD_CTX *proof = EVP_MD_CTX_new();
	unsigned char digest[32];
	int i;

	need(proof != NULL && EVP_DigestInit_ex(proof, EVP_sha256(), NULL) == 1, "EVP_DigestInit_ex");
	if (strcmp(row, "aes-256-gcm") == 0)
		sealed(EVP_aes_256_gcm(), proof);
	else if (strcmp(row, "chacha20-poly1305") == 0)
		sealed(EVP_chacha20_poly1305(), proof);
	else if (strcmp(row, "rsa2048-sign") == 0)
		signs(key_of(row, folder), SIGNATURES_RSA, 0, proof);
	else if (strcmp(row, "rsa2048-verify") == 0)
		verifies(key_of(row, folder), VERIFIED_RSA, "rsa", folder, proof);
	else if (strcmp(row, "ecdsap256-sign") == 0)
		signs(key_of(row, folder), SIGNATURES_EC, 1, proof);
	else if (strcmp(row, "ecdsap256-verify") == 0)
		verifies(key_of(row, folder), VERIFIED_EC, "ec", folder, proof);
	else
		need(0, row);
	need(EVP_DigestFinal_ex(proof, digest, NULL) == 1, "EVP_DigestFinal_ex");
	EVP_MD_CTX_free(proof);
	printf("Digest = ");
	for (i = 0; i < 32; i++)
		printf("%02x", digest[i]);
	printf("\n");
}

int
main(int argc, char *argv[])
{
	long units;

	if (argc == 2 && strcmp(argv[1], "facts") == 0) {
		facts();
	} else if (argc == 3 && strcmp(argv[1], "key") == 0) {
		keep(rsa_key(argv[2]), "rsa", argv[2]);
		keep(ec_key(), "ec", argv[2]);
	} else if (argc == 4 && (units = strtol(argv[2], NULL, 10)) > 0) {
		for (; units > 0; units--)
			unit(argv[1], argv[3]);
	} else {
		fprintf(stderr, "usage: crypto ROW UNITS FOLDER | key FOLDER | facts\n");
		return (2);
	}
	if (fflush(stdout) != 0) {
		perror("crypto");
		return (1);
	}
	return (0);
}
