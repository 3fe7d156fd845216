/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/shipped_surveys.h"

#include <stdio.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/words.h"

/* Made by tables/base/embed.cmake: `files`. */
#include "surveys_data.inc"

struct bl23_embedded_file const *const bl23_shipped_surveys = files;

static char const ending[] = ".yaml";

void bl23_shipped_survey_name(struct bl23_embedded_file const *file, char name[BL23_WORD_SIZE])
{
    size_t const length = strlen(file->name) - strlen(ending);
    snprintf(name, BL23_WORD_SIZE, "%c%.*s", BL23_SHIPPED_MARK, (int)length, file->name);
}

char const *bl23_shipped_survey_question(struct bl23_embedded_file const *file, int *length)
{
    char const *const text = (char const *)file->data + strlen("# ");
    *length = (int)strcspn(text, "\n");
    return text;
}

/* Does one name contain the other, or is it up to two letters away? */
static bool is_near(char const *name, char const *wanted)
{
    return strstr(name, wanted) || strstr(wanted, name) || bl23_count_changes(name, wanted) <= 2;
}

enum bl23_status bl23_shipped_survey_find(char const *name, struct bl23_embedded_file const **file,
                                          struct bl23_error *error)
{
    char near[512] = "", shipped[BL23_WORD_SIZE];
    size_t const length = strlen(name), cut = strlen(ending);
    bool const ends = length > cut && strcmp(name + length - cut, ending) == 0;
    char wanted[BL23_WORD_SIZE];
    snprintf(wanted, sizeof wanted, "%.*s", (int)(ends ? length - cut : length), name);
    for (*file = files; (*file)->name; ++*file) {
        size_t const used = strlen(near);
        bl23_shipped_survey_name(*file, shipped);
        if (strcmp(shipped, wanted) == 0)
            return BL23_OK;
        if (is_near(shipped + 1, wanted + 1))
            snprintf(near + used, sizeof near - used, "%s%s", used ? ", " : "", shipped);
    }
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "no survey '%.80s' is shipped%s%s; 'bl23 info --surveys' lists them, and "
                     "'./%.80s' names a file",
                     name, near[0] ? "; similar names are " : "", near, name);
}
