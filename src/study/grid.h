/** @file
 * What a study file says, before it becomes arms: base, arms and --set as lists of assignments; sweep, zip
 * and random as axes; and their expansion.
 */
#ifndef CCRNN_STUDY_GRID_H
#define CCRNN_STUDY_GRID_H

#include "study/study.h"
#include "study/yaml.h"

/** `option: text`, already known to be of the option's type and range. */
struct ccrnn_assignment {
    const struct ccrnn_option *option;
    const yaml_node_t *key; /**< where it is written; NULL: on the command line */
    const char *written;    /**< the text as written (owned by the document or command line) */
    char *text;             /**< as ccrnn_option_parse() reads it; owned */
    char fingerprint[17];   /**< init_from: of the file's content */
    bool effective;         /**< has an effect in at least one expanded arm */
};

/** A list of assignments; start with {0}. */
struct ccrnn_assignments {
    struct ccrnn_assignment *items; /**< owned */
    size_t count;
};

/** One option of an axis. */
struct ccrnn_column {
    const struct ccrnn_option *option;
    const yaml_node_t *key;
    struct ccrnn_assignments values; /**< one a place */
    bool effective;                  /**< in at least one expanded arm */
    bool ranged, log;                /**< the values are of a range; and of one with scale: log */
};

/** Where an axis is written. */
enum ccrnn_axis_kind { CCRNN_AXIS_SWEEP, CCRNN_AXIS_ZIP, CCRNN_AXIS_RANDOM };

/** Options that take their values together: a key of `sweep:`, a group of `zip:`, the draws of `random:`. Axes are
 * crossed with each other and with the arms. */
struct ccrnn_axis {
    enum ccrnn_axis_kind kind;
    const yaml_node_t *node;      /**< for messages */
    size_t places;                /**< ≥ 1 */
    struct ccrnn_column *columns; /**< owned */
    size_t column_count;          /**< ≥ 1; SWEEP: 1 */
};

/** One arm as written. */
struct ccrnn_written_arm {
    const char *name; /**< owned by the document, or static */
    const yaml_node_t *key;
    struct ccrnn_assignments overrides;
};

/** Everything that expansion needs; start with {0}. */
struct ccrnn_grid {
    const struct ccrnn_yaml *yaml;      /**< for messages */
    struct ccrnn_assignments base, set; /**< set: of --set, and of `quick:` where it is used */
    struct ccrnn_written_arm *arms;     /**< owned */
    size_t arm_count;
    struct ccrnn_axis *axes; /**< owned; the first varies slowest */
    size_t axis_count;
    bool narrowed; /**< `set` has a key of an axis */
};

/** The option that a key node names.
 * @param[in] words more keys known at this place, for the suggestion; ends with NULL; may be NULL
 * @return CCRNN_USAGE: unknown (with a suggestion), or computed by the program */
enum ccrnn_status ccrnn_assignments_option(struct ccrnn_yaml *yaml, const yaml_node_t *key,
                                           const char *const *words,
                                           const struct ccrnn_option **option,
                                           struct ccrnn_error *err);

/** Read `value` for `option` into the next item of a list that has room for it; check type and
 * range. Where a path names a file, the file is read for its fingerprint.
 * @return CCRNN_USAGE, CCRNN_IO, CCRNN_MEMORY; file:line:column in front */
enum ccrnn_status ccrnn_assignments_add(struct ccrnn_yaml *yaml,
                                        const struct ccrnn_option *option, const yaml_node_t *key,
                                        yaml_node_t *value, struct ccrnn_assignments *list,
                                        struct ccrnn_error *err);

/** The same for a value that the program made: `text`. @param node the value's place, for messages */
enum ccrnn_status ccrnn_assignments_add_made(struct ccrnn_yaml *yaml,
                                             const struct ccrnn_option *option,
                                             const yaml_node_t *key, const yaml_node_t *node,
                                             const char *text, struct ccrnn_assignments *list,
                                             struct ccrnn_error *err);

/** Copy an assignment to the end of a list that has room for it. @return CCRNN_MEMORY */
enum ccrnn_status ccrnn_assignments_copy(const struct ccrnn_yaml *yaml,
                                         const struct ccrnn_assignment *value,
                                         struct ccrnn_assignments *list, struct ccrnn_error *err);

/** Whether two assignments of an option say the same: 0.1 and 1e-1 do. */
bool ccrnn_assignment_same(const struct ccrnn_assignment *a, const struct ccrnn_assignment *b);

/** Which values of one option's list are the same. @param[out] classes (count): the index of the first that says the same
 * @return false: no memory */
bool ccrnn_assignments_classes(const struct ccrnn_assignments *list, size_t *classes);

/** Read a mapping of options (base, or an arm; `what` is its name in messages) into an empty
 * list. Null is an empty mapping. @return as ccrnn_assignments_add() */
enum ccrnn_status ccrnn_assignments_read(struct ccrnn_yaml *yaml, const char *what,
                                         yaml_node_t *node, struct ccrnn_assignments *list,
                                         struct ccrnn_error *err);

/** Read "key=value" texts of the command line into an empty list, each key once.
 * @param[in] set (set_count), kept by pointer @return as ccrnn_assignments_add() */
enum ccrnn_status ccrnn_assignments_set(const struct ccrnn_yaml *yaml, const char *const *set,
                                        size_t set_count, struct ccrnn_assignments *list,
                                        struct ccrnn_error *err);

/** Free the content. */
void ccrnn_assignments_clear(struct ccrnn_assignments *list);

/** Cross arms with axes into study->arms and study->arm_count.
 * @return CCRNN_USAGE: too many arms, an option without effect, rules between options broken, two
 * arms of one name or directory; CCRNN_MEMORY. study->arms is the caller's to free in any case */
enum ccrnn_status ccrnn_grid_expand(struct ccrnn_grid *grid, struct ccrnn_study *study,
                                    struct ccrnn_error *err);

/** A character that names of studies and arms may have: letters, digits, space, . _ - = + */
bool ccrnn_name_char(char c);

/** "sweep", "zip" or "random". */
const char *ccrnn_axis_name(const struct ccrnn_axis *axis);

/** Free the content; not the document. */
void ccrnn_axis_clear(struct ccrnn_axis *axis);
void ccrnn_grid_clear(struct ccrnn_grid *grid);

#endif
