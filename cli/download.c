#include "cli/download.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "cli/digest.h"
#include "cli/library.h"

/* Limits in seconds, bytes per second, and counts. */
static const long connect_seconds = 30, still_seconds = 30, still_rate = 100,
                  redirections_max = 10;

#define ANOTHER "name another address with --from URL"

/* X(name): the functions of libcurl that are used, without their prefix curl_. */
#define CURL_LIST(X)                                                                             \
    X(global_init)                                                                               \
    X(easy_init)                                                                                 \
    X(easy_setopt)                                                                               \
    X(easy_perform)                                                                              \
    X(easy_strerror)                                                                             \
    X(easy_cleanup)

struct curl {
#define CURL_MEMBER(name) __typeof__(curl_##name) *name;
    CURL_LIST(CURL_MEMBER)
#undef CURL_MEMBER
};

struct cli_downloader {
    struct curl curl;
    CURL *handle;
    const struct cli_download_listener *listener;
    char message[CURL_ERROR_SIZE]; /* curl's words for the last failure */
    /* The file at work. */
    const struct cli_download *download;
    struct ccrnn_file_writer *writer;
    struct cli_sha256 *sha;
    uint64_t received;
    bool too_long;
    enum ccrnn_status write_status;
    struct ccrnn_error *err;
};

/* What arrived goes to the file and into the sum. Anything but `size` ends the download. */
static size_t on_bytes(char *bytes, size_t one, size_t size, void *context)
{
    struct cli_downloader *const d = context;
    (void)one; /* always 1 */
    d->too_long = size > d->download->size - d->received;
    if (d->too_long)
        return 0;
    d->received += size;
    cli_sha256_add(d->sha, bytes, size);
    d->write_status = ccrnn_file_writer_add(d->writer, bytes, size, d->err);
    return d->write_status == CCRNN_OK ? size : 0;
}

static int on_progress(void *context, curl_off_t expected, curl_off_t received,
                       curl_off_t upload_expected, curl_off_t uploaded)
{
    struct cli_downloader *const d = context;
    (void)expected;
    (void)received;
    (void)upload_expected;
    (void)uploaded;
    d->listener->received(d->listener->context, d->received);
    return d->listener->stop(d->listener->context);
}

/* Options that hold for every file. False if this libcurl does not know one. */
static bool set_options(struct cli_downloader *d)
{
    CURL *const handle = d->handle;
    const struct curl *const curl = &d->curl;
    char agent[64];
    ccrnn_format(agent, sizeof agent, "ccrnn/%s", ccrnn_version());
    return curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_MAXREDIRS, redirections_max) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_FAILONERROR, 1L) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_USERAGENT, agent) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, connect_seconds) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, still_rate) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, still_seconds) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_ERRORBUFFER, d->message) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_WRITEDATA, d) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
           curl->easy_setopt(handle, CURLOPT_XFERINFODATA, d) == CURLE_OK;
}

static enum ccrnn_status start_curl(struct cli_downloader *d, struct ccrnn_error *err)
{
    void *library;
    CCRNN_TRY(cli_library_load("libcurl.so.4", "libcurl4", &library, err));
#define CURL_FIND(name) CCRNN_TRY(cli_library_find(library, "curl_" #name, &d->curl.name, err));
    CURL_LIST(CURL_FIND)
#undef CURL_FIND
    if (d->curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        d->handle = d->curl.easy_init();
    if (d->handle != NULL && set_options(d))
        return CCRNN_OK;
    return ccrnn_fail(err, CCRNN_UNSUPPORTED,
                      "the installed libcurl cannot start or is older than 7.85; install a newer "
                      "one, or bring the files here by hand");
}

enum ccrnn_status cli_downloader_open(const struct cli_download_listener *listener,
                                      struct cli_downloader **downloader, struct ccrnn_error *err)
{
    *downloader = NULL;
    struct cli_downloader *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to download; close other programs");
    made->listener = listener;
    const enum ccrnn_status status = start_curl(made, err);
    if (status != CCRNN_OK) {
        cli_downloader_close(made);
        return status;
    }
    *downloader = made;
    return CCRNN_OK;
}

void cli_downloader_close(struct cli_downloader *downloader)
{
    if (downloader == NULL)
        return;
    if (downloader->handle != NULL)
        downloader->curl.easy_cleanup(downloader->handle);
    free(downloader);
}

/* What to do next. */
static const char *remedy(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return "check the address and the network, or " ANOTHER;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return "install the certificates (Debian: apt-get install ca-certificates), or " ANOTHER;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_HTTP_RETURNED_ERROR:
        return ANOTHER " (the four .gz files are expected directly below it)";
    default:
        return "run the same command again, or " ANOTHER;
    }
}

static enum ccrnn_status fail_transfer(const struct cli_downloader *d, CURLcode code,
                                       struct ccrnn_error *err)
{
    const char *const url = d->download->url;
    if (d->too_long)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s is not the published file: it has more than the expected %" PRIu64
                          " bytes; nothing of it was kept: " ANOTHER,
                          url, d->download->size);
    if (d->write_status != CCRNN_OK)
        return d->write_status; /* err is filled */
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return ccrnn_fail(
            err, CCRNN_INTERRUPTED,
            "stopped; the same command goes on with the file that was not finished");
    if (code == CURLE_PARTIAL_FILE)
        return ccrnn_fail(err, CCRNN_IO,
                          "%s: the connection ended after %" PRIu64 " of %" PRIu64
                          " bytes; nothing of it was kept: %s",
                          url, d->received, d->download->size, remedy(CURLE_PARTIAL_FILE));
    return ccrnn_fail(err, CCRNN_IO, "cannot download %s: %s; %s", url,
                      d->message[0] != '\0' ? d->message : d->curl.easy_strerror(code),
                      remedy(code));
}

static enum ccrnn_status transfer(struct cli_downloader *d, struct ccrnn_error *err)
{
    char found[CLI_SHA256_TEXT];
    d->message[0] = '\0';
    CURLcode code = d->curl.easy_setopt(d->handle, CURLOPT_URL, d->download->url);
    if (code == CURLE_OK)
        code = d->curl.easy_perform(d->handle);
    if (code != CURLE_OK)
        return fail_transfer(d, code, err);
    CCRNN_TRY(cli_sha256_text(d->sha, found, err));
    if (strcmp(found, d->download->sha256) == 0)
        return CCRNN_OK;
    return ccrnn_fail(
        err, CCRNN_FORMAT,
        "%s is not the published file: expected %" PRIu64
        " bytes with the SHA-256 %s, found %" PRIu64 " with %s; nothing of it was kept: " ANOTHER,
        d->download->url, d->download->size, d->download->sha256, d->received, found);
}

enum ccrnn_status cli_downloader_fetch(struct cli_downloader *downloader,
                                       const struct cli_download *download,
                                       struct ccrnn_error *err)
{
    struct cli_downloader *const d = downloader;
    d->download = download;
    d->received = 0;
    d->too_long = false;
    d->write_status = CCRNN_OK;
    d->err = err;
    CCRNN_TRY(cli_sha256_create(&d->sha, err));
    enum ccrnn_status status = ccrnn_file_writer_open(download->path, &d->writer, err);
    if (status == CCRNN_OK) {
        status = transfer(d, err);
        if (status == CCRNN_OK)
            status = ccrnn_file_writer_commit(d->writer, err);
        else
            ccrnn_file_writer_abandon(d->writer);
    }
    cli_sha256_destroy(d->sha);
    return status;
}
