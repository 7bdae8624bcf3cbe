#include "study/options.h"

#include <string.h>

#include "base/error.h"
#include "base/nearest.h"
#include "base/number.h"

_Static_assert(sizeof(enum ccrnn_cell) == sizeof(unsigned), "choices are stored as unsigned");

const char *ccrnn_option_show(const char *text, char *shown)
{
    const size_t length = strlen(text);
    size_t kept = length < CCRNN_SHOWN_SIZE - 4 ? length : CCRNN_SHOWN_SIZE - 4;
    while (kept > 0 && kept < length && ((unsigned char)text[kept] & 0xC0) == 0x80)
        kept--;
    for (size_t i = 0; i < kept; i++)
        shown[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? '?' : text[i];
    ccrnn_format(shown + kept, CCRNN_SHOWN_SIZE - kept, "%s", kept < length ? "..." : "");
    return shown;
}

const char *ccrnn_option_type_name(enum ccrnn_option_type type)
{
    static const char *const names[] = {"integer", "real",  "choice", "integers",
                                        "path",    "words", "name"};
    return names[type];
}

static uint64_t read_integer(const struct ccrnn_run_config *config,
                             const struct ccrnn_option *option)
{
    const char *const member = (const char *)config + option->offset;
    if (option->width == sizeof(uint32_t)) {
        uint32_t value;
        memcpy(&value, member, sizeof value);
        return value == UINT32_MAX ? SIZE_MAX : value;
    }
    uint64_t value;
    memcpy(&value, member, sizeof value);
    return value;
}

static void write_integer(struct ccrnn_run_config *config, const struct ccrnn_option *option,
                          uint64_t value)
{
    char *const member = (char *)config + option->offset;
    if (option->width == sizeof(uint32_t)) {
        const uint32_t narrow = (uint32_t)value;
        memcpy(member, &narrow, sizeof narrow);
    } else {
        memcpy(member, &value, sizeof value);
    }
}

static unsigned read_choice(const struct ccrnn_run_config *config,
                            const struct ccrnn_option *option)
{
    unsigned value;
    memcpy(&value, (const char *)config + option->offset, sizeof value);
    return value;
}

static const struct ccrnn_option_choice *present_choice(const struct ccrnn_run_config *config,
                                                        const struct ccrnn_option *option)
{
    const unsigned value = read_choice(config, option);
    const struct ccrnn_option_choice *choice = option->choices;
    while (choice->name != NULL && choice->value != value)
        choice++;
    return choice;
}

bool ccrnn_option_equal(const struct ccrnn_option *option, const struct ccrnn_run_config *a,
                        const struct ccrnn_run_config *b)
{
    const size_t offset = option->offset; /* what a list or text does not use is 0 */
    return memcmp((const char *)a + offset, (const char *)b + offset, option->width) == 0;
}

bool ccrnn_option_applies(const struct ccrnn_option *option,
                          const struct ccrnn_run_config *config)
{
    return option->applies == NULL || option->applies(config);
}

bool ccrnn_option_is_told(const struct ccrnn_option *option,
                          const struct ccrnn_run_config *config)
{
    char value[CCRNN_CONFIG_PATH_MAX];
    if (!ccrnn_option_applies(option, config))
        return false;
    if (!option->later)
        return true;
    ccrnn_run_config_get(config, option, value, sizeof value);
    return strcmp(value, ccrnn_option_default(option, config->task.task)) != 0;
}

unsigned ccrnn_option_live_words(const struct ccrnn_option *option,
                                 const struct ccrnn_run_config *config)
{
    unsigned live = read_choice(config, option);
    for (const struct ccrnn_option_choice *word = option->choices; word->name != NULL; word++)
        if (word->applies != NULL && !word->applies(config))
            live &= ~word->value;
    return live;
}

/* The first word of a list that has no effect at all. */
static const struct ccrnn_option_choice *idle_word(const struct ccrnn_option *option,
                                                   const struct ccrnn_run_config *config)
{
    const unsigned words = read_choice(config, option);
    const struct ccrnn_option_choice *word = option->choices;
    if (words == 0 || ccrnn_option_live_words(option, config) != 0)
        return NULL;
    while ((word->value & words) == 0)
        word++;
    return word;
}

const struct ccrnn_option_choice *ccrnn_option_idle_choice(const struct ccrnn_option *option,
                                                           const struct ccrnn_run_config *config)
{
    if (option->type == CCRNN_OPTION_WORDS)
        return idle_word(option, config);
    if (option->type != CCRNN_OPTION_CHOICE)
        return NULL;
    const struct ccrnn_option_choice *const choice = present_choice(config, option);
    return choice->applies == NULL || choice->applies(config) ? NULL : choice;
}

/* --- ranges in words --------------------------------------------------------------------- */

static void append(char *text, size_t size, const char *more)
{
    const size_t used = strlen(text);
    if (used + 1 < size)
        ccrnn_format(text + used, size - used, "%s", more);
}

static void choice_range(const struct ccrnn_option *option, const char *of, char *text,
                         size_t size)
{
    const struct ccrnn_option_choice *choice = option->choices;
    ccrnn_format(text, size, "%s", choice[1].name == NULL ? "" : of);
    for (; choice->name != NULL; choice++) {
        append(text, size, choice->name);
        append(text, size, choice[1].name == NULL ? "" : ", ");
    }
}

static void real_range(const struct ccrnn_option *option, char *text, size_t size)
{
    ccrnn_format(text, size, "a number %s %g%s %g", option->above_minimum ? "above" : "from",
                 option->minimum, option->below_maximum ? ", below" : " to", option->maximum);
}

void ccrnn_option_range(const struct ccrnn_option *option, char *text, size_t size)
{
    switch (option->type) {
    case CCRNN_OPTION_INTEGER:
        ccrnn_format(text, size, "an integer from %.0f to %.0f%s%s", option->minimum,
                     option->maximum, option->word == NULL ? "" : ", or ",
                     option->word == NULL ? "" : option->word);
        break;
    case CCRNN_OPTION_REAL:
        real_range(option, text, size);
        break;
    case CCRNN_OPTION_CHOICE:
        choice_range(option, "one of ", text, size);
        break;
    case CCRNN_OPTION_WORDS:
        choice_range(option, "a list out of ", text, size);
        break;
    case CCRNN_OPTION_INTEGERS:
        ccrnn_format(text, size, "a rising list of at most %d integers from %.0f to %.0f",
                     CCRNN_INTEGERS_MAX, option->minimum, option->maximum);
        break;
    case CCRNN_OPTION_PATH:
        ccrnn_format(text, size, "a path of at most %zu bytes", option->width - 1);
        break;
    case CCRNN_OPTION_NAME:
        ccrnn_format(text, size, "a name of at most %zu bytes", option->width - 1);
        break;
    }
}

void ccrnn_option_defaults(const struct ccrnn_option *option, char *text, size_t size)
{
    static const struct {
        enum ccrnn_task task;
        const char *name;
    } others[] = {{CCRNN_TASK_VISUAL_DISCRIMINATION, "tasks on handwritten digits"},
                  {CCRNN_TASK_CAPTIONS, "captions"}};
    const char *const first = ccrnn_option_default(option, CCRNN_TASK_LINE_DRAWING);
    bool any = false;
    ccrnn_format(text, size, "%s", first);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *const other = ccrnn_option_default(option, others[i].task);
        if (strcmp(first, other) == 0)
            continue;
        append(text, size, any ? "; " : " (");
        append(text, size, others[i].name);
        append(text, size, ": ");
        append(text, size, other);
        any = true;
    }
    if (any)
        append(text, size, ")");
}

/* --- near words -------------------------------------------------------------------------- */

const char *ccrnn_option_nearest(const char *word, const char *const *words)
{
    struct ccrnn_nearest nearest = ccrnn_nearest_start(word);
    for (; words != NULL && *words != NULL; words++)
        ccrnn_nearest_try(&nearest, *words);
    for (size_t i = 0; i < ccrnn_option_count(); i++)
        if (!ccrnn_option_at(i)->derived)
            ccrnn_nearest_try(&nearest, ccrnn_option_at(i)->key);
    return nearest.best;
}

enum ccrnn_status ccrnn_option_unknown(const char *key, const char *const *words,
                                       struct ccrnn_error *err)
{
    char shown[CCRNN_SHOWN_SIZE];
    const char *const nearest = ccrnn_option_nearest(key, words);
    ccrnn_option_show(key, shown);
    if (nearest != NULL)
        return ccrnn_fail(err, CCRNN_USAGE, "unknown key '%s'; did you mean '%s'?", shown,
                          nearest);
    return ccrnn_fail(err, CCRNN_USAGE,
                      "unknown key '%s'; `ccrnn list options` prints the known ones", shown);
}

/* --- text to values ---------------------------------------------------------------------- */

/* What to do about a text that is not the number it should be. */
static const char *number_hint(const char *text, bool integer)
{
    const char *const digits = text[0] == '-' || text[0] == '+' ? text + 1 : text;
    double real;
    if (text[0] == '\0')
        return "write a number";
    if (strchr(text, ',') != NULL)
        return "write one number, with '.' as the decimal point";
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return "write it in decimal";
    if (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
        return "leave out the leading zeros";
    if (digits[0] == '.')
        return "write a digit before the decimal point, as in 0.5";
    if (integer && ccrnn_parse_real(text, &real))
        return "write a whole number in digits only, such as 50";
    return integer ? "write digits only, such as 50" : "write a number such as 0.001 or 1e-3";
}

static enum ccrnn_status fail_value(const struct ccrnn_option *option, const char *value,
                                    const char *remedy, struct ccrnn_error *err)
{
    char range[200], shown[CCRNN_SHOWN_SIZE];
    ccrnn_option_range(option, range, sizeof range);
    return ccrnn_fail(err, CCRNN_USAGE, "%s: expected %s, found '%s'; %s", option->key, range,
                      ccrnn_option_show(value, shown), remedy);
}

static enum ccrnn_status parse_integer(const struct ccrnn_option *option, const char *text,
                                       uint64_t *value, struct ccrnn_error *err)
{
    if (!ccrnn_parse_unsigned(text, value))
        return fail_value(option, text, number_hint(text, true), err);
    if ((double)*value < option->minimum || (double)*value > option->maximum)
        return fail_value(option, text, "choose a value within the range", err);
    return CCRNN_OK;
}

static enum ccrnn_status set_integer(const struct ccrnn_option *option, const char *text,
                                     struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    uint64_t value;
    if (option->word != NULL && strcmp(text, option->word) == 0)
        value = option->word_value;
    else
        CCRNN_TRY(parse_integer(option, text, &value, err));
    write_integer(config, option, value);
    return CCRNN_OK;
}

static enum ccrnn_status set_real(const struct ccrnn_option *option, const char *text,
                                  struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    double value;
    if (!ccrnn_parse_real(text, &value))
        return fail_value(option, text, number_hint(text, false), err);
    const bool low =
        value < option->minimum || (option->above_minimum && value <= option->minimum);
    const bool high =
        value > option->maximum || (option->below_maximum && value >= option->maximum);
    if (low || high)
        return fail_value(option, text, "choose a value within the range", err);
    value += 0.0; /* -0 becomes 0: one value, one text, one hash */
    memcpy((char *)config + option->offset, &value, sizeof value);
    return CCRNN_OK;
}

/* A word that is none of the choices: the nearest of them, or else what is usual. */
static enum ccrnn_status fail_word(const struct ccrnn_option *option, const char *text,
                                   const char *usual, struct ccrnn_error *err)
{
    char hint[CCRNN_SHOWN_SIZE + 20];
    struct ccrnn_nearest nearest = ccrnn_nearest_start(text);
    for (const struct ccrnn_option_choice *choice = option->choices; choice->name != NULL;
         choice++)
        ccrnn_nearest_try(&nearest, choice->name);
    if (nearest.best == NULL)
        return fail_value(option, text, usual, err);
    ccrnn_format(hint, sizeof hint, "did you mean '%s'?", nearest.best);
    return fail_value(option, text, hint, err);
}

static enum ccrnn_status set_choice(const struct ccrnn_option *option, const char *text,
                                    struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    for (const struct ccrnn_option_choice *choice = option->choices; choice->name != NULL;
         choice++) {
        if (strcmp(choice->name, text) == 0) {
            memcpy((char *)config + option->offset, &choice->value, sizeof choice->value);
            return CCRNN_OK;
        }
    }
    return fail_word(option, text, "write one of these words, in lower case", err);
}

/* The value of a word. */
static enum ccrnn_status parse_word(const struct ccrnn_option *option, const char *text,
                                    uint64_t *value, struct ccrnn_error *err)
{
    for (const struct ccrnn_option_choice *word = option->choices; word->name != NULL; word++) {
        if (strcmp(word->name, text) == 0) {
            *value = word->value;
            return CCRNN_OK;
        }
    }
    return fail_word(option, text, "write these words, in lower case", err);
}

/* One item of a list, from `start` to the next comma or `end`, without spaces around it. */
static enum ccrnn_status list_item(const struct ccrnn_option *option, const char *start,
                                   const char *end, uint64_t *value, struct ccrnn_error *err)
{
    char item[CCRNN_SHOWN_SIZE];
    const bool words = option->type == CCRNN_OPTION_WORDS;
    while (start < end && *start == ' ')
        start++;
    while (end > start && end[-1] == ' ')
        end--;
    const size_t length = (size_t)(end - start);
    if (length >= sizeof item)
        return fail_value(option, start,
                          words ? "write the words with commas between them"
                                : "write digits and commas, such as 10, 50",
                          err);
    memcpy(item, start, length);
    item[length] = '\0';
    return words ? parse_word(option, item, value, err) : parse_integer(option, item, value, err);
}

/* "10, 50" or "[10, 50]". */
static enum ccrnn_status parse_list(const struct ccrnn_option *option, const char *text,
                                    struct ccrnn_integers *list, struct ccrnn_error *err)
{
    const char *start = text, *end = text + strlen(text);
    *list = (struct ccrnn_integers){0};
    if (*start == '[' && end[-1] == ']') {
        start++;
        end--;
    }
    while (start < end) {
        const char *const comma = memchr(start, ',', (size_t)(end - start));
        const char *const item_end = comma == NULL ? end : comma;
        if (list->count == CCRNN_INTEGERS_MAX)
            return fail_value(option, text, "shorten the list", err);
        CCRNN_TRY(list_item(option, start, item_end, &list->value[list->count], err));
        list->count++;
        start = comma == NULL ? end : comma + 1;
    }
    return CCRNN_OK;
}

static enum ccrnn_status set_integers(const struct ccrnn_option *option, const char *text,
                                      struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    struct ccrnn_integers list;
    CCRNN_TRY(parse_list(option, text, &list, err));
    for (size_t i = 1; i < list.count; i++)
        if (list.value[i] <= list.value[i - 1])
            return fail_value(option, text, "write every integer once, in rising order", err);
    memcpy((char *)config + option->offset, &list, sizeof list);
    return CCRNN_OK;
}

static enum ccrnn_status set_words(const struct ccrnn_option *option, const char *text,
                                   struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    struct ccrnn_integers list;
    unsigned words = 0;
    CCRNN_TRY(parse_list(option, text, &list, err));
    for (size_t i = 0; i < list.count; i++) {
        if ((words & (unsigned)list.value[i]) != 0)
            return fail_value(option, text, "write every word once", err);
        words |= (unsigned)list.value[i];
    }
    memcpy((char *)config + option->offset, &words, sizeof words);
    return CCRNN_OK;
}

static enum ccrnn_status set_text(const struct ccrnn_option *option, const char *text,
                                  struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    if (strlen(text) >= option->width)
        return fail_value(option, text,
                          option->type == CCRNN_OPTION_PATH ? "move the file to a shorter path"
                                                            : "give the name of an arm",
                          err);
    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return fail_value(option, text, "choose one without control characters", err);
    char *const member = (char *)config + option->offset;
    memset(member, 0, option->width);
    memcpy(member, text, strlen(text) + 1);
    return CCRNN_OK;
}

enum ccrnn_status ccrnn_option_parse(const struct ccrnn_option *option, const char *value,
                                     struct ccrnn_run_config *config, struct ccrnn_error *err)
{
    switch (option->type) {
    case CCRNN_OPTION_INTEGER:
        return set_integer(option, value, config, err);
    case CCRNN_OPTION_REAL:
        return set_real(option, value, config, err);
    case CCRNN_OPTION_CHOICE:
        return set_choice(option, value, config, err);
    case CCRNN_OPTION_INTEGERS:
        return set_integers(option, value, config, err);
    case CCRNN_OPTION_WORDS:
        return set_words(option, value, config, err);
    case CCRNN_OPTION_PATH:
    case CCRNN_OPTION_NAME:
        return set_text(option, value, config, err);
    }
    return ccrnn_fail(err, CCRNN_USAGE, "%s: no such type of option", option->key);
}

enum ccrnn_status ccrnn_run_config_set(struct ccrnn_run_config *config, const char *key,
                                       const char *value, struct ccrnn_error *err)
{
    const struct ccrnn_option *const option = ccrnn_option_find(key);
    if (option == NULL)
        return ccrnn_option_unknown(key, NULL, err);
    if (option->derived)
        return ccrnn_fail(err, CCRNN_USAGE, "%s is computed by the program; remove it", key);
    return ccrnn_option_parse(option, value, config, err);
}

/* --- values to text ---------------------------------------------------------------------- */

/* Every decimal of up to 15 digits comes back as it was written; 17 suffice for any double. */
static int print_real(double value, char *text, size_t size)
{
    char shortest[40];
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        ccrnn_format(shortest, sizeof shortest, "%.*g", digits, value);
        if (ccrnn_parse_real(shortest, &back) && back == value)
            break;
    }
    return ccrnn_format(text, size, "%s", shortest);
}

static int print_integers(const struct ccrnn_run_config *config,
                          const struct ccrnn_option *option, char *text, size_t size)
{
    struct ccrnn_integers integers;
    memcpy(&integers, (const char *)config + option->offset, sizeof integers);
    char list[CCRNN_INTEGERS_MAX * 24 + 3] = "[";
    for (size_t i = 0; i < integers.count; i++) {
        const size_t used = strlen(list);
        ccrnn_format(list + used, sizeof list - used, "%s%llu", i == 0 ? "" : ", ",
                     (unsigned long long)integers.value[i]);
    }
    append(list, sizeof list, "]");
    return ccrnn_format(text, size, "%s", list);
}

static int print_words(const struct ccrnn_run_config *config, const struct ccrnn_option *option,
                       char *text, size_t size)
{
    const unsigned words = read_choice(config, option);
    char list[CCRNN_CONFIG_PATH_MAX] = "[";
    for (const struct ccrnn_option_choice *word = option->choices; word->name != NULL; word++) {
        if ((words & word->value) == 0)
            continue;
        append(list, sizeof list, list[1] == '\0' ? "" : ", ");
        append(list, sizeof list, word->name);
    }
    append(list, sizeof list, "]");
    return ccrnn_format(text, size, "%s", list);
}

size_t ccrnn_run_config_get(const struct ccrnn_run_config *config,
                            const struct ccrnn_option *option, char *text, size_t size)
{
    int length = 0;
    double real;
    switch (option->type) {
    case CCRNN_OPTION_INTEGER: {
        const uint64_t value = read_integer(config, option);
        if (option->word != NULL && value == option->word_value)
            length = ccrnn_format(text, size, "%s", option->word);
        else
            length = ccrnn_format(text, size, "%llu", (unsigned long long)value);
        break;
    }
    case CCRNN_OPTION_REAL:
        memcpy(&real, (const char *)config + option->offset, sizeof real);
        length = print_real(real, text, size);
        break;
    case CCRNN_OPTION_CHOICE: {
        const char *const name = present_choice(config, option)->name;
        length = ccrnn_format(text, size, "%s", name == NULL ? "?" : name);
        break;
    }
    case CCRNN_OPTION_INTEGERS:
        length = print_integers(config, option, text, size);
        break;
    case CCRNN_OPTION_WORDS:
        length = print_words(config, option, text, size);
        break;
    case CCRNN_OPTION_PATH:
    case CCRNN_OPTION_NAME:
        length = ccrnn_format(text, size, "%s", (const char *)config + option->offset);
        break;
    }
    return length < 0 ? 0 : (size_t)length;
}
