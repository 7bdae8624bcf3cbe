/* Options as they are written in a study file and on the command line. */
#define _GNU_SOURCE
#include "study/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

static enum ccrnn_status fail_memory(const struct ccrnn_yaml *yaml, struct ccrnn_error *err)
{
    return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
}

static enum ccrnn_status fail_kind(struct ccrnn_yaml *yaml, const struct ccrnn_option *option,
                                   const yaml_node_t *value, struct ccrnn_error *err)
{
    char range[200], found[96];
    ccrnn_option_range(option, range, sizeof range);
    const char *remedy = "write one value after the colon";
    if (value->type == YAML_SEQUENCE_NODE)
        remedy = "to compare several values, list them under sweep:";
    else if (value->type == YAML_SCALAR_NODE && !ccrnn_yaml_is_null(value))
        remedy = "leave out the quotes";
    return ccrnn_yaml_fail(yaml, value, err, CCRNN_USAGE, "%s: expected %s, found %s; %s",
                           option->key, range, ccrnn_yaml_describe(value, found), remedy);
}

/* The text of a list's items, "10,50"; checks each item to be a bare word. */
static enum ccrnn_status join_list(struct ccrnn_yaml *yaml, const struct ccrnn_option *option,
                                   yaml_node_t *list, char **text, struct ccrnn_error *err)
{
    char found[96];
    size_t size = 1;
    for (size_t i = 0; i < ccrnn_yaml_length(list); i++) {
        yaml_node_t *const item = ccrnn_yaml_item(yaml, list, i);
        uint64_t value;
        if (option->type == CCRNN_OPTION_WORDS && ccrnn_yaml_text(item) == NULL)
            return fail_kind(yaml, option, item, err);
        if (option->type == CCRNN_OPTION_INTEGERS &&
            (!ccrnn_yaml_is_plain(item) || !ccrnn_parse_unsigned(ccrnn_yaml_text(item), &value)))
            return ccrnn_yaml_fail(yaml, item, err, CCRNN_USAGE,
                                   "%s: expected integers, found %s; write digits only, such as "
                                   "[10, 50]",
                                   option->key, ccrnn_yaml_describe(item, found));
        size += strlen(ccrnn_yaml_text(item)) + 1;
    }
    char *const joined = malloc(size);
    if (joined == NULL)
        return fail_memory(yaml, err);
    size_t used = 0;
    for (size_t i = 0; i < ccrnn_yaml_length(list); i++)
        used += (size_t)ccrnn_format(joined + used, size - used, "%s%s", i == 0 ? "" : ",",
                                     ccrnn_yaml_text(ccrnn_yaml_item(yaml, list, i)));
    joined[used] = '\0';
    *text = joined;
    return CCRNN_OK;
}

static bool is_number(const struct ccrnn_option *option)
{
    return option->type == CCRNN_OPTION_INTEGER || option->type == CCRNN_OPTION_REAL;
}

/* A path in the file starts at the file's directory. */
static char *path_from_file(const struct ccrnn_yaml *yaml, const char *path)
{
    const char *const slash = strrchr(yaml->filename, '/');
    if (path[0] == '/' || path[0] == '\0' || slash == NULL)
        return strdup(path);
    const size_t directory = (size_t)(slash - yaml->filename) + 1;
    char *const joined = malloc(directory + strlen(path) + 1);
    if (joined != NULL) {
        memcpy(joined, yaml->filename, directory);
        memcpy(joined + directory, path, strlen(path) + 1);
    }
    return joined;
}

/* Text of a value node, of the kind that the option asks for; owned by the caller. */
static enum ccrnn_status value_text(struct ccrnn_yaml *yaml, const struct ccrnn_option *option,
                                    yaml_node_t *value, char **text, struct ccrnn_error *err)
{
    const bool list = option->type == CCRNN_OPTION_INTEGERS || option->type == CCRNN_OPTION_WORDS;
    if (list && value->type == YAML_SEQUENCE_NODE)
        return join_list(yaml, option, value, text, err);
    const char *const scalar = ccrnn_yaml_text(value);
    const bool quoted = scalar != NULL && !ccrnn_yaml_is_plain(value);
    const bool quoted_word = quoted && option->word != NULL && strcmp(scalar, option->word) == 0;
    if (scalar == NULL || ccrnn_yaml_is_null(value) ||
        (quoted && is_number(option) && !quoted_word))
        return fail_kind(yaml, option, value, err);
    const bool beside = option->type == CCRNN_OPTION_PATH && !option->of_data;
    *text = beside ? path_from_file(yaml, scalar) : strdup(scalar);
    return *text == NULL ? fail_memory(yaml, err) : CCRNN_OK;
}

/* Check item->text against the option's range; read the file of first weights. */
static enum ccrnn_status check_value(struct ccrnn_assignment *item, struct ccrnn_error *err)
{
    struct ccrnn_run_config scratch;
    memset(&scratch, 0, sizeof scratch);
    CCRNN_TRY(ccrnn_option_parse(item->option, item->text, &scratch, err));
    if (item->option->type == CCRNN_OPTION_PATH && !item->option->of_data) {
        CCRNN_TRY(ccrnn_run_config_fingerprint(&scratch, err));
        memcpy(item->fingerprint, scratch.init_from_hash, sizeof item->fingerprint);
    }
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_assignments_add(struct ccrnn_yaml *yaml,
                                        const struct ccrnn_option *option, const yaml_node_t *key,
                                        yaml_node_t *value, struct ccrnn_assignments *list,
                                        struct ccrnn_error *err)
{
    struct ccrnn_assignment *const item = &list->items[list->count];
    item->option = option;
    item->key = key;
    item->written = ccrnn_yaml_text(value) == NULL ? "" : ccrnn_yaml_text(value);
    CCRNN_TRY(value_text(yaml, option, value, &item->text, err));
    list->count++;
    const enum ccrnn_status status = check_value(item, err);
    return status == CCRNN_OK ? CCRNN_OK : ccrnn_yaml_within(yaml, value, err, status);
}

enum ccrnn_status ccrnn_assignments_add_made(struct ccrnn_yaml *yaml,
                                             const struct ccrnn_option *option,
                                             const yaml_node_t *key, const yaml_node_t *node,
                                             const char *text, struct ccrnn_assignments *list,
                                             struct ccrnn_error *err)
{
    struct ccrnn_assignment *const item = &list->items[list->count];
    *item = (struct ccrnn_assignment){.option = option, .key = key, .text = strdup(text)};
    if (item->text == NULL)
        return fail_memory(yaml, err);
    item->written = item->text;
    list->count++;
    const enum ccrnn_status status = check_value(item, err);
    return status == CCRNN_OK ? CCRNN_OK : ccrnn_yaml_within(yaml, node, err, status);
}

enum ccrnn_status ccrnn_assignments_option(struct ccrnn_yaml *yaml, const yaml_node_t *key,
                                           const char *const *words,
                                           const struct ccrnn_option **option,
                                           struct ccrnn_error *err)
{
    const char *const name = ccrnn_yaml_text(key);
    *option = ccrnn_option_find(name);
    if (*option == NULL) {
        (void)ccrnn_option_unknown(name, words, err);
        return ccrnn_yaml_within(yaml, key, err, CCRNN_USAGE);
    }
    if ((*option)->derived)
        return ccrnn_yaml_fail(yaml, key, err, CCRNN_USAGE,
                               "%s is computed by the program; remove it", name);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_assignments_read(struct ccrnn_yaml *yaml, const char *what,
                                         yaml_node_t *node, struct ccrnn_assignments *list,
                                         struct ccrnn_error *err)
{
    char found[96];
    if (ccrnn_yaml_is_null(node))
        return CCRNN_OK;
    if (node->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(
            yaml, node, err, CCRNN_USAGE,
            "%s: expected options as `key: value`, found %s; indent them below", what,
            ccrnn_yaml_describe(node, found));
    list->items = calloc(ccrnn_yaml_length(node) + 1, sizeof list->items[0]);
    if (list->items == NULL)
        return fail_memory(yaml, err);
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        const struct ccrnn_option *option;
        yaml_node_t *key, *value;
        (void)ccrnn_yaml_pair(yaml, node, i, &key, &value);
        CCRNN_TRY(ccrnn_assignments_option(yaml, key, NULL, &option, err));
        CCRNN_TRY(ccrnn_assignments_add(yaml, option, key, value, list, err));
    }
    return CCRNN_OK;
}

/* --- the command line -------------------------------------------------------------------- */

/* Of two values for one key one would be lost without a word. */
static enum ccrnn_status check_once(const struct ccrnn_assignments *list,
                                    const struct ccrnn_option *option, const char *value,
                                    struct ccrnn_error *err)
{
    char before[CCRNN_SHOWN_SIZE], shown[CCRNN_SHOWN_SIZE];
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].option == option)
            return ccrnn_fail(err, CCRNN_USAGE,
                              "%s is given twice, as '%s' and as '%s'; leave one of them out, or "
                              "list both values under sweep: to compare them",
                              option->key, ccrnn_option_show(list->items[i].text, before),
                              ccrnn_option_show(value, shown));
    return CCRNN_OK;
}

static enum ccrnn_status add_set(const struct ccrnn_yaml *yaml, const char *set,
                                 struct ccrnn_assignments *list, struct ccrnn_error *err)
{
    char key[CCRNN_SHOWN_SIZE], shown[CCRNN_SHOWN_SIZE];
    const char *const equals = strchr(set, '=');
    if (equals == NULL || equals == set)
        return ccrnn_fail(err, CCRNN_USAGE,
                          "expected key=value, found '%s'; write --set epochs=50",
                          ccrnn_option_show(set, shown));
    ccrnn_format(key, sizeof key, "%.*s", (int)(equals - set < 60 ? equals - set : 60), set);
    const struct ccrnn_option *const option = ccrnn_option_find(key);
    if (option == NULL)
        return ccrnn_option_unknown(key, NULL, err);
    if (option->derived)
        return ccrnn_fail(err, CCRNN_USAGE, "%s is computed by the program; leave it out", key);
    CCRNN_TRY(check_once(list, option, equals + 1, err));
    struct ccrnn_assignment *const item = &list->items[list->count++];
    item->option = option;
    item->written = equals + 1;
    item->text = strdup(equals + 1);
    return item->text == NULL ? fail_memory(yaml, err) : check_value(item, err);
}

enum ccrnn_status ccrnn_assignments_set(const struct ccrnn_yaml *yaml, const char *const *set,
                                        size_t set_count, struct ccrnn_assignments *list,
                                        struct ccrnn_error *err)
{
    list->items = calloc(set_count + 1, sizeof list->items[0]);
    if (list->items == NULL)
        return fail_memory(yaml, err);
    for (size_t i = 0; i < set_count; i++) {
        const enum ccrnn_status status = add_set(yaml, set[i], list, err);
        if (status != CCRNN_OK)
            return ccrnn_fail_within(err, status, "--set");
    }
    return CCRNN_OK;
}

/* --- comparing, copying ------------------------------------------------------------------ */

enum ccrnn_status ccrnn_assignments_copy(const struct ccrnn_yaml *yaml,
                                         const struct ccrnn_assignment *value,
                                         struct ccrnn_assignments *list, struct ccrnn_error *err)
{
    struct ccrnn_assignment *const item = &list->items[list->count];
    *item = *value;
    item->text = strdup(value->text);
    if (item->text == NULL)
        return fail_memory(yaml, err);
    if (value->written == value->text)
        item->written = item->text;
    list->count++;
    return CCRNN_OK;
}

/* The one text of a value, however it was written. */
static void value_shown(const struct ccrnn_assignment *item, char *text, size_t size)
{
    struct ccrnn_run_config scratch;
    memset(&scratch, 0, sizeof scratch);
    (void)ccrnn_option_parse(item->option, item->text, &scratch, NULL);
    ccrnn_run_config_get(&scratch, item->option, text, size);
}

bool ccrnn_assignment_same(const struct ccrnn_assignment *a, const struct ccrnn_assignment *b)
{
    char of_a[CCRNN_CONFIG_PATH_MAX], of_b[CCRNN_CONFIG_PATH_MAX];
    value_shown(a, of_a, sizeof of_a);
    value_shown(b, of_b, sizeof of_b);
    return strcmp(of_a, of_b) == 0;
}

struct shown {
    char *text;
    size_t index;
};

static int by_text_then_index(const void *a, const void *b)
{
    const struct shown *const x = a, *const y = b;
    const int order = strcmp(x->text, y->text);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

bool ccrnn_assignments_classes(const struct ccrnn_assignments *list, size_t *classes)
{
    struct shown *const shown = calloc(list->count + 1, sizeof *shown);
    bool good = shown != NULL;
    for (size_t i = 0; good && i < list->count; i++) {
        char text[CCRNN_CONFIG_PATH_MAX];
        value_shown(&list->items[i], text, sizeof text);
        shown[i] = (struct shown){strdup(text), i};
        good = shown[i].text != NULL;
    }
    if (good)
        qsort(shown, list->count, sizeof *shown, by_text_then_index);
    for (size_t i = 0; good && i < list->count; i++) {
        const bool again = i > 0 && strcmp(shown[i].text, shown[i - 1].text) == 0;
        classes[shown[i].index] = again ? classes[shown[i - 1].index] : shown[i].index;
    }
    for (size_t i = 0; shown != NULL && i < list->count; i++)
        free(shown[i].text);
    free(shown);
    return good;
}

void ccrnn_assignments_clear(struct ccrnn_assignments *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    free(list->items);
    *list = (struct ccrnn_assignments){0};
}
