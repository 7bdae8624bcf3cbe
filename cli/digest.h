/** @file
 * SHA-256 (FIPS 180-4), by OpenSSL's libcrypto, which is loaded when it is needed (library.h).
 */
#ifndef CCRNN_CLI_DIGEST_H
#define CCRNN_CLI_DIGEST_H

#include <stddef.h>

#include "ccrnn/status.h"

/** Bytes of a sum as lower-case hexadecimal text, terminating zero included. */
enum { CLI_SHA256_TEXT = 65 };

/** A sum being made; opaque. */
struct cli_sha256;

/** @param[out] sha NULL on failure; else release it with cli_sha256_destroy
 * @return CCRNN_UNSUPPORTED if libcrypto cannot be loaded or used; CCRNN_MEMORY. */
enum ccrnn_status cli_sha256_create(struct cli_sha256 **sha, struct ccrnn_error *err);

/** Add bytes at the end. A failure inside is reported by cli_sha256_text. */
void cli_sha256_add(struct cli_sha256 *sha, const void *bytes, size_t size);

/** The sum of all that was added; nothing may be added afterwards. */
enum ccrnn_status cli_sha256_text(struct cli_sha256 *sha, char text[CLI_SHA256_TEXT],
                                  struct ccrnn_error *err);

/** Release; NULL is fine. */
void cli_sha256_destroy(struct cli_sha256 *sha);

#endif
