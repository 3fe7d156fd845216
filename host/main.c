/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The program: it starts the ranks of a job, calls one command of host/cli, and ends with its exit
 * code. The way of `bl23 survey`, to which most of the code belongs:
 *
 *   read      cli/cmd_survey.c reads the options, config/config.c the YAML file
 *   prepare   config/prepared_survey.c: all that is fixed before the first sample; the model of it
 *             is made by tables/model_build.c
 *   compute   survey/survey_job.c leads all ranks; survey/survey_loop.c runs the units of one rank
 *             through a backend (kernels/backend.h) and commits the results (run/run_folder.c)
 *   store     run/merge.c merges what was committed, output/survey_file.c writes it
 *   show      cli/summary.c */
#include <gsl/gsl_errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/cli/commands.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/notes.h"
#include "host/io/process.h"
#include "host/io/stop.h"
#include "host/output/hdf5_library.h"
#include "host/ranks/ranks.h"
#include "kernels/sample/error.h"
#include "version.h"

static bool is_survey(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "survey") == 0;
}

static enum bl23_status dispatch(int argc, char **argv, struct bl23_error *error)
{
    if (argc < 2)
        return BL23_ERROR_USAGE; /* without a sentence: finish() shows how it is used */
    char const *const name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        bl23_help_print(stdout);
        return BL23_OK;
    }
    if (strcmp(name, "--version") == 0) {
        printf("bl23 %s\n", BL23_VERSION);
        return BL23_OK;
    }
    struct bl23_command const *command = NULL;
    bool help = false;
    BL23_TRY(bl23_command_find(name, &command, error));
    enum bl23_status status = bl23_arguments_read(command, argc - 1, argv + 1, &help, error);
    if (help) {
        if (bl23_ranks_rank() == 0) /* one voice for all ranks */
            bl23_help_print_command(command, stdout);
        return BL23_OK;
    }
    if (is_survey(argc, argv)) { /* all ranks compute it, and their options may differ */
        BL23_TRY(bl23_ranks_start(error));
        status = bl23_ranks_agree(status, error);
    }
    return status == BL23_OK ? command->run(error) : status;
}

/* ---- a job of several processes ---- */

/* Collective: one rank speaks for all only where all were asked the same. Ranks of a survey may
 * differ in options, such as --backend. */
static enum bl23_status compare_command_lines(int argc, char **argv, struct bl23_error *error)
{
    uint64_t sum = 0;
    int const looked_at = is_survey(argc, argv) ? 2 : argc;
    for (int k = 1; k < looked_at; k++) {
        uint64_t const parts[2] = {sum, bl23_checksum(argv[k], strlen(argv[k]))};
        sum = bl23_checksum(parts, sizeof parts);
    }
    uint64_t first = sum;
    enum bl23_status status = BL23_OK;
    bl23_ranks_broadcast(&first, sizeof first);
    if (first != sum)
        status = bl23_fail(
            error, BL23_ERROR_USAGE,
            "the command line differs from that of rank 0; give every rank of a job the same one");
    return bl23_ranks_agree(status, error);
}

/* Only a survey is computed by all ranks (host/survey/survey_job.c): any other command is rank 0's,
 * and the others wait for it. All end as the first that failed does. */
static enum bl23_status run_command(int argc, char **argv, struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    if (bl23_ranks_launched()) {
        BL23_TRY(bl23_ranks_start(error));
        if (bl23_ranks_rank() > 0)
            bl23_notes_silence();
        BL23_TRY(bl23_ranks_agree(bl23_process_set_arithmetic(error), error));
        BL23_TRY(compare_command_lines(argc, argv, error));
    }
    if (is_survey(argc, argv) || bl23_ranks_rank() == 0)
        status = dispatch(argc, argv, error);
    else
        bl23_stop_catch_signals(); /* a signal is rank 0's matter, too */
    return bl23_ranks_agree(status, error);
}

/* Has all that was printed arrived? Some file systems tell only when a file is closed that its disk
 * is full. */
static bool stdout_arrived(void)
{
    bool const written = fflush(stdout) == 0 && !ferror(stdout);
    int const copy = dup(STDOUT_FILENO);
    return (copy < 0 || close(copy) == 0) && written;
}

static int finish(enum bl23_status status, struct bl23_error const *error)
{
    if (!stdout_arrived() && status == BL23_OK) {
        fprintf(stderr, "bl23: writing the result to stdout failed\n");
        return bl23_status_exit_code(BL23_ERROR_IO);
    }
    if (status == BL23_ERROR_USAGE && !error->text[0] && bl23_ranks_rank() == 0)
        bl23_help_print(stderr);
    else if (status != BL23_OK && bl23_ranks_rank() == 0) /* one voice for all ranks */
        fprintf(stderr, "bl23: %s\n", error->text[0] ? error->text : bl23_status_text(status));
    return bl23_status_exit_code(status);
}

/* GSL says by its handler that memory is short, and goes on with an array that is not there. */
static void end_without_memory(char const *reason, char const *file, int line, int number)
{
    (void)reason, (void)file, (void)line;
    if (number != GSL_ENOMEM)
        return;
    fprintf(stderr, "bl23: out of memory\n");
    _exit(bl23_status_exit_code(BL23_ERROR_MEMORY));
}

int main(int argc, char **argv)
{
    struct bl23_error error = {BL23_OK, ""};
    enum bl23_status status = bl23_process_prepare(&error);
    if (status == BL23_OK) {
        gsl_set_error_handler(end_without_memory);
        bl23_h5_prepare();
        bl23_json_prepare();
        status = run_command(argc, argv, &error);
    }
    int const code = finish(status, &error);
    bl23_ranks_stop(); /* after the message: a launcher that stops a job may not wait longer */
    return code;
}
