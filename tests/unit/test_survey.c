/* Surveys: a look goes by clocks, looks again by what changed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "base/host.h"
#include "scratch.h"
#include "study/forecast.h"

enum { ENTRY_SIZE = SCRATCH_PATH + 512 };

static const char hash[] = "0123456789ab";

static void write_index(const char *seeds)
{
    char text[512];
    const int length = snprintf(
        text, sizeof text,
        "{\"format\": \"ccrnn-study-1\", \"study\": \"s\", \"arms\": [{\"name\": \"arm\", "
        "\"hash\": \"%s\", \"directory\": \"arm\"}], \"seeds\": [%s]}",
        hash, seeds);
    scratch_write(scratch_path("study/study.json"), text, (size_t)length);
}

static void write_run(unsigned seed, const char *status, unsigned epoch)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "study/arm/%u", seed);
    (void)mkdir(scratch_path(path), 0777);
    const int length = snprintf(
        text, sizeof text,
        "{\"format\": \"ccrnn-run-1\", \"status\": \"%s\", \"hash\": \"%s\", \"seed\": %u, "
        "\"epoch\": %u, \"epochs\": 9, \"sessions\": 1}",
        status, hash, seed, epoch);
    snprintf(path, sizeof path, "study/arm/%u/run.json", seed);
    scratch_write(scratch_path(path), text, (size_t)length);
}

static void touch(const char *entry, double seconds_ago)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= (time_t)seconds_ago;
    const struct timespec times[2] = {now, now};
    assert_int_equal(utimensat(AT_FDCWD, entry, times, 0), 0);
}

/* A process elsewhere holds a run, whose lease was touched so long ago. @param[out] entry ENTRY_SIZE bytes */
static void hold(unsigned seed, double seconds_ago, char *entry)
{
    char path[64];
    snprintf(path, sizeof path, "study/arm/%u/lease", seed);
    snprintf(entry, ENTRY_SIZE, "%s/host=far,boot=0,ns=1,pid=%u,start=3,beat=15000,token=%016x",
             scratch_path(path), seed, seed);
    assert_int_equal(mkdir(scratch_path(path), 0777), 0);
    assert_int_equal(mkdir(entry, 0777), 0);
    touch(entry, seconds_ago);
}

static char study_directory[SCRATCH_PATH];

static int make_study(void **state)
{
    if (scratch_setup(state) != 0)
        return -1;
    snprintf(study_directory, sizeof study_directory, "%s", scratch_path("study"));
    return mkdir(scratch_path("study"), 0777) != 0 || mkdir(scratch_path("study/arm"), 0777) != 0;
}

static void a_touch_that_is_seen_counts_more_than_any_clock(void **state)
{
    (void)state;
    struct ccrnn_survey survey;
    struct ccrnn_error err = {0};
    char slow[ENTRY_SIZE], silent[ENTRY_SIZE];
    write_index("1, 2, 3");
    write_run(1, "running", 0);
    write_run(2, "running", 0);
    hold(1, 4000, slow);
    hold(2, 4000, silent);
    assert_int_equal(ccrnn_survey_open(study_directory, 300, &survey, &err), CCRNN_OK);
    assert_int_equal(survey.runs, 3);
    assert_int_equal(survey.count[CCRNN_SURVEY_STALE], 2);
    assert_int_equal(survey.run[2].state, CCRNN_SURVEY_WAITING);
    assert_true(survey.run[0].untouched > 3900 && survey.run[0].untouched < 4900);
    touch(slow, 3990); /* by a machine whose clock is an hour behind */
    assert_int_equal(ccrnn_survey_look(&survey, &err), CCRNN_OK);
    assert_int_equal(survey.run[0].state, CCRNN_SURVEY_RUNNING);
    assert_true(survey.run[0].untouched >= 0 && survey.run[0].untouched < 100);
    assert_int_equal(survey.run[1].state, CCRNN_SURVEY_STALE);
    assert_int_equal(ccrnn_survey_look(&survey, &err), CCRNN_OK);
    assert_int_equal(survey.run[0].state, CCRNN_SURVEY_RUNNING);
    ccrnn_survey_close(&survey);
    /* Who looks for the first time knows nothing of that. */
    assert_int_equal(ccrnn_survey_open(study_directory, 300, &survey, &err), CCRNN_OK);
    assert_int_equal(survey.count[CCRNN_SURVEY_STALE], 2);
    ccrnn_survey_close(&survey);
}

static void silence_is_measured_from_the_last_touch_that_was_seen(void **state)
{
    (void)state;
    struct ccrnn_survey survey;
    struct ccrnn_error err = {0};
    char entry[ENTRY_SIZE];
    const struct timespec moment = {.tv_nsec = 50000000};
    write_index("7");
    write_run(7, "running", 0);
    hold(7, 0, entry);
    assert_int_equal(ccrnn_survey_open(study_directory, 300, &survey, &err), CCRNN_OK);
    const double first = survey.run[0].untouched;
    nanosleep(&moment, NULL);
    assert_int_equal(ccrnn_survey_look(&survey, &err), CCRNN_OK);
    assert_true(survey.run[0].untouched >= first + 0.05);
    touch(entry, -100000); /* ahead of every clock: still a sign of life, now */
    assert_int_equal(ccrnn_survey_look(&survey, &err), CCRNN_OK);
    assert_true(survey.run[0].untouched < 1);
    nanosleep(&moment, NULL);
    assert_int_equal(ccrnn_survey_look(&survey, &err), CCRNN_OK);
    assert_true(survey.run[0].untouched >= 0.05);
    ccrnn_survey_close(&survey);
}

static void seeds_that_come_and_runs_that_end_are_seen(void **state)
{
    (void)state;
    struct ccrnn_survey survey;
    struct ccrnn_forecast forecast;
    struct ccrnn_error err = {0};
    write_index("11, 12");
    write_run(11, "interrupted", 4);
    assert_int_equal(ccrnn_survey_open(study_directory, 300, &survey, &err), CCRNN_OK);
    assert_int_equal(survey.run[0].state, CCRNN_SURVEY_INTERRUPTED);
    assert_int_equal(survey.run[0].epoch, 4);
    assert_int_equal(survey.run[1].epochs, 9); /* as the other run of its arm */
    assert_true(isnan(survey.run[0].untouched));
    assert_int_equal(ccrnn_survey_left(&survey), 2);
    write_run(11, "done", 9);
    write_run(12, "nonfinite", 2);
    assert_int_equal(ccrnn_survey_look(&survey, &err), CCRNN_OK);
    assert_int_equal(ccrnn_survey_left(&survey), 0);
    assert_int_equal(ccrnn_forecast_make(&survey, &forecast, &err), CCRNN_OK);
    assert_true(forecast.known && forecast.seconds == 0 && isnan(forecast.wait));
    ccrnn_forecast_free(&forecast);
    write_index("11, 12, 13");
    assert_int_equal(ccrnn_survey_look(&survey, &err), CCRNN_OK);
    assert_int_equal(survey.runs, 3);
    assert_int_equal(ccrnn_survey_left(&survey), 1);
    /* No run has options that tell how long it takes. */
    assert_int_equal(ccrnn_forecast_make(&survey, &forecast, &err), CCRNN_OK);
    assert_false(forecast.known);
    ccrnn_forecast_free(&forecast);
    ccrnn_survey_close(&survey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_touch_that_is_seen_counts_more_than_any_clock),
        cmocka_unit_test(silence_is_measured_from_the_last_touch_that_was_seen),
        cmocka_unit_test(seeds_that_come_and_runs_that_end_are_seen),
    };
    return cmocka_run_group_tests_name("survey", tests, make_study, scratch_teardown);
}
