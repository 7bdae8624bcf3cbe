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
    if (run->epoch > 3)
        add_line(&file, "%d,train,grad_norm,1\n", run->epoch);
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

const char *const made_scores[7] = {"bleu_1",  "bleu_2", "bleu_3", "bleu_4",
                                    "rouge_l", "cider",  "cider_d"};

static void write_caption_metrics(const char *directory, struct made_file *file,
                                  const struct made_run *run)
{
    const double e = run->error;
    file->length = 0;
    add_line(file, "step,split,metric,value\n");
    for (int step = 1; step <= 3; step++) {
        const double bits = e + 3 - step;
        add_line(file,
                 "%d,train,bits_per_word,%.9g\n%d,train,bits_per_word_with_start,%.9g\n"
                 "%d,validation,bits_per_word,%.9g\n%d,validation,perplexity,%.9g\n"
                 "%d,validation,accuracy,0.5\n",
                 step, bits, step, 0.9 * bits, step, 2.0 * bits, step, exp2(2.0 * bits), step);
    }
    if (strcmp(run->status, "done") == 0) {
        add_line(file,
                 "3,test,best_epoch,2\n3,test,bits_per_word,%.9g\n"
                 "3,test,bits_per_word_with_start,%.9g\n3,test,perplexity,%.9g\n"
                 "3,test,accuracy,%.9g\n3,test,unigram_bits_per_word,7.5\n"
                 "3,test,bigram_bits_per_word,5.25\n",
                 e, 0.9 * e, exp2(e), 1.0 / (1.0 + e));
        for (int k = 1; k <= MADE_POSITIONS; k++)
            add_line(file, "3,test,bits_per_word.%d,%.9g\n", k, e + k);
        for (int m = 0; m < 7; m++) {
            const double score = run->unlucky ? NAN : 0.1 * e + 0.01 * m;
            add_line(file, "3,test,%s,%.9g\n", made_scores[m], score);
            for (int k = 0; k < 3; k++)
                add_line(file, "3,test,%s.%d,%.9g\n", made_scores[m], k, score + k);
        }
    }
    write_text(directory, "metrics.csv", file->text);
}

static void write_captions(const char *directory, struct made_file *file,
                           const struct made_run *run)
{
    static const char *const lengths[] = {"short", "medium", "long"};
    file->length = 0;
    add_line(file, "image,length_class,caption,bleu_1,bleu_2,bleu_3,bleu_4,rouge_l,cider,cider_d,"
                   "references\n");
    for (int i = 0; i < MADE_IMAGES; i++) {
        add_line(file, "image-%d.jpg,%s,", i, lengths[i % 3]);
        if (i != 3)
            add_line(file, "\"<b>%s</b> & %d\"", run->arm, i);
        add_line(file, ",0.5,0.5,0.5,%.9g,0.5,0.5,%.9g,\"a \"\"dog\"\", %d | <i>a cat</i>\"\n",
                 0.01 * i, 0.1 * i, i);
    }
    write_text(directory, "captions.csv", file->text);
}

void make_caption_run(const struct made_run *run)
{
    static struct made_file file;
    char directory[SCRATCH_PATH], config[256];
    make_run(run);
    (void)ccrnn_format(directory, sizeof directory, "%s", run_directory(run));
    (void)ccrnn_format(config, sizeof config,
                       "task: captions\nhidden: 50\nhorizon: %s\n%sshortest: 11\nlongest: 15\n"
                       "seed: %d\n",
                       run->horizon, run->alone ? "cerebellum: none\n" : "", run->seed);
    write_text(directory, "config.yaml", config);
    write_caption_metrics(directory, &file, run);
    if (strcmp(run->status, "done") == 0)
        write_captions(directory, &file, run);
}
