/** @file
 * Download known files over HTTP: whole and right, or not at all.
 */
#ifndef CCRNN_CLI_DOWNLOAD_H
#define CCRNN_CLI_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "ccrnn/status.h"

/** One file to be downloaded. */
struct cli_download {
    const char *url;    /**< http:// or https:// */
    const char *path;   /**< where it goes; its directory exists */
    uint64_t size;      /**< expected (bytes) */
    const char *sha256; /**< expected, as cli/digest.h writes it */
};

/** Called at least once a second while a file is downloaded. */
struct cli_download_listener {
    void *context;
    void (*received)(void *context, uint64_t bytes); /**< of this file so far */
    bool (*stop)(void *context);                     /**< true ends the download */
};

/** What several downloads share, such as a connection that stays open; opaque. */
struct cli_downloader;

/** @param listener borrowed until the end
 * @param[out] downloader NULL on failure; else release it with cli_downloader_close
 * @return CCRNN_UNSUPPORTED if libcurl is not there; CCRNN_MEMORY. */
enum ccrnn_status cli_downloader_open(const struct cli_download_listener *listener,
                                      struct cli_downloader **downloader,
                                      struct ccrnn_error *err);

/** Download a file, compare size and SHA-256, and only then put it at its path, atomically. On
 * failure what was at the path stays, and nothing is left beside it. Redirections are followed,
 * to HTTP and HTTPS only. There is no limit on the whole time, only on connecting and on standing
 * still.
 * @return CCRNN_IO: no connection, refused by the server, cut off, not writable; CCRNN_FORMAT: not
 *         the expected file; CCRNN_INTERRUPTED: the listener stopped it. */
enum ccrnn_status cli_downloader_fetch(struct cli_downloader *downloader,
                                       const struct cli_download *download,
                                       struct ccrnn_error *err);

/** Release; NULL is fine. */
void cli_downloader_close(struct cli_downloader *downloader);

#endif
