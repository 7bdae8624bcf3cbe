#include "made_runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"

#include "scratch.h"

void write_text(const char *directory, const char *name, const char *text)
{
    char path[SCRATCH_PATH];
    (void)ccrnn_format(path, sizeof path, "%s/%s", directory, name);
    scratch_write(path, text, strlen(text));
}

/* Backslash and quote escaped for JSON. */
static void json_escape(char *to, const char *from)
{
    for (; *from != '\0'; from++) {
        if (*from == '"' || *from == '\\')
            *to++ = '\\';
        *to++ = *from;
    }
    *to = '\0';
}

static void write_metrics(const char *directory, const struct made_run *run)
{
    char text[4096] = "step,split,metric,value\n";
    for (int step = 1; step <= 3; step++) {
        char rows[512];
        (void)ccrnn_format(rows, sizeof rows,
                           "%d,train,error,%.9g\n%d,validation,error,%.9g\n"
                           "%d,validation,roughness,0.5\n%d,train,grad_norm,1\n",
                           step, run->error + 3 - step, step, 2.0 * (run->error + 3 - step), step,
                           step);
        strcat(text, rows);
        (void)ccrnn_format(rows, sizeof rows, "%d,train,similarity,%.9g\n", step, 0.1 * step);
        if (run->similarity)
            strcat(text, rows);
    }
    char last[256];
    (void)ccrnn_format(last, sizeof last,
                       "3,test,error,%.9g\n3,test,roughness,%.9g\n3,test,end_point_error,%.9g\n",
                       run->error, 0.25 * run->error, sqrt(run->error));
    strcat(text, last);
    write_text(directory, "metrics.csv", text);
}

static void write_drawings(const char *directory)
{
    char text[8192] = "trial,cue,t,target_x,target_y,output_x,output_y\n";
    for (int trial = 0; trial < 9; trial++) {
        for (int t = 0; t < 4; t++) {
            char row[128];
            const int cue = trial / 3 - 1;
            (void)ccrnn_format(row, sizeof row, "%d,%d,%d,%d,%d,%.9g,%.9g\n", trial, cue, t,
                               cue * t, t, cue * t + 0.1 * trial, t - 0.2);
            strcat(text, row);
        }
    }
    write_text(directory, "drawings.csv", text);
}

const char *run_directory(const struct made_run *run)
{
    static char path[SCRATCH_PATH];
    char name[128];
    (void)ccrnn_format(name, sizeof name, "%s/%s-%s/%d", run->study, run->arm, run->hash,
                       run->seed);
    for (char *c = name + strlen(run->study) + 1; c < strrchr(name, '/'); c++) {
        if (strchr("<>\"'`$()/&;\\ ", *c) != NULL)
            *c = '_';
    }
    (void)ccrnn_format(path, sizeof path, "%s/%s", scratch_directory(), name);
    return path;
}

void make_run(const struct made_run *run)
{
    char info[2048], arm[256], config[256];
    const char *const directory = run_directory(run);
    assert_int_equal(ccrnn_directory_make(directory, NULL), CCRNN_OK);
    json_escape(arm, run->arm);
    const bool done = strcmp(run->status, "done") == 0;
    (void)ccrnn_format(info, sizeof info,
                       "{\"format\":\"ccrnn-run-1\",\"study\":\"lines\",\"arm\":\"%s\","
                       "\"seed\":%d,\"hash\":\"%s\",\"status\":\"%s\",\"epoch\":%d,\"epochs\":3,"
                       "\"numerics\":1,\"version\":\"0.1.0\",\"commit\":\"c0ffee\","
                       "\"compiler\":\"cc\",\"kernels\":\"plain\",\"gemm\":\"plain\","
                       "\"libraries\":{},\"host\":\"here\",\"cpu\":\"a CPU\","
                       "\"argv\":[\"ccrnn\",\"run\",\"a study.yaml\"],"
                       "\"started\":\"2026-01-01T00:00:0%dZ\",\"finished\":null,"
                       "\"seconds\":2.5,\"error\":null}",
                       arm, run->seed, run->hash, run->status,
                       run->epoch > 0 ? run->epoch
                       : done         ? 3
                                      : 1,
                       run->seed % 10);
    write_text(directory, "run.json", info);
    (void)ccrnn_format(config, sizeof config, "task: %s\nhidden: 50\n%sseed: %d\n%s%s%s",
                       run->task == NULL ? "line_drawing" : run->task,
                       run->similarity ? "granule_units: 400\n" : "", run->seed,
                       run->alone ? "cerebellum: none\n" : "",
                       run->horizon == NULL ? "" : "inputs_per_step: 28\nhorizon: ",
                       run->horizon == NULL ? "" : run->horizon);
    strcat(config, "\n");
    if (run->clip != NULL)
        strcat(strcat(strcat(config, "clip: "), run->clip), "\n");
    write_text(directory, "config.yaml", config);
    write_metrics(directory, run);
    if (run->drawings)
        write_drawings(directory);
}

void make_arm(const char *study, const char *arm, const char *hash, const double *error,
              int seeds, bool similarity)
{
    for (int i = 0; i < seeds; i++)
        make_run(&(struct made_run){.study = study,
                                    .arm = arm,
                                    .hash = hash,
                                    .seed = i + 1,
                                    .status = "done",
                                    .error = error[i],
                                    .similarity = similarity,
                                    .drawings = true});
}

/* A file of a run being written. */
struct made_file {
    char text[1 << 16];
    size_t length;
};

static void add_line(struct made_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_line(struct made_file *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    file->length += (size_t)ccrnn_format_v(file->text + file->length,
                                           sizeof file->text - file->length, format, arguments);
    va_end(arguments);
    assert_true(file->length < sizeof file->text);
}

static void write_drawing_metrics(struct made_file *file, const struct made_run *run)
{
    static const char *const metrics[] = {"error",           "roughness",
                                          "end_point_error", "overshoot",
                                          "undershoot",      "path_length_ratio",
                                          "curvature",       "direction_error",
                                          "sparc",           "log_dimensionless_jerk"};
    for (int step = 1; step <= 3; step++)
        add_line(file,
                 "%d,train,error,%.9g\n%d,validation,error,%.9g\n%d,validation,roughness,1\n",
                 step, run->error + 3 - step, step, 2.0 * (run->error + 3 - step), step);
    for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++) {
        const bool missing = run->unlucky && strcmp(metrics[m], "sparc") == 0;
        add_line(file, "3,test,%s,%.9g\n", metrics[m], missing ? NAN : run->error);
        for (int k = 0; k < MADE_CLASSES; k++)
            add_line(file, "3,test,%s.%d,%.9g\n", metrics[m], k,
                     strcmp(metrics[m], "sparc") == 0 && k == 0 ? NAN : run->error + k);
    }
}

static void write_answer_metrics(struct made_file *file, const struct made_run *run)
{
    for (int step = 1; step <= 3; step++)
        add_line(file,
                 "%d,train,nll,%.9g\n%d,validation,nll,%.9g\n%d,validation,accuracy,0.5\n"
                 "%d,validation,uncertainty,0.5\n",
                 step, run->error + 3 - step, step, 2.0 * (run->error + 3 - step), step, step);
    add_line(file, "3,test,nll,%.9g\n3,test,accuracy,%.9g\n3,test,uncertainty,%.9g\n", run->error,
             1.0 / (1.0 + run->error), run->unlucky ? NAN : run->error);
    for (int k = 0; k < MADE_CLASSES; k++) {
        add_line(file, "3,test,uncertainty.%d,%.9g\n", k, run->error + k);
        for (int c = 0; c < MADE_CLASSES; c++) {
            const int next = c == (k + 1) % MADE_CLASSES ? 2 : 0;
            add_line(file, "3,test,confusion.%d.%d,%d\n", k, c, c == k ? 8 : next);
        }
    }
}

static void write_task_outputs(const char *directory, bool answers, struct made_file *file)
{
    file->length = 0;
    add_line(file, answers ? "trial,cue,t,digit,probability\n"
                           : "trial,cue,t,target_x,target_y,output_x,output_y\n");
    for (int k = 0; k < MADE_CLASSES; k++) {
        for (int t = 0; t < MADE_STEPS; t++) {
            for (int c = 0; c < MADE_CLASSES && answers; c++)
                add_line(file, "%d,%d,%d,%d,%.6g\n", k, k, t, c,
                         c == k ? 0.5 : 0.5 / (MADE_CLASSES - 1));
            if (!answers)
                add_line(file, "%d,%d,%d,%d,%d,%.6g,%.6g\n", k, k, t, k * t, t, k * t + 0.1,
                         t - 0.3);
        }
    }
    write_text(directory, answers ? "answers.csv" : "drawings.csv", file->text);
}

static void write_images(const char *directory, struct made_file *file)
{
    file->length = 0;
    add_line(file, "trial,cue,t,pixels\n");
    for (int k = 0; k < MADE_CLASSES; k++) {
        for (int t = 0; t < MADE_STEPS; t++) {
            add_line(file, "%d,%d,%d,", k, k, t);
            for (int i = 0; i < 784 / MADE_STEPS; i++)
                add_line(file, "%s%d", i == 0 ? "" : " ", i % 9 == k ? 255 : 0);
            add_line(file, "\n");
        }
    }
    write_text(directory, "images.csv", file->text);
}

void make_task_run(const struct made_run *run)
{
    static struct made_file file;
    char directory[SCRATCH_PATH];
    const bool answers = strcmp(run->task, "visual-discrimination") == 0;
    make_run(run);
    (void)ccrnn_format(directory, sizeof directory, "%s", run_directory(run));
    file.length = 0;
    add_line(&file, "step,split,metric,value\n");
    if (answers)
        write_answer_metrics(&file, run);
    else
        write_drawing_metrics(&file, run);
    write_text(directory, "metrics.csv", file.text);
    write_task_outputs(directory, answers, &file);
    write_images(directory, &file);
}

void make_task_arm(const char *study, const char *arm, const char *task, const char *horizon,
                   double error, int seeds, bool alone)
{
    for (int i = 0; i < seeds; i++)
        make_task_run(&(struct made_run){.study = study,
                                         .arm = arm,
                                         .hash = "aa",
                                         .seed = i + 1,
                                         .status = "done",
                                         .error = error + 0.5 * i,
                                         .task = task,
                                         .horizon = horizon,
                                         .alone = alone});
}
