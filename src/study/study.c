/* Reading a study file: its keys, and the assignments under base and arms. */
#define _GNU_SOURCE
#include "study/study.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "study/axes.h"
#include "study/claims.h"
#include "study/grid.h"
#include "study/quick.h"
#include "study/seeds.h"

#define WRITTEN_NAME_MAX 100
#define DESCRIPTION_MAX 4000
#define DEFAULT_SEEDS "1"

/* All that reading one study needs. */
struct reader {
    struct ccrnn_yaml yaml;
    struct ccrnn_grid grid;
    struct ccrnn_quick quick;
    struct ccrnn_study *study;
    struct ccrnn_seed_list seeds;
};

static enum ccrnn_status fail_memory(const struct reader *reader, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", reader->yaml.filename);
}

/* --- names, seeds ------------------------------------------------------------------------ */

static enum ccrnn_status check_name(struct reader *reader, const char *what,
                                    const yaml_node_t *node, struct ccrnn_error *err)
{
    char found[96];
    const char *const name = ccrnn_yaml_text(node);
    bool good = name != NULL && name[0] != '\0' && strlen(name) <= WRITTEN_NAME_MAX &&
                ccrnn_name_char(name[0]) && strchr(" .-=+", name[0]) == NULL &&
                name[strlen(name) - 1] != ' ';
    for (const char *p = name; good && *p != '\0'; p++)
        good = ccrnn_name_char(*p);
    if (good)
        return CCRNN_OK;
    return ccrnn_yaml_fail(
        &reader->yaml, node, err, CCRNN_USAGE,
        "%s: expected a name of at most %d letters, digits, spaces and . _ - = "
        "+, beginning with a letter, digit or _ (it names a directory), found "
        "%s; rename it",
        what, WRITTEN_NAME_MAX, ccrnn_yaml_describe(node, found));
}

/* "studies/linedraw.yaml" gives "linedraw". */
static char *name_of_file(const char *filename)
{
    const char *const slash = strrchr(filename, '/');
    char *const name = strdup(slash == NULL ? filename : slash + 1);
    if (name == NULL)
        return NULL;
    char *const dot = strrchr(name, '.');
    if (dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0))
        *dot = '\0';
    if (strlen(name) > WRITTEN_NAME_MAX)
        name[WRITTEN_NAME_MAX] = '\0';
    for (char *p = name; *p != '\0'; p++)
        if (!ccrnn_name_char(*p) || *p == ' ' || (p == name && strchr(".-=+", *p) != NULL))
            *p = '_';
    if (name[0] != '\0')
        return name;
    free(name);
    return strdup("study");
}

static enum ccrnn_status read_name(struct reader *reader, yaml_node_t *node,
                                   struct ccrnn_error *err)
{
    if (node != NULL)
        CCRNN_TRY(check_name(reader, "study", node, err));
    reader->study->name =
        node == NULL ? name_of_file(reader->yaml.filename) : strdup(ccrnn_yaml_text(node));
    return reader->study->name == NULL ? fail_memory(reader, err) : CCRNN_OK;
}

static enum ccrnn_status read_description(struct reader *reader, yaml_node_t *node,
                                          struct ccrnn_error *err)
{
    char found[96];
    const char *text = "";
    if (node != NULL && !ccrnn_yaml_is_null(node))
        text = ccrnn_yaml_text(node);
    if (text == NULL)
        return ccrnn_yaml_fail(&reader->yaml, node, err, CCRNN_USAGE,
                               "description: expected a text, found %s; put it into quotes",
                               ccrnn_yaml_describe(node, found));
    if (strlen(text) > DESCRIPTION_MAX)
        return ccrnn_yaml_fail(&reader->yaml, node, err, CCRNN_USAGE,
                               "description: expected at most %d bytes, found %zu; shorten it",
                               DESCRIPTION_MAX, strlen(text));
    reader->study->description = strdup(text);
    return reader->study->description == NULL ? fail_memory(reader, err) : CCRNN_OK;
}

static enum ccrnn_status add_seed_node(struct reader *reader, const yaml_node_t *node,
                                       struct ccrnn_error *err)
{
    char found[96];
    if (!ccrnn_yaml_is_plain(node) || ccrnn_yaml_is_null(node))
        return ccrnn_yaml_fail(&reader->yaml, node, err, CCRNN_USAGE,
                               "seeds: expected integers, found %s; write 1..10 or [1, 2, 5]",
                               ccrnn_yaml_describe(node, found));
    const enum ccrnn_status status = ccrnn_seeds_add(&reader->seeds, ccrnn_yaml_text(node), err);
    return status == CCRNN_OK ? CCRNN_OK : ccrnn_yaml_within(&reader->yaml, node, err, status);
}

static enum ccrnn_status read_seeds(struct reader *reader, yaml_node_t *node,
                                    struct ccrnn_error *err)
{
    if (node == NULL)
        return ccrnn_seeds_add(&reader->seeds, DEFAULT_SEEDS, err);
    if (node->type != YAML_SEQUENCE_NODE)
        CCRNN_TRY(add_seed_node(reader, node, err));
    else
        for (size_t i = 0; i < ccrnn_yaml_length(node); i++)
            CCRNN_TRY(add_seed_node(reader, ccrnn_yaml_item(&reader->yaml, node, i), err));
    const enum ccrnn_status status = ccrnn_seeds_check(&reader->seeds, err);
    return status == CCRNN_OK ? CCRNN_OK : ccrnn_yaml_within(&reader->yaml, node, err, status);
}

/* --- arms -------------------------------------------------------------------------------- */

static enum ccrnn_status read_arms(struct reader *reader, yaml_node_t *node,
                                   struct ccrnn_error *err)
{
    char found[96];
    struct ccrnn_grid *const grid = &reader->grid;
    const size_t count = node == NULL ? 1 : ccrnn_yaml_length(node);
    if (node != NULL && (node->type != YAML_MAPPING_NODE || count == 0))
        return ccrnn_yaml_fail(
            &reader->yaml, node, err, CCRNN_USAGE,
            "arms: expected at least one `name: {options}`, found %s; leave "
            "arms: out for a single arm",
            node->type == YAML_MAPPING_NODE ? "none" : ccrnn_yaml_describe(node, found));
    if (count > CCRNN_STUDY_ARMS_MAX)
        return ccrnn_yaml_fail(&reader->yaml, node, err, CCRNN_USAGE,
                               "arms: expected at most %d, found %zu; split the study",
                               CCRNN_STUDY_ARMS_MAX, count);
    grid->arms = calloc(count, sizeof grid->arms[0]);
    if (grid->arms == NULL)
        return fail_memory(reader, err);
    if (node == NULL) {
        grid->arms[0] =
            (struct ccrnn_written_arm){.name = "default", .key = ccrnn_yaml_root(&reader->yaml)};
        grid->arm_count = 1;
        return CCRNN_OK;
    }
    for (size_t i = 0; i < count; i++) {
        struct ccrnn_written_arm *const arm = &grid->arms[grid->arm_count++];
        yaml_node_t *key, *value;
        arm->name = ccrnn_yaml_pair(&reader->yaml, node, i, &key, &value);
        arm->key = key;
        CCRNN_TRY(check_name(reader, "arms", key, err));
        CCRNN_TRY(ccrnn_assignments_read(&reader->yaml, arm->name, value, &arm->overrides, err));
    }
    return CCRNN_OK;
}

/* --- the file ---------------------------------------------------------------------------- */

static enum ccrnn_status check_keys(struct reader *reader, struct ccrnn_error *err)
{
    static const char *const known[] = {"study",  "description", "seeds", "base",
                                        "arms",   "sweep",       "zip",   "random",
                                        "claims", "quick",       NULL};
    yaml_node_t *const root = ccrnn_yaml_root(&reader->yaml);
    for (size_t i = 0; i < ccrnn_yaml_length(root); i++) {
        yaml_node_t *key, *value;
        const char *const name = ccrnn_yaml_pair(&reader->yaml, root, i, &key, &value);
        size_t k = 0;
        while (known[k] != NULL && strcmp(known[k], name) != 0)
            k++;
        if (known[k] != NULL)
            continue;
        if (ccrnn_option_find(name) != NULL)
            return ccrnn_yaml_fail(
                &reader->yaml, key, err, CCRNN_USAGE,
                "the option %s does not belong at the top; put it under base:", name);
        (void)ccrnn_option_unknown(name, known, err);
        return ccrnn_yaml_within(&reader->yaml, key, err, CCRNN_USAGE);
    }
    return CCRNN_OK;
}

static enum ccrnn_status read_set(struct reader *reader,
                                  const struct ccrnn_study_overrides *overrides,
                                  struct ccrnn_error *err)
{
    if (overrides == NULL)
        return CCRNN_OK;
    return ccrnn_assignments_set(&reader->yaml, overrides->set, overrides->set_count,
                                 &reader->grid.set, err);
}

static enum ccrnn_status replace_seeds(struct reader *reader,
                                       const struct ccrnn_study_overrides *overrides,
                                       struct ccrnn_error *err)
{
    if (overrides == NULL || overrides->seeds == NULL)
        return CCRNN_OK;
    reader->seeds.count = 0;
    reader->study->seeds_given = true;
    enum ccrnn_status status = ccrnn_seeds_add(&reader->seeds, overrides->seeds, err);
    if (status == CCRNN_OK)
        status = ccrnn_seeds_check(&reader->seeds, err);
    return status == CCRNN_OK ? CCRNN_OK : ccrnn_fail_within(err, status, "--seeds");
}

/* `quick:` is held against the study in any case, and used if it is asked for. */
static enum ccrnn_status read_quick(struct reader *reader, yaml_node_t *node, bool wanted,
                                    struct ccrnn_error *err)
{
    struct ccrnn_quick *const quick = &reader->quick;
    CCRNN_TRY(ccrnn_quick_read(&reader->yaml, node, &reader->grid, quick, err));
    if (quick->seeds != NULL) {
        struct ccrnn_seed_list own = reader->seeds;
        reader->seeds = (struct ccrnn_seed_list){0};
        const enum ccrnn_status status = read_seeds(reader, quick->seeds, err);
        if (wanted) {
            free(own.values);
            own = reader->seeds;
        } else {
            free(reader->seeds.values);
        }
        reader->seeds = own;
        CCRNN_TRY(status);
    }
    if (!wanted)
        return CCRNN_OK;
    if (quick->self == NULL)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s has no quick: section, so that a quick look is not defined; write "
                          "one, such as quick: {seeds: 1..3, epochs: 20}",
                          reader->yaml.filename);
    reader->study->quick = ccrnn_quick_describe(&reader->yaml, quick);
    if (reader->study->quick == NULL)
        return fail_memory(reader, err);
    return ccrnn_quick_apply(quick, &reader->yaml, &reader->grid, err);
}

static enum ccrnn_status check_runs(const struct reader *reader, struct ccrnn_error *err)
{
    const size_t runs = reader->study->arm_count * reader->seeds.count;
    if (runs > CCRNN_STUDY_RUNS_MAX)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "%s: %zu arms of %zu seeds are %zu runs, more than %d; split the study",
                          reader->yaml.filename, reader->study->arm_count, reader->seeds.count,
                          runs, CCRNN_STUDY_RUNS_MAX);
    return CCRNN_OK;
}

static enum ccrnn_status read_study(struct reader *reader,
                                    const struct ccrnn_study_overrides *overrides,
                                    struct ccrnn_error *err)
{
    struct ccrnn_yaml *const yaml = &reader->yaml;
    yaml_node_t *const root = ccrnn_yaml_root(yaml), *const base =
                                                         ccrnn_yaml_get(yaml, root, "base");
    reader->grid.yaml = yaml;
    CCRNN_TRY(check_keys(reader, err));
    CCRNN_TRY(read_name(reader, ccrnn_yaml_get(yaml, root, "study"), err));
    CCRNN_TRY(read_description(reader, ccrnn_yaml_get(yaml, root, "description"), err));
    CCRNN_TRY(read_seeds(reader, ccrnn_yaml_get(yaml, root, "seeds"), err));
    if (base != NULL)
        CCRNN_TRY(ccrnn_assignments_read(yaml, "base", base, &reader->grid.base, err));
    CCRNN_TRY(read_arms(reader, ccrnn_yaml_get(yaml, root, "arms"), err));
    CCRNN_TRY(ccrnn_axes_read(yaml, &reader->grid, err));
    CCRNN_TRY(read_set(reader, overrides, err));
    CCRNN_TRY(read_quick(reader, ccrnn_yaml_get(yaml, root, "quick"),
                         overrides != NULL && overrides->quick, err));
    CCRNN_TRY(replace_seeds(reader, overrides, err));
    CCRNN_TRY(ccrnn_axes_narrow(yaml, &reader->grid, err));
    reader->study->arms_given = reader->grid.narrowed && reader->study->quick == NULL;
    CCRNN_TRY(ccrnn_grid_expand(&reader->grid, reader->study, err));
    CCRNN_TRY(ccrnn_claims_read(yaml, ccrnn_yaml_get(yaml, root, "claims"),
                                reader->grid.set.count > 0 || reader->study->quick != NULL,
                                reader->study, err));
    return check_runs(reader, err);
}

enum ccrnn_status ccrnn_study_parse(const char *bytes, size_t size, const char *filename,
                                    const struct ccrnn_study_overrides *overrides,
                                    struct ccrnn_study **study, struct ccrnn_error *err)
{
    struct reader reader = {0};
    *study = NULL;
    if (size > CCRNN_STUDY_FILE_MAX)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: expected at most %d bytes, found %zu; is this a study file?",
                          filename, CCRNN_STUDY_FILE_MAX, size);
    CCRNN_TRY(ccrnn_yaml_open(&reader.yaml, bytes, size, filename, err));
    reader.study = calloc(1, sizeof *reader.study);
    enum ccrnn_status status =
        reader.study == NULL ? fail_memory(&reader, err) : read_study(&reader, overrides, err);
    ccrnn_grid_clear(&reader.grid);
    ccrnn_quick_clear(&reader.quick);
    ccrnn_yaml_close(&reader.yaml);
    if (status != CCRNN_OK) {
        free(reader.seeds.values);
        ccrnn_study_destroy(reader.study);
        return status;
    }
    reader.study->seeds = reader.seeds.values;
    reader.study->seed_count = reader.seeds.count;
    *study = reader.study;
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_study_load(const char *path,
                                   const struct ccrnn_study_overrides *overrides,
                                   struct ccrnn_study **study, struct ccrnn_error *err)
{
    uint8_t *bytes;
    size_t size;
    *study = NULL;
    CCRNN_TRY(ccrnn_file_read(path, CCRNN_STUDY_FILE_MAX, &bytes, &size, err));
    const enum ccrnn_status status =
        ccrnn_study_parse((const char *)bytes, size, path, overrides, study, err);
    free(bytes);
    return status;
}

void ccrnn_study_destroy(struct ccrnn_study *study)
{
    if (study == NULL)
        return;
    free(study->name);
    free(study->description);
    free(study->quick);
    free(study->arms);
    free(study->seeds);
    free(study->scales);
    for (size_t i = 0; i < study->claim_count; i++)
        ccrnn_claim_clear(&study->claims[i]);
    free(study->claims);
    free(study);
}
