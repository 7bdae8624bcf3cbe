/* ccrnn list tasks|studies|options. */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ccrnn/ccrnn.h"
#include "cli/commands.h"
#include "study/study.h"

struct list_options {
    const char *what;
    bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct list_options *const options = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->what != NULL)
            argp_error(state, "one list at a time: tasks, studies or options");
        options->what = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "list what? tasks, studies or options");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_list[] = {
    {"json", CLI_KEY_JSON, NULL, 0, "Print JSON to stdout (options only)", 0},
    {0},
};

const struct argp cli_list_argp = {
    .options = option_list,
    .parser = parse,
    .args_doc = "tasks|studies|options",
    .doc =
        "List the tasks, the studies that come with ccrnn, or every option of a study with type, "
        "range, default and meaning. An option is a key of base:, of an arm, of sweep:, zip: and "
        "random:.",
};

static int list_tasks(void)
{
    for (unsigned t = 0; t < CCRNN_TASK_COUNT; t++) {
        struct ccrnn_run_config config;
        ccrnn_run_config_default((enum ccrnn_task)t, &config);
        const struct ccrnn_network_config *const network = &config.network;
        const struct ccrnn_task_kind *const kind = ccrnn_task_kind((enum ccrnn_task)t);
        printf("%s\n    %s\n    published: T = %zu steps of %zu input%s, %zu hidden units, "
               "horizon %zu\n",
               kind->name, kind->help, network->steps, network->inputs,
               network->inputs == 1 ? "" : "s", network->hidden, network->horizon);
    }
    printf("\nEvery size is an option: ccrnn list options.\n");
    return 0;
}

static void print_option(const struct ccrnn_option *option)
{
    char range[192], defaults[192];
    ccrnn_option_range(option, range, sizeof range);
    ccrnn_option_defaults(option, defaults, sizeof defaults);
    printf("  %s: %s\n", option->key, option->help);
    printf("      %s", range);
    if (cli_text(option->unit)[0] != '\0')
        printf(" (%s)", cli_text(option->unit));
    printf(defaults[0] == '\0' ? "; no default" : "; default %s", defaults);
    if (cli_text(option->applies_text)[0] != '\0')
        printf("; %s", cli_text(option->applies_text));
    printf("\n");
}

static int list_options(void)
{
    const char *group = "";
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        if (option->derived)
            continue;
        if (strcmp(group, option->group) != 0)
            printf("%s%s\n", *group == '\0' ? "" : "\n", option->group);
        group = option->group;
        print_option(option);
    }
    return 0;
}

static int list_options_json(void)
{
    json_t *const list = json_array();
    for (size_t i = 0; i < ccrnn_option_count(); i++) {
        const struct ccrnn_option *const option = ccrnn_option_at(i);
        char range[192];
        if (option->derived)
            continue;
        ccrnn_option_range(option, range, sizeof range);
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "key", option->key,
                      "group", option->group, "type", ccrnn_option_type_name(option->type),
                      "range", range, "default", cli_text(option->default_text), "digits_default",
                      ccrnn_option_default(option, CCRNN_TASK_VISUAL_DISCRIMINATION),
                      "captions_default", ccrnn_option_default(option, CCRNN_TASK_CAPTIONS),
                      "unit", cli_text(option->unit), "help", option->help, "applies",
                      cli_text(option->applies_text)));
    }
    json_dumpf(list, stdout, JSON_INDENT(1));
    printf("\n");
    json_decref(list);
    return 0;
}

static int is_yaml(const struct dirent *entry)
{
    const char *const dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".yaml") == 0;
}

/* Every study of a folder; false if there is none. */
static bool list_folder(const char *folder)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_yaml, alphasort);
    for (int i = 0; i < count; i++) {
        char path[CCRNN_PATH_MAX];
        struct ccrnn_study *study = NULL;
        struct ccrnn_error err = {0};
        enum ccrnn_status status =
            ccrnn_path_join(path, sizeof path, folder, entries[i]->d_name, &err);
        if (status == CCRNN_OK)
            status = ccrnn_study_load(path, NULL, &study, &err);
        if (status == CCRNN_OK)
            printf("%s\n    %s (%zu arm%s × %zu seed%s)\n", path, study->description,
                   study->arm_count, cli_plural(study->arm_count), study->seed_count,
                   cli_plural(study->seed_count));
        else
            printf("%s\n    cannot be read: %s\n", entries[i]->d_name, err.message);
        ccrnn_study_destroy(study);
        free(entries[i]);
    }
    free(entries);
    return count > 0;
}

static int list_studies(void)
{
    if (list_folder("studies"))
        return 0;
    if (list_folder(CCRNN_STUDIES_DIRECTORY))
        return 0;
    fprintf(stderr,
            "ccrnn list: no studies in ./studies or %s; start in the folder of the sources, or "
            "install ccrnn\n",
            CCRNN_STUDIES_DIRECTORY);
    return ccrnn_status_exit_code(CCRNN_IO);
}

int cli_list(int argc, char **argv)
{
    static const char *const lists[] = {"tasks", "studies", "options", NULL};
    char hint[128];
    struct list_options options = {0};
    cli_parse(&cli_list_argp, argc, argv, &options);
    if (options.json && strcmp(options.what, "options") != 0) {
        fprintf(stderr, "ccrnn list: --json has no effect on %s; leave it out\n", options.what);
        return ccrnn_status_exit_code(CCRNN_USAGE);
    }
    if (strcmp(options.what, "tasks") == 0)
        return list_tasks();
    if (strcmp(options.what, "studies") == 0)
        return list_studies();
    if (strcmp(options.what, "options") == 0)
        return options.json ? list_options_json() : list_options();
    fprintf(stderr, "ccrnn list: \"%s\" is no list; expected tasks, studies or options%s\n",
            options.what, cli_hint(options.what, lists, hint));
    return ccrnn_status_exit_code(CCRNN_USAGE);
}
