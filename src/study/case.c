#include "study/case.h"

#include <string.h>

#include "base/error.h"
#include "base/number.h"

enum case_type { CASE_SIZE, CASE_REAL, CASE_WORD };

/* Words of a CASE_WORD and the enum value each stands for. */
struct case_word {
    const char *word;
    int value;
};

struct case_key {
    const char *key;
    enum case_type type;
    size_t offset; /* in struct ccrnn_case */
    const struct case_word *words;
    unsigned formats; /* that have it: bits of enum case_format; OPTIONAL: or may have it */
};

/* Formats of recorded cases: the published implementation's, and those of this project's own programs,
 * which know more options. */
enum case_format { GOLDEN = 1, ORACLE = 2, GOLDEN_CAPTIONS = 4, ORACLE_CAPTIONS = 8 };
enum {
    ORACLES = ORACLE | ORACLE_CAPTIONS,
    NUMBERS = GOLDEN | ORACLE,
    CAPTIONS = GOLDEN_CAPTIONS | ORACLE_CAPTIONS,
    EVERY = NUMBERS | CAPTIONS,
    OPTIONAL = 16 /* a file without it means the default of ccrnn_network_config_default() */
};

static const struct {
    const char *name;
    enum case_format format;
} format_names[] = {{"ccrnn-golden-1", GOLDEN},
                    {"ccrnn-oracle-1", ORACLE},
                    {"ccrnn-golden-caption-1", GOLDEN_CAPTIONS},
                    {"ccrnn-oracle-caption-1", ORACLE_CAPTIONS}};

static const struct case_word cell_words[] = {
    {"lstm", CCRNN_CELL_LSTM}, {"gru", CCRNN_CELL_GRU}, {"rnn_tanh", CCRNN_CELL_TANH}, {NULL, 0}};
static const struct case_word predict_words[] = {
    {"all", CCRNN_PREDICT_ALL}, {"last", CCRNN_PREDICT_LAST}, {NULL, 0}};
static const struct case_word loss_words[] = {
    {"mse", CCRNN_LOSS_MSE}, {"cross_entropy", CCRNN_LOSS_CROSS_ENTROPY}, {NULL, 0}};
static const struct case_word cerebellum_words[] = {
    {"true", CCRNN_CEREBELLUM_LEARNING}, {"false", CCRNN_CEREBELLUM_NONE}, {NULL, 0}};
static const struct case_word kind_words[] = {{"none", CCRNN_CEREBELLUM_NONE},
                                              {"learning", CCRNN_CEREBELLUM_LEARNING},
                                              {"fixed", CCRNN_CEREBELLUM_FIXED},
                                              {NULL, 0}};
static const struct case_word feedback_words[] = {
    {"predicted", CCRNN_FEEDBACK_PREDICTED}, {"off", CCRNN_FEEDBACK_OFF}, {NULL, 0}};
static const struct case_word terminal_words[] = {
    {"predicted", CCRNN_TERMINAL_PREDICTED}, {"zero", CCRNN_TERMINAL_ZERO}, {NULL, 0}};
static const struct case_word cerebellar_loss_words[] = {
    {"sum", CCRNN_CEREBELLAR_LOSS_SUM}, {"mean", CCRNN_CEREBELLAR_LOSS_MEAN}, {NULL, 0}};
static const struct case_word update_words[] = {
    {"batch", CCRNN_UPDATE_BATCH}, {"segment", CCRNN_UPDATE_SEGMENT}, {NULL, 0}};
static const struct case_word clip_words[] = {{"joint", CCRNN_CLIP_JOINT},
                                              {"separate", CCRNN_CLIP_SEPARATE},
                                              {"none", CCRNN_CLIP_NONE},
                                              {NULL, 0}};

static const struct case_word map_words[] = {{"as_they_are", CCRNN_FEATURES_AS_THEY_ARE},
                                             {"learned", CCRNN_FEATURES_LEARNED},
                                             {"frozen", CCRNN_FEATURES_FROZEN},
                                             {NULL, 0}};
static const struct case_word norm_words[] = {
    {"none", CCRNN_FEATURE_NORM_NONE}, {"batch", CCRNN_FEATURE_NORM_BATCH}, {NULL, 0}};

/* Of cases with a lesion in the middle; both or neither are there. */
static const char intervention_key[] = "intervention",
                  intervention_step_key[] = "intervention_step";

static const struct case_word optimiser_words[] = {{"adam", CCRNN_OPTIMISER_ADAM},
                                                   {"rmsprop", CCRNN_OPTIMISER_RMSPROP},
                                                   {"sgd", CCRNN_OPTIMISER_SGD},
                                                   {NULL, 0}};

#define AT(member) offsetof(struct ccrnn_case, member)

/* `cerebellum` comes before `cerebellum_kind`, which says more. */
static const struct case_key case_keys[] = {
    {"cell", CASE_WORD, AT(config.cell), cell_words, EVERY},
    {"input_size", CASE_SIZE, AT(config.inputs), NULL, NUMBERS},
    {"hidden_size", CASE_SIZE, AT(config.hidden), NULL, EVERY},
    {"output_size", CASE_SIZE, AT(config.outputs), NULL, NUMBERS},
    {"batch", CASE_SIZE, AT(config.batch), NULL, EVERY},
    {"seq_len", CASE_SIZE, AT(config.steps), NULL, NUMBERS},
    {"feedback_horizon", CASE_SIZE, AT(config.horizon), NULL, EVERY},
    {"feedback_interval", CASE_SIZE, AT(config.interval), NULL, NUMBERS},
    {"predict", CASE_WORD, AT(config.predict), predict_words, NUMBERS},
    {"loss", CASE_WORD, AT(config.loss), loss_words, EVERY},
    {"cerebellum", CASE_WORD, AT(config.cerebellum), cerebellum_words, EVERY},
    {"cerebellum_hidden_layers", CASE_SIZE, AT(config.granule_layers), NULL, EVERY},
    {"cerebellum_hidden_size", CASE_SIZE, AT(config.granule_units), NULL, EVERY},
    {"mossy_fibres", CASE_SIZE, AT(config.mossy_fibres), NULL, NUMBERS | ORACLE_CAPTIONS},
    {"synthetic_gradient_scale", CASE_REAL, AT(config.feedback_scale), NULL, EVERY},
    {"clip_norm", CASE_REAL, AT(config.clip_norm), NULL, EVERY},
    {"lr", CASE_REAL, AT(config.learning_rate), NULL, EVERY},
    {"beta1", CASE_REAL, AT(config.beta1), NULL, EVERY},
    {"beta2", CASE_REAL, AT(config.beta2), NULL, EVERY},
    {"eps", CASE_REAL, AT(config.epsilon), NULL, EVERY},
    {"optimizer", CASE_WORD, AT(config.optimiser), optimiser_words, EVERY},
    {"rms_decay", CASE_REAL, AT(config.rms_decay), NULL, ORACLES | OPTIONAL},
    {"momentum", CASE_REAL, AT(config.momentum), NULL, ORACLES | OPTIONAL},
    {"weight_decay", CASE_REAL, AT(config.weight_decay), NULL, ORACLES | OPTIONAL},
    {"steps", CASE_SIZE, AT(steps), NULL, EVERY},
    {"embed_size", CASE_SIZE, AT(config.inputs), NULL, CAPTIONS},
    {"vocab_size", CASE_SIZE, AT(config.outputs), NULL, CAPTIONS},
    {"caption_len", CASE_SIZE, AT(config.steps), NULL, CAPTIONS},
    {"feature_size", CASE_SIZE, AT(config.features), NULL, ORACLE_CAPTIONS},
    {"feature_map", CASE_WORD, AT(config.feature_map), map_words, ORACLE_CAPTIONS},
    {"feature_norm", CASE_WORD, AT(config.feature_norm), norm_words, ORACLE_CAPTIONS},
    {"cerebellum_kind", CASE_WORD, AT(config.cerebellum), kind_words, ORACLES},
    {"feedback", CASE_WORD, AT(config.feedback), feedback_words, ORACLES},
    {"terminal_feedback", CASE_WORD, AT(config.terminal_feedback), terminal_words, ORACLES},
    {"cerebellar_loss", CASE_WORD, AT(config.cerebellar_loss), cerebellar_loss_words, ORACLES},
    {"update", CASE_WORD, AT(config.update), update_words, ORACLES | GOLDEN_CAPTIONS},
    {"clip", CASE_WORD, AT(config.clip), clip_words, ORACLES},
};
static const size_t case_key_count = sizeof case_keys / sizeof case_keys[0];

static enum ccrnn_status set_word(const struct ccrnn_tensor_file *file,
                                  const struct case_key *row, const char *text,
                                  struct ccrnn_case *recorded, struct ccrnn_error *err)
{
    for (const struct case_word *w = row->words; w->word != NULL; w++) {
        if (strcmp(w->word, text) != 0)
            continue;
        /* All enums of the configuration are unsigned int in GCC and Clang's ABI. */
        const unsigned value = (unsigned)w->value;
        memcpy((char *)recorded + row->offset, &value, sizeof value);
        return CCRNN_OK;
    }
    return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata %s is \"%s\", which is not known here",
                      file->path, row->key, text);
}

static enum ccrnn_status set_key(const struct ccrnn_tensor_file *file, const struct case_key *row,
                                 struct ccrnn_case *recorded, struct ccrnn_error *err)
{
    const char *const text = ccrnn_tensor_file_metadata(file, row->key);
    if (text == NULL && (row->formats & OPTIONAL) != 0)
        return CCRNN_OK;
    if (text == NULL)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata has no key %s; record the case again",
                          file->path, row->key);
    if (row->type == CASE_WORD)
        return set_word(file, row, text, recorded, err);
    double real;
    uint64_t size;
    if (row->type == CASE_REAL && ccrnn_parse_real(text, &real)) {
        memcpy((char *)recorded + row->offset, &real, sizeof real);
        return CCRNN_OK;
    }
    if (row->type == CASE_SIZE && ccrnn_parse_unsigned(text, &size) && size <= UINT32_MAX) {
        const size_t value = (size_t)size;
        memcpy((char *)recorded + row->offset, &value, sizeof value);
        return CCRNN_OK;
    }
    return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata %s is \"%s\": expected %s", file->path,
                      row->key, text,
                      row->type == CASE_REAL ? "a number" : "an integer without sign");
}

static bool known_key(const char *key, enum case_format format)
{
    if (strcmp(key, "format") == 0)
        return true;
    if (strcmp(key, (format & ORACLES) != 0 ? "crc32" : "context") == 0)
        return true;
    if ((format & ORACLES) != 0 &&
        (strcmp(key, intervention_key) == 0 || strcmp(key, intervention_step_key) == 0))
        return true;
    for (size_t i = 0; i < case_key_count; i++)
        if (strcmp(key, case_keys[i].key) == 0)
            return (case_keys[i].formats & format) != 0;
    return false;
}

static enum ccrnn_status check_keys(const struct ccrnn_tensor_file *file, enum case_format format,
                                    struct ccrnn_error *err)
{
    for (size_t i = 0; i < ccrnn_tensor_file_metadata_count(file); i++) {
        const char *const key = ccrnn_tensor_file_metadata_key(file, i);
        if (!known_key(key, format))
            return ccrnn_fail(err, CCRNN_FORMAT,
                              "%s: metadata key \"%s\" is not known here, so the case cannot be "
                              "replayed faithfully; remove it or use a newer ccrnn",
                              file->path, key);
    }
    const char *const context = ccrnn_tensor_file_metadata(file, "context");
    if (context != NULL && strcmp(context, "false") != 0)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata context is \"%s\": expected \"false\"",
                          file->path, context);
    return CCRNN_OK;
}

static enum ccrnn_status check_sense(const struct ccrnn_tensor_file *file,
                                     enum case_format format, struct ccrnn_case *recorded,
                                     struct ccrnn_error *err)
{
    if ((format & ORACLES) == 0 && recorded->config.clip_norm <= 0)
        recorded->config.clip = CCRNN_CLIP_NONE;
    if (recorded->steps < 1 || recorded->steps > 1000)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata steps is %zu: expected 1 … 1000",
                          file->path, recorded->steps);
    const char *const yes = ccrnn_tensor_file_metadata(file, "cerebellum");
    const bool kind = recorded->config.cerebellum != CCRNN_CEREBELLUM_NONE;
    if ((strcmp(yes, "true") == 0) != kind)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: metadata cerebellum and cerebellum_kind contradict each other",
                          file->path);
    return CCRNN_OK;
}

static enum ccrnn_status read_intervention(const struct ccrnn_tensor_file *file,
                                           struct ccrnn_case *recorded, struct ccrnn_error *err)
{
    static const enum ccrnn_intervention_kind known[] = {CCRNN_INTERVENTION_CEREBELLUM,
                                                         CCRNN_INTERVENTION_OLIVE};
    const char *const kind = ccrnn_tensor_file_metadata(file, intervention_key);
    const char *const step = ccrnn_tensor_file_metadata(file, intervention_step_key);
    uint64_t from = 0;
    if (kind == NULL && step == NULL)
        return CCRNN_OK;
    for (size_t i = 0; kind != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(kind, ccrnn_intervention_name(known[i])) == 0)
            recorded->intervention = known[i];
    if (recorded->intervention == CCRNN_INTERVENTION_NONE)
        return ccrnn_fail(err, CCRNN_FORMAT,
                          "%s: metadata %s is \"%s\": expected \"cerebellum\" or \"olive\"",
                          file->path, intervention_key, kind == NULL ? "" : kind);
    if (step == NULL || !ccrnn_parse_unsigned(step, &from) || from >= recorded->steps)
        return ccrnn_fail(err, CCRNN_FORMAT, "%s: metadata %s is \"%s\": expected 0 … %zu",
                          file->path, intervention_step_key, step == NULL ? "" : step,
                          recorded->steps - 1);
    recorded->intervention_step = (size_t)from;
    return CCRNN_OK;
}

static enum ccrnn_status read_format(const struct ccrnn_tensor_file *file,
                                     enum case_format *format, struct ccrnn_error *err)
{
    const char *const name = ccrnn_tensor_file_metadata(file, "format");
    for (size_t i = 0; name != NULL && i < sizeof format_names / sizeof format_names[0]; i++)
        if (strcmp(name, format_names[i].name) == 0) {
            *format = format_names[i].format;
            return CCRNN_OK;
        }
    return ccrnn_fail(err, CCRNN_FORMAT,
                      "%s: metadata format is \"%s\": expected \"ccrnn-golden-1\", "
                      "\"ccrnn-golden-caption-1\", \"ccrnn-oracle-1\" or "
                      "\"ccrnn-oracle-caption-1\"",
                      file->path, name == NULL ? "" : name);
}

enum ccrnn_status ccrnn_case_read(const struct ccrnn_tensor_file *file,
                                  struct ccrnn_case *recorded, struct ccrnn_error *err)
{
    enum case_format format = GOLDEN;
    CCRNN_TRY(read_format(file, &format, err));
    CCRNN_TRY(check_keys(file, format, err));
    *recorded = (struct ccrnn_case){.captions = (format & CAPTIONS) != 0};
    ccrnn_network_config_default(&recorded->config);
    if (recorded->captions)
        recorded->config.interval = 1;
    for (size_t i = 0; i < case_key_count; i++)
        if ((case_keys[i].formats & format) != 0)
            CCRNN_TRY(set_key(file, &case_keys[i], recorded, err));
    if (format == GOLDEN_CAPTIONS)
        recorded->config.features = recorded->config.inputs;
    CCRNN_TRY(check_sense(file, format, recorded, err));
    return read_intervention(file, recorded, err);
}
