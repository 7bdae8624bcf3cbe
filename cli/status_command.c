/* The commands that `ccrnn status` suggests: what was given last, made to do all that is left. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/status.h"
#include "study/run_record.h"

/* --- the command that was given last ----------------------------------------------------- */

/* The value of an option of a command: "--data DIR" or "--data=DIR". Options may be cut short as long as no other
 * one begins so; a command that has run had none that was not clear. @param[out] words it takes; 0: another word */
static const char *option_value(char *const *word, const char *name, bool has_value,
                                size_t *words)
{
    const size_t length = strcspn(word[0], "=");
    *words = 0;
    if (length < 3 || strncmp(word[0], name, length) != 0 || length > strlen(name))
        return NULL;
    if (word[0][length] == '=' || !has_value || word[1] == NULL) {
        *words = 1;
        return word[0][length] == '=' ? word[0] + length + 1 : "";
    }
    *words = 2;
    return word[1];
}

static const char *find_option(char *const *words, const char *name, bool has_value)
{
    for (size_t i = 0, taken; words != NULL && words[i] != NULL; i++) {
        const char *const value = option_value(words + i, name, has_value, &taken);
        if (taken > 0)
            return value;
    }
    return NULL;
}

/* Runs of a survey, those last whose run.json was written first. */
static int by_written(const void *a, const void *b)
{
    const struct ccrnn_surveyed *const x = *(struct ccrnn_surveyed *const *)a;
    const struct ccrnn_surveyed *const y = *(struct ccrnn_surveyed *const *)b;
    if (x->written.tv_sec != y->written.tv_sec)
        return x->written.tv_sec < y->written.tv_sec ? 1 : -1;
    return (x->written.tv_nsec < y->written.tv_nsec) - (x->written.tv_nsec > y->written.tv_nsec);
}

/* A command, and the working directory it was given in ("": not known). */
struct command {
    char **words; /* NULL: there is none, or it cannot be read; freed with free() */
    char where[CCRNN_PATH_MAX];
};

/* That of the last session of a run. */
static void read_command(const struct ccrnn_survey *survey, size_t index, struct command *command)
{
    char path[CCRNN_PATH_MAX];
    *command = (struct command){0};
    if (survey->run[index].sessions > 0 &&
        ccrnn_survey_directory(survey, index, path, NULL) == CCRNN_OK)
        (void)ccrnn_run_record_command(path, &command->words, command->where, NULL);
}

static bool is_retry(char *const *words)
{
    return words[0] != NULL && words[1] != NULL && strcmp(words[1], "retry") == 0;
}

/* Was this run begun with as many epochs as any? */
static bool is_of_full_length(const struct ccrnn_surveyed *run)
{
    return run->epochs >= run->target && !run->attempt;
}

/* The newest command of all runs but for `retry`, which begins nothing.
 * @param full only of runs with as many epochs as any of the study was asked for
 * @param[out] command its words are NULL if there is none */
static void find_command(const struct ccrnn_survey *survey, bool full, struct command *command)
{
    const struct ccrnn_surveyed **const run = calloc(survey->runs, sizeof *run);
    *command = (struct command){0};
    if (run == NULL)
        return;
    for (size_t i = 0; i < survey->runs; i++)
        run[i] = &survey->run[i];
    qsort(run, survey->runs, sizeof *run, by_written);
    for (size_t i = 0; i < survey->runs && command->words == NULL && run[i]->written.tv_sec > 0;
         i++) {
        if (full && !is_of_full_length(run[i]))
            continue;
        read_command(survey, (size_t)(run[i] - survey->run), command);
        if (command->words != NULL && is_retry(command->words)) {
            free(command->words);
            *command = (struct command){0};
        }
    }
    free(run);
}

/* --- where it was given ------------------------------------------------------------------ */

static bool is_there(const char *where, const char *name)
{
    char path[CCRNN_PATH_MAX];
    return name[0] != '\0' && name[0] != '/' &&
           ccrnn_path_join(path, sizeof path, where, name, NULL) == CCRNN_OK &&
           ccrnn_path_exists(path);
}

/* Does a word name a file from there: itself, its value, or as a study that is called by its name? */
static bool names_file(const char *word, const char *where)
{
    char study[CCRNN_PATH_MAX];
    const char *const value = strrchr(word, '=');
    (void)ccrnn_format(study, sizeof study, "studies/%.200s.yaml", word);
    return is_there(where, word) || (value != NULL && is_there(where, value + 1)) ||
           (word[0] != '/' && is_there(where, study));
}

static bool is_here(const char *where)
{
    char here[CCRNN_PATH_MAX];
    return where[0] == '\0' || (getcwd(here, sizeof here) != NULL && strcmp(here, where) == 0);
}

/* A command with paths that do not begin at the root goes on from where it was given only. Such paths are known
 * where that directory is; elsewhere any word may be one. */
static bool depends_on_place(const struct command *command)
{
    if (is_here(command->where))
        return false;
    const bool seen = ccrnn_directory_exists(command->where);
    for (size_t i = 2;
         command->words[0] != NULL && command->words[1] != NULL && command->words[i] != NULL; i++)
        if (!seen || names_file(command->words[i], command->where))
            return true;
    return false;
}

/* --- the command that does the rest ------------------------------------------------------ */

/* Does a study file that was run without --seeds have this seed? If the runs of the seed that have begun were all run
 * again by `retry`, nothing tells; one that has none is taken to be like the others. @param first run of the seed */
static bool is_of_the_file(const struct ccrnn_survey *survey, size_t first)
{
    bool told = false, begun = false;
    for (size_t i = first; i < first + survey->index.arm_count && !told; i++) {
        struct command command;
        read_command(survey, i, &command);
        begun = begun || command.words != NULL;
        told = command.words != NULL && !is_retry(command.words);
        const bool own = told && find_option(command.words, "--seeds", true) != NULL;
        free(command.words);
        if (own)
            return false;
    }
    return told || !begun;
}

static bool has_seeds_of_its_own(const struct ccrnn_survey *survey)
{
    for (size_t first = 0; first < survey->runs; first += survey->index.arm_count)
        if (!is_of_the_file(survey, first))
            return true;
    return false;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* All seeds of the study: " --seeds 1..50,60". */
static void add_seeds(const struct ccrnn_study_index *index, struct ccrnn_text *text)
{
    uint64_t *const seed = calloc(index->seed_count, sizeof *seed);
    if (seed == NULL) {
        text->failed = true;
        return;
    }
    memcpy(seed, index->seeds, index->seed_count * sizeof *seed);
    qsort(seed, index->seed_count, sizeof *seed, by_size);
    ccrnn_text_add(text, " --seeds ");
    for (size_t i = 0, end; i < index->seed_count; i = end) {
        for (end = i + 1; end < index->seed_count && seed[end] == seed[end - 1] + 1;)
            end++;
        ccrnn_text_add(text, "%s%" PRIu64, i == 0 ? "" : ",", seed[i]);
        if (end > i + 1)
            ccrnn_text_add(text, "..%" PRIu64, seed[end - 1]);
    }
    free(seed);
}

/* The value that an arm's name says of a key of a grid ("ccRNN hidden=12 …"); NULL: it says none. */
static const char *value_in_name(const char *name, const char *key, size_t length)
{
    for (const char *at = strchr(name, ' '); at != NULL; at = strchr(at + 1, ' '))
        if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=')
            return at + length + 2;
    return NULL;
}

static bool is_key_of_grid(const struct ccrnn_study_index *index, const char *key, size_t length)
{
    for (size_t arm = 0; arm < index->arm_count; arm++)
        if (value_in_name(index->arms[arm].name, key, length) != NULL)
            return true;
    return false;
}

/* Is the arm one of those that --set keeps? A value may be written in two ways: then it counts as another one, and
 * the command is for the whole grid. */
static bool has_value(const char *name, const char *assignment, size_t length)
{
    const char *const value = value_in_name(name, assignment, length);
    const char *const wanted = assignment + length + 1;
    return value != NULL && strncmp(value, wanted, strlen(wanted)) == 0 &&
           (value[strlen(wanted)] == ' ' || value[strlen(wanted)] == '\0');
}

/* Does "KEY=VALUE" leave out arms of a grid that have something left? */
static bool leaves_out(const struct ccrnn_survey *survey, const char *assignment)
{
    const size_t length = strcspn(assignment, "=");
    if (assignment[length] == '\0' || !is_key_of_grid(&survey->index, assignment, length))
        return false;
    for (size_t i = 0; i < survey->runs; i++)
        if ((ccrnn_survey_is_left(survey->run[i].state) || survey->run[i].shorter) &&
            !has_value(ccrnn_survey_arm(survey, i), assignment, length))
            return true;
    return false;
}

/* Words at this place that make the command leave something out, or end before all is done. 0: none
 * @param epochs that are set anew; 0: they stay */
static size_t count_dropped(const struct ccrnn_survey *survey, char *const *words,
                            uint64_t epochs)
{
    static const struct {
        const char *name;
        bool has_value;
    } dropped[] = {
        {"--seeds", true}, {"--stop-after", true}, {"--no-wait", false}, {"--fail-fast", false}};
    size_t taken = 0;
    for (size_t k = 0; k < sizeof dropped / sizeof dropped[0] && taken == 0; k++)
        (void)option_value(words, dropped[k].name, dropped[k].has_value, &taken);
    if (taken > 0)
        return taken;
    const char *const set = option_value(words, "--set", true, &taken);
    const bool drops = set != NULL && (leaves_out(survey, set) ||
                                       (epochs > 0 && strncmp(set, "epochs=", 7) == 0));
    return drops ? taken : 0;
}

static void add_place(const struct command *command, struct ccrnn_text *text)
{
    ccrnn_text_add(text, "cd ");
    ccrnn_text_add_shell_word(text, command->where);
    ccrnn_text_add(text, " && ");
}

/* @param epochs to add; 0: those of the command or the study file */
static void add_command(const struct ccrnn_survey *survey, const struct command *command,
                        uint64_t epochs, struct ccrnn_text *text)
{
    ccrnn_text_add(text, "  ");
    if (depends_on_place(command))
        add_place(command, text);
    for (size_t i = 0, taken; command->words[i] != NULL; i += taken > 0 ? taken : 1) {
        taken = count_dropped(survey, command->words + i, epochs);
        if (taken > 0)
            continue;
        ccrnn_text_add(text, i == 0 ? "" : " ");
        ccrnn_text_add_shell_word(text, command->words[i]);
    }
    if (epochs > 0)
        ccrnn_text_add(text, " --set epochs=%" PRIu64, epochs);
    if (has_seeds_of_its_own(survey))
        add_seeds(&survey->index, text);
    ccrnn_text_add(text, "\n");
}

/* Where the data are, and how long a holder may be silent, is for `retry` too. */
static void add_retry(const struct ccrnn_survey *survey, const struct command *command,
                      struct ccrnn_text *text)
{
    const char *data = find_option(command->words, "--data", true);
    char path[CCRNN_PATH_MAX];
    ccrnn_text_add(text, "  ccrnn retry ");
    ccrnn_text_add_shell_word(text, survey->directory);
    if (data != NULL && data[0] != '/' && !is_here(command->where) &&
        ccrnn_path_join(path, sizeof path, command->where, data, NULL) == CCRNN_OK)
        data = path;
    if (data != NULL) {
        ccrnn_text_add(text, " --data ");
        ccrnn_text_add_shell_word(text, data);
    }
    if (survey->stale != CCRNN_LEASE_STALE)
        ccrnn_text_add(text, " --stale %g", survey->stale);
    ccrnn_text_add(text, "\n");
}

void cli_status_retry(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    struct command command;
    find_command(survey, false, &command);
    add_retry(survey, &command, text);
    free(command.words);
}

/* --- all that is left -------------------------------------------------------------------- */

/* The epochs that all runs are to have; 0: not known, or arms have epochs of their own. */
static uint64_t common_target(const struct ccrnn_survey *survey)
{
    for (size_t i = 1; i < survey->runs; i++)
        if (survey->run[i].target != survey->run[0].target)
            return 0;
    return survey->run[0].target;
}

/* `ccrnn run`, for runs that wait and for those that get more epochs. */
static void add_run(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    struct command command;
    uint64_t epochs = 0;
    find_command(survey, survey->shorter > 0, &command);
    if (command.words == NULL && survey->shorter > 0) {
        epochs = common_target(survey);
        find_command(survey, false, &command);
    }
    if (command.words != NULL) {
        add_command(survey, &command, epochs, text);
    } else {
        ccrnn_text_add(text, "  ccrnn run STUDY.yaml --out ");
        ccrnn_text_add_shell_word(text, survey->directory);
        if (epochs > 0)
            ccrnn_text_add(text, " --set epochs=%" PRIu64, epochs);
        ccrnn_text_add(text, "\n");
    }
    free(command.words);
}

bool cli_status_needs_run(const struct ccrnn_survey *survey)
{
    if (survey->count[CCRNN_SURVEY_WAITING] > 0 || survey->to_extend > 0)
        return true;
    struct command command;
    find_command(survey, false, &command);
    /* Ranks that share their batches go on as they began. */
    const bool together = find_option(command.words, "--split-batch", false) != NULL;
    free(command.words);
    return together;
}

void cli_status_command(const struct ccrnn_survey *survey, struct ccrnn_text *text)
{
    if (cli_status_needs_run(survey) || ccrnn_survey_left(survey) == 0)
        add_run(survey, text);
    else
        cli_status_retry(survey, text);
}
