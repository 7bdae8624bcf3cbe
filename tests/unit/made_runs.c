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
                       arm, run->seed, run->hash, run->status, done ? 3 : 1, run->seed % 10);
    write_text(directory, "run.json", info);
    (void)ccrnn_format(config, sizeof config, "task: line_drawing\nhidden: 50\n%sseed: %d\n",
                       run->similarity ? "granule_units: 400\n" : "", run->seed);
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
