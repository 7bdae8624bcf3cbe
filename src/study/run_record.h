/** @file
 * run.json: what a run is, how it stands, and where it was made.
 */
#ifndef CCRNN_STUDY_RUN_RECORD_H
#define CCRNN_STUDY_RUN_RECORD_H

#include "study/run.h"

/** 16 hexadecimal digits and a terminating zero. */
#define CCRNN_FINGERPRINT_SIZE 17

struct ccrnn_run_record {
    char hash[CCRNN_CONFIG_HASH_SIZE];
    char study[256], arm[256];
    uint64_t seed;
    enum ccrnn_run_status status;
    uint64_t epoch, epochs;
    bool stopped_early; /**< done before `epochs`, or with them: more epochs change nothing */
    uint64_t numerics;
    uint64_t sessions;   /**< that worked on it, this one included */
    uint64_t taken_over; /**< of these, begun where another one had not given the run back */
    uint64_t token;      /**< of the lease of the last session; 0: none (lease.h) */
    double seconds;      /**< spent in all sessions */
    char started[32];    /**< ISO 8601, UTC: of the first session */
    char kernels[64];    /**< kernel set */
    char images[CCRNN_FINGERPRINT_SIZE]; /**< of images read from files; "" without */
    char ranks[64];     /**< that trained it together, as in struct ccrnn_checkpoint; "" one */
    char message[1024]; /**< why not finite or failed; "" otherwise */
};

/** Now, as ISO 8601 in UTC. */
void ccrnn_run_record_now(char text[32]);

/** A string of JSON. Bytes that are no UTF-8 (a path on the command line may hold any) become '?'. NULL: no memory */
struct json_t;
struct json_t *ccrnn_run_record_text(const char *bytes);

/** Write run.json into the run's directory, atomically, with version, command, host and libraries. */
enum ccrnn_status ccrnn_run_record_write(const struct ccrnn_run *run,
                                         const struct ccrnn_run_record *record,
                                         struct ccrnn_error *err);

/** Read run.json of a directory. CCRNN_IO if there is none, CCRNN_FORMAT if it is damaged. */
enum ccrnn_status ccrnn_run_record_read(const char *directory, struct ccrnn_run_record *record,
                                        struct ccrnn_error *err);

/** The words of the command that was given for the last session of a run.
 * @param[out] words end with NULL; one block, freed with free(). NULL on failure
 * @param[out] where the working directory it was given in; "": not known
 * @return as ccrnn_run_record_read(); CCRNN_FORMAT as well: none is written there; CCRNN_MEMORY */
enum ccrnn_status ccrnn_run_record_command(const char *directory, char ***words,
                                           char where[CCRNN_PATH_MAX], struct ccrnn_error *err);

/** Nothing is left to do: as many epochs as asked for, ended early, or ended in NaN. */
bool ccrnn_run_record_is_complete(const struct ccrnn_run_record *record, uint64_t epochs);

#endif
