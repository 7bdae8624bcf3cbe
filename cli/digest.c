#include "cli/digest.h"

#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/number.h"
#include "cli/library.h"

/* The library of the headers this is compiled with, e.g. libcrypto.so.3. */
#define TEXT_OF_VALUE(number) #number
#define TEXT_OF(macro) TEXT_OF_VALUE(macro)
static const char library_name[] = "libcrypto.so." TEXT_OF(OPENSSL_SHLIB_VERSION);

/* X(name): the functions of libcrypto that are used, without their prefix EVP_. */
#define CRYPTO_LIST(X)                                                                           \
    X(MD_CTX_new)                                                                                \
    X(MD_CTX_free)                                                                               \
    X(sha256)                                                                                    \
    X(DigestInit_ex)                                                                             \
    X(DigestUpdate)                                                                              \
    X(DigestFinal_ex)

struct crypto {
#define CRYPTO_MEMBER(name) __typeof__(EVP_##name) *name;
    CRYPTO_LIST(CRYPTO_MEMBER)
#undef CRYPTO_MEMBER
};

struct cli_sha256 {
    struct crypto crypto;
    EVP_MD_CTX *context;
    bool failed;
};

static enum ccrnn_status fail_crypto(struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                      "%s cannot compute a SHA-256; install Debian's libssl3 again",
                      library_name);
}

static enum ccrnn_status start(struct cli_sha256 *sha, struct ccrnn_error *err)
{
    void *library;
    CCRNN_TRY(cli_library_load(library_name, "libssl3", &library, err));
#define CRYPTO_FIND(name)                                                                        \
    CCRNN_TRY(cli_library_find(library, "EVP_" #name, &sha->crypto.name, err));
    CRYPTO_LIST(CRYPTO_FIND)
#undef CRYPTO_FIND
    sha->context = sha->crypto.MD_CTX_new();
    if (sha->context == NULL ||
        sha->crypto.DigestInit_ex(sha->context, sha->crypto.sha256(), NULL) != 1)
        return fail_crypto(err);
    return CCRNN_OK;
}

enum ccrnn_status cli_sha256_create(struct cli_sha256 **sha, struct ccrnn_error *err)
{
    *sha = NULL;
    struct cli_sha256 *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for a checksum; close other programs");
    const enum ccrnn_status status = start(made, err);
    if (status != CCRNN_OK) {
        cli_sha256_destroy(made);
        return status;
    }
    *sha = made;
    return CCRNN_OK;
}

void cli_sha256_add(struct cli_sha256 *sha, const void *bytes, size_t size)
{
    sha->failed |= sha->crypto.DigestUpdate(sha->context, bytes, size) != 1;
}

enum ccrnn_status cli_sha256_text(struct cli_sha256 *sha, char text[CLI_SHA256_TEXT],
                                  struct ccrnn_error *err)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (sha->failed || sha->crypto.DigestFinal_ex(sha->context, sum, &size) != 1 ||
        2 * size + 1 != CLI_SHA256_TEXT)
        return fail_crypto(err);
    for (unsigned i = 0; i < size; i++)
        ccrnn_format(text + 2 * i, 3, "%02x", sum[i]);
    return CCRNN_OK;
}

void cli_sha256_destroy(struct cli_sha256 *sha)
{
    if (sha == NULL)
        return;
    if (sha->context != NULL)
        sha->crypto.MD_CTX_free(sha->context);
    free(sha);
}
