// The part of OpenSSL 3 that Security uses; macros that Swift cannot import get inline functions here.
#ifndef SWITCHYARD_COPENSSL_SHIM_H
#define SWITCHYARD_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

static inline EVP_PKEY *switchyard_rsa_generate(unsigned int bits) { return EVP_RSA_gen(bits); }

static inline long switchyard_bio_contents(BIO *bio, char **start) { return BIO_get_mem_data(bio, start); }

#endif
