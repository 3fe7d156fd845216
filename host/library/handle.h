/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What is behind struct bl23_handle. The files of this room share it; nothing else includes it. */
#ifndef BL23_HOST_HANDLE_H
#define BL23_HOST_HANDLE_H

#include <fenv.h>
#include <locale.h>

#include "host/config/prepared_survey.h"
#include "host/library/bl23.h"
#include "host/library/mass_cache.h"

struct bl23_handle {
    struct bl23_config *config;
    char *resolved, *bibtex;       /* NULL: not made yet; no resolved without a survey */
    struct bl23_model *header;     /* without masses, for points: all columns */
    struct bl23_knot_maker maker;  /* of config */
    struct bl23_mass_cache masses; /* of points */
    struct bl23_survey survey;     /* where has_survey: of samples */
    bool is_survey, has_survey;    /* is there one; is it prepared */
    locale_t locale;               /* "C" */
};

/* What a function of the interface changes of its thread, and restores: numbers are printed and
 * rounded in one way whatever the caller has set. */
struct bl23_scope {
    fenv_t environment;
    locale_t locale;
};
struct bl23_scope bl23_scope_enter(locale_t locale);
void bl23_scope_leave(struct bl23_scope const *scope);

/* The code of a failure, and its sentence into *message (NULL: nowhere). */
int32_t bl23_answer(enum bl23_status status, struct bl23_error const *error, uint64_t row,
                    struct bl23_message *message);

/* A failure of the caller. */
int32_t bl23_refuse(struct bl23_message *message, char const *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The columns of a request, by number: those of the record, then the rest. */
enum bl23_library_column {
    BL23_COLUMN_OF_TENSION_G_FREE = BL23_COLUMNS,
    BL23_COLUMN_OF_LEVEL,
    BL23_COLUMN_OF_SURVIVES,
    BL23_LIBRARY_COLUMNS
};

/* Look the names of a request up: column[n_columns], which the caller frees. `groups` are those
 * that are computed; points or samples. */
int32_t bl23_request_read(struct bl23_request const *request, unsigned groups, bool points,
                          int **column, struct bl23_message *message);

/* Threads that a request asks for. */
unsigned bl23_request_threads(struct bl23_request const *request);

/* Says how much is done; true: stop. */
bool bl23_request_stops(struct bl23_request const *request, uint64_t done, uint64_t total);

#endif
