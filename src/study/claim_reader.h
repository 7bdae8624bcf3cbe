/** @file
 * One claim of a study file while it is read (claims.c, claim_sides.c).
 */
#ifndef CCRNN_STUDY_CLAIM_READER_H
#define CCRNN_STUDY_CLAIM_READER_H

#include "study/study.h"
#include "study/yaml.h"

/** The keys of a claim. */
enum ccrnn_claim_key {
    CCRNN_KEY_NAME,
    CCRNN_KEY_PAPER,
    CCRNN_KEY_MEASURE,
    CCRNN_KEY_OF,
    CCRNN_KEY_CRITERION,
    CCRNN_KEY_SPLIT,
    CCRNN_KEY_OVER,
    CCRNN_KEY_ARM,
    CCRNN_KEY_ARMS,
    CCRNN_KEY_REFERENCE,
    CCRNN_KEY_REFERENCES,
    CCRNN_KEY_THAN,
    CCRNN_KEY_THAN_MEASURE,
    CCRNN_KEY_THAN_OVER,
    CCRNN_KEY_THAN_REFERENCE,
    CCRNN_KEY_VALUE,
    CCRNN_KEY_SEM,
    CCRNN_KEY_N,
    CCRNN_KEY_WITHIN,
    CCRNN_KEY_DIRECTION,
    CCRNN_KEY_P,
    CCRNN_KEY_DZ,
    CCRNN_KEY_COUNT
};

/** Their names; ends with NULL. */
extern const char *const ccrnn_claim_keys[];

struct ccrnn_claim_reader {
    struct ccrnn_yaml *yaml;
    const struct ccrnn_study *study;
    bool changed; /**< the study is not as its file has it (claims.h) */
    struct ccrnn_claim *claim;
    yaml_node_t *self;                   /**< the claim's mapping */
    yaml_node_t *value[CCRNN_KEY_COUNT]; /**< NULL: not written */
    struct ccrnn_error *err;
};

enum ccrnn_status ccrnn_claim_fail_memory(const struct ccrnn_claim_reader *r);
/** "file:line:column: claims: message", of the claim as a whole. */
enum ccrnn_status ccrnn_claim_fail(const struct ccrnn_claim_reader *r, const char *message);
/** Refuse a word that is not in the list `words` (ends with NULL), with the nearest. */
enum ccrnn_status ccrnn_claim_fail_word(const struct ccrnn_claim_reader *r, const char *key,
                                        yaml_node_t *node, const char *what,
                                        const char *const *words);

/** The text of a node, owned by the document. @return CCRNN_USAGE: none, or too long */
enum ccrnn_status ccrnn_claim_text(const struct ccrnn_claim_reader *r, const char *key,
                                   yaml_node_t *node, const char **text);

/** Read measure, arms, windows and references into claim->side, and hold them against the study. The
 * claim's other members are read already. @return CCRNN_USAGE, CCRNN_MEMORY */
/** Why a run of this configuration never writes `metric` (of a known measure, not a derived one) in these epochs;
 * NULL: it does. */
const char *ccrnn_claim_unmeasured(const struct ccrnn_run_config *config,
                                   enum ccrnn_claim_split split, const char *metric,
                                   const struct ccrnn_claim_window *over);

enum ccrnn_status ccrnn_claim_read_sides(const struct ccrnn_claim_reader *r);

#endif
