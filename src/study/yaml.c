#include "study/yaml.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "study/options.h"

/* No study needs more; a limit keeps the search for loops off the stack's end. */
#define DEPTH_MAX 64

/* --- messages ---------------------------------------------------------------------------- */

static enum ccrnn_status fail_at(const char *filename, yaml_mark_t mark, struct ccrnn_error *err,
                                 enum ccrnn_status status, const char *message)
{
    return ccrnn_fail(err, status, "%s:%zu:%zu: %s", filename, mark.line + 1, mark.column + 1,
                      message);
}

enum ccrnn_status ccrnn_yaml_fail(const struct ccrnn_yaml *yaml, const yaml_node_t *node,
                                  struct ccrnn_error *err, enum ccrnn_status status,
                                  const char *format, ...)
{
    char message[CCRNN_ERROR_MAX];
    va_list arguments;
    va_start(arguments, format);
    ccrnn_format_v(message, sizeof message, format, arguments);
    va_end(arguments);
    return fail_at(yaml->filename, node->start_mark, err, status, message);
}

enum ccrnn_status ccrnn_yaml_within(const struct ccrnn_yaml *yaml, const yaml_node_t *node,
                                    struct ccrnn_error *err, enum ccrnn_status status)
{
    if (err == NULL)
        return status;
    char inner[CCRNN_ERROR_MAX];
    memcpy(inner, err->message, sizeof inner);
    return fail_at(yaml->filename, node->start_mark, err, status, inner);
}

const char *ccrnn_yaml_describe(const yaml_node_t *node, char *text)
{
    char shown[CCRNN_SHOWN_SIZE];
    if (node->type == YAML_MAPPING_NODE)
        return "a mapping";
    if (node->type == YAML_SEQUENCE_NODE)
        return "a list";
    if (ccrnn_yaml_is_null(node))
        return "nothing";
    ccrnn_option_show(ccrnn_yaml_text(node), shown);
    ccrnn_format(text, 96, ccrnn_yaml_is_plain(node) ? "'%s'" : "the quoted text \"%s\"", shown);
    return text;
}

/* --- nodes ------------------------------------------------------------------------------- */

yaml_node_t *ccrnn_yaml_root(struct ccrnn_yaml *yaml)
{
    return yaml_document_get_root_node(&yaml->document);
}

size_t ccrnn_yaml_length(const yaml_node_t *node)
{
    if (node->type == YAML_MAPPING_NODE)
        return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    if (node->type == YAML_SEQUENCE_NODE)
        return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    return 0;
}

const char *ccrnn_yaml_pair(struct ccrnn_yaml *yaml, const yaml_node_t *mapping, size_t index,
                            yaml_node_t **key, yaml_node_t **value)
{
    const yaml_node_pair_t *const pair = &mapping->data.mapping.pairs.start[index];
    *key = yaml_document_get_node(&yaml->document, pair->key);
    *value = yaml_document_get_node(&yaml->document, pair->value);
    return ccrnn_yaml_text(*key);
}

yaml_node_t *ccrnn_yaml_item(struct ccrnn_yaml *yaml, const yaml_node_t *sequence, size_t index)
{
    return yaml_document_get_node(&yaml->document, sequence->data.sequence.items.start[index]);
}

yaml_node_t *ccrnn_yaml_get(struct ccrnn_yaml *yaml, const yaml_node_t *mapping, const char *key)
{
    yaml_node_t *key_node, *value;
    for (size_t i = 0; i < ccrnn_yaml_length(mapping); i++)
        if (strcmp(ccrnn_yaml_pair(yaml, mapping, i, &key_node, &value), key) == 0)
            return value;
    return NULL;
}

const char *ccrnn_yaml_text(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

bool ccrnn_yaml_is_plain(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool ccrnn_yaml_is_null(const yaml_node_t *node)
{
    if (!ccrnn_yaml_is_plain(node))
        return false;
    const char *const text = ccrnn_yaml_text(node);
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

/* --- checks of a whole document ---------------------------------------------------------- */

static enum ccrnn_status check_node(const struct ccrnn_yaml *yaml, const yaml_node_t *node,
                                    struct ccrnn_error *err)
{
    static const char *const standard[] = {YAML_STR_TAG, YAML_STR_TAG, YAML_SEQ_TAG,
                                           YAML_MAP_TAG};
    if (node->tag == NULL || strcmp((const char *)node->tag, standard[node->type]) != 0)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_FORMAT,
                               "tags such as '!!int' are not used here; write the bare value");
    if (node->type == YAML_SCALAR_NODE &&
        strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_FORMAT,
                               "the text contains a zero byte; remove it");
    return CCRNN_OK;
}

static int by_text_then_place(const void *a, const void *b)
{
    const yaml_node_t *const x = *(yaml_node_t *const *)a, *const y = *(yaml_node_t *const *)b;
    const int order = strcmp(ccrnn_yaml_text(x), ccrnn_yaml_text(y));
    if (order != 0)
        return order;
    return (x->start_mark.index > y->start_mark.index) -
           (x->start_mark.index < y->start_mark.index);
}

static enum ccrnn_status check_duplicates(const struct ccrnn_yaml *yaml, yaml_node_t **keys,
                                          size_t count, struct ccrnn_error *err)
{
    char shown[CCRNN_SHOWN_SIZE];
    qsort(keys, count, sizeof(void *), by_text_then_place);
    for (size_t i = 1; i < count; i++)
        if (strcmp(ccrnn_yaml_text(keys[i - 1]), ccrnn_yaml_text(keys[i])) == 0)
            return ccrnn_yaml_fail(yaml, keys[i], err, CCRNN_FORMAT,
                                   "'%s' is here twice, first in line %zu; keep one of them",
                                   ccrnn_option_show(ccrnn_yaml_text(keys[i]), shown),
                                   keys[i - 1]->start_mark.line + 1);
    return CCRNN_OK;
}

static enum ccrnn_status check_mapping(struct ccrnn_yaml *yaml, const yaml_node_t *mapping,
                                       struct ccrnn_error *err)
{
    const size_t count = ccrnn_yaml_length(mapping);
    if (count == 0)
        return CCRNN_OK;
    yaml_node_t **const keys = malloc(count * sizeof(void *));
    if (keys == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory for %zu keys of '%s'", count,
                          yaml->filename);
    enum ccrnn_status status = CCRNN_OK;
    for (size_t i = 0; i < count && status == CCRNN_OK; i++) {
        yaml_node_t *value;
        const char *const text = ccrnn_yaml_pair(yaml, mapping, i, &keys[i], &value);
        if (text == NULL)
            status = ccrnn_yaml_fail(yaml, keys[i], err, CCRNN_FORMAT,
                                     "a key has to be a word, not a list or mapping");
        else if (strcmp(text, "<<") == 0)
            status = ccrnn_yaml_fail(yaml, keys[i], err, CCRNN_FORMAT,
                                     "merge keys (<<) are not used here; put what arms share "
                                     "under base:");
    }
    if (status == CCRNN_OK)
        status = check_duplicates(yaml, keys, count, err);
    free(keys);
    return status;
}

enum mark { UNSEEN, ABOVE, DONE };

/* Depth first from `index`; ABOVE marks the nodes on the way down. */
static enum ccrnn_status check_loops(struct ccrnn_yaml *yaml, int index, size_t depth,
                                     unsigned char *marks, struct ccrnn_error *err)
{
    yaml_node_t *const node = yaml_document_get_node(&yaml->document, index);
    if (marks[index] == DONE)
        return CCRNN_OK;
    if (marks[index] == ABOVE)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_FORMAT,
                               "an alias loops: this node contains itself; write it out");
    if (depth > DEPTH_MAX)
        return ccrnn_yaml_fail(yaml, node, err, CCRNN_FORMAT,
                               "nested deeper than %d levels; a study has at most four",
                               DEPTH_MAX);
    marks[index] = ABOVE;
    for (size_t i = 0; i < ccrnn_yaml_length(node); i++) {
        const int child = node->type == YAML_MAPPING_NODE
                              ? node->data.mapping.pairs.start[i].value
                              : node->data.sequence.items.start[i];
        CCRNN_TRY(check_loops(yaml, child, depth + 1, marks, err));
    }
    marks[index] = DONE;
    return CCRNN_OK;
}

static enum ccrnn_status check_document(struct ccrnn_yaml *yaml, struct ccrnn_error *err)
{
    const size_t count =
        (size_t)(yaml->document.nodes.top - yaml->document.nodes.start); /* numbered from 1 */
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *const node = &yaml->document.nodes.start[i];
        CCRNN_TRY(check_node(yaml, node, err));
        if (node->type == YAML_MAPPING_NODE)
            CCRNN_TRY(check_mapping(yaml, node, err));
    }
    unsigned char *const marks = calloc(count + 1, 1);
    if (marks == NULL)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", yaml->filename);
    const enum ccrnn_status status = check_loops(yaml, 1, 0, marks, err);
    free(marks);
    CCRNN_TRY(status);
    yaml_node_t *const root = ccrnn_yaml_root(yaml);
    char found[96];
    if (root->type != YAML_MAPPING_NODE)
        return ccrnn_yaml_fail(yaml, root, err, CCRNN_FORMAT,
                               "expected `key: value` lines, found %s",
                               ccrnn_yaml_describe(root, found));
    return CCRNN_OK;
}

/* --- parsing ----------------------------------------------------------------------------- */

/* Line and column of a byte: the reader reports bad bytes by their offset alone. */
static yaml_mark_t place_of(const char *bytes, size_t size, size_t offset)
{
    yaml_mark_t mark = {.index = offset, .line = 0, .column = 0};
    for (size_t i = 0; i < offset && i < size; i++) {
        mark.column++;
        if (bytes[i] == '\n') {
            mark.line++;
            mark.column = 0;
        }
    }
    return mark;
}

/* Whether a tab stands among the blanks at the start of line `line` (from 0). */
static bool starts_with_tab(const char *bytes, size_t size, size_t line)
{
    size_t i = 0;
    for (; i < size && line > 0; i++)
        line -= bytes[i] == '\n';
    while (i < size && bytes[i] == ' ')
        i++;
    return i < size && bytes[i] == '\t';
}

static enum ccrnn_status fail_syntax(const yaml_parser_t *parser, const char *bytes, size_t size,
                                     const char *filename, struct ccrnn_error *err)
{
    char message[512];
    const char *const problem = parser->problem == NULL ? "unreadable" : parser->problem;
    if (parser->error == YAML_MEMORY_ERROR)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", filename);
    if (parser->error == YAML_READER_ERROR) {
        ccrnn_format(message, sizeof message, "not YAML: %s; save the file as plain UTF-8 text",
                     problem);
        return fail_at(filename, place_of(bytes, size, parser->problem_offset), err, CCRNN_FORMAT,
                       message);
    }
    const yaml_mark_t mark = parser->problem_mark;
    const bool tab = starts_with_tab(bytes, size, mark.line);
    ccrnn_format(message, sizeof message, "not YAML: %s%s%s; %s",
                 parser->context == NULL ? "" : parser->context,
                 parser->context == NULL ? "" : ", ", problem,
                 tab ? "indent with spaces, not tabs"
                     : "check indentation, colons, quotes and brackets here");
    return fail_at(filename, mark, err, CCRNN_FORMAT, message);
}

/* After the first document: nothing more may come. */
static enum ccrnn_status check_end(yaml_parser_t *parser, const char *bytes, size_t size,
                                   const char *filename, struct ccrnn_error *err)
{
    yaml_document_t second;
    if (yaml_parser_load(parser, &second) == 0)
        return fail_syntax(parser, bytes, size, filename, err);
    const yaml_node_t *const root = yaml_document_get_root_node(&second);
    enum ccrnn_status status = CCRNN_OK;
    if (root != NULL)
        status = fail_at(filename, second.start_mark, err, CCRNN_FORMAT,
                         "a second YAML document starts here; put it into a file of its own");
    yaml_document_delete(&second);
    return status;
}

static enum ccrnn_status load(yaml_parser_t *parser, struct ccrnn_yaml *yaml, const char *bytes,
                              size_t size, struct ccrnn_error *err)
{
    yaml_parser_set_input_string(parser, (const unsigned char *)bytes, size);
    if (yaml_parser_load(parser, &yaml->document) == 0)
        return fail_syntax(parser, bytes, size, yaml->filename, err);
    enum ccrnn_status status = CCRNN_OK;
    if (ccrnn_yaml_root(yaml) == NULL)
        status = ccrnn_fail(err, CCRNN_FORMAT,
                            "%s: the file is empty; see studies/ for complete examples",
                            yaml->filename);
    if (status == CCRNN_OK)
        status = check_end(parser, bytes, size, yaml->filename, err);
    if (status == CCRNN_OK)
        status = check_document(yaml, err);
    if (status != CCRNN_OK)
        yaml_document_delete(&yaml->document);
    return status;
}

enum ccrnn_status ccrnn_yaml_open(struct ccrnn_yaml *yaml, const char *bytes, size_t size,
                                  const char *filename, struct ccrnn_error *err)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        return ccrnn_fail(err, CCRNN_MEMORY, "no memory to read '%s'", filename);
    yaml->filename = filename;
    const enum ccrnn_status status = load(&parser, yaml, bytes, size, err);
    yaml_parser_delete(&parser);
    return status;
}

void ccrnn_yaml_close(struct ccrnn_yaml *yaml)
{
    yaml_document_delete(&yaml->document);
}
