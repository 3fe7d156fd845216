/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libbl23: the local (B-L)_23 model (arXiv:2008.09793) as a library, for C99 and C++11.
 *
 * A handle holds a model: inputs and constraints, and where it was opened with a configuration also
 * its survey. With it, bl23_points computes points that you choose, bl23_samples the samples of the
 * survey, by the code of the program bl23 and with the same bits.
 *
 * Every function that can fail returns a code, BL23_CODE_OK or why it failed, and puts a sentence
 * into *message, which may be NULL. No function prints, exits or raises. Different handles may be
 * used by different threads at the same time; one handle by one thread at a time. Functions may
 * start threads of their own and wait for them. Numbers do not depend on the number of threads, the
 * locale or the rounding mode.
 *
 * docs/library.md describes the columns and has examples. */
#ifndef BL23_H
#define BL23_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define BL23_API __attribute__((visibility("default")))
#else
#define BL23_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What went wrong. */
#define BL23_CODE_OK 0
#define BL23_CODE_FAILED 1   /* the computation failed */
#define BL23_CODE_MEMORY 2   /* out of memory */
#define BL23_CODE_IO 3       /* a file could not be read, because the machine failed */
#define BL23_CODE_CONFIG 4   /* the configuration is wrong */
#define BL23_CODE_DOMAIN 5   /* a number is outside the domain of the model, or NaN */
#define BL23_CODE_ARGUMENT 6 /* NULL, a column that does not exist, a range that does not exist */
#define BL23_CODE_STOPPED 7  /* the progress function asked to stop */

#define BL23_MESSAGE_SIZE 1024
#define BL23_NO_ROW UINT64_MAX

struct bl23_message {
    int32_t code;
    uint64_t row;                 /* the row of the arrays that is wrong, from 0; or BL23_NO_ROW */
    char text[BL23_MESSAGE_SIZE]; /* one sentence */
};

struct bl23_handle;

/* The version of the library, such as "0.2.0". */
BL23_API const char *bl23_version(void);

/* Open a handle with a configuration: `length` bytes of YAML (docs/configuration.md), or the name
 * of a shipped survey such as "@fig3". `path` stands in messages and says in which folder the files
 * are that the configuration names; NULL: the current one. On failure *handle is NULL. */
BL23_API int32_t bl23_open(const char *text, uint64_t length, const char *path,
                           struct bl23_handle **handle, struct bl23_message *message);

/* The same with the names of constraint sets, separated by commas, as `bl23 point --constraints`
 * takes them; bands at sigma 1 or 2; inputs "pdg2018" or "pdg2024" (NULL: pdg2018). Such a handle
 * has no survey. */
BL23_API int32_t bl23_open_sets(const char *sets, int32_t sigma, const char *inputs,
                                struct bl23_handle **handle, struct bl23_message *message);

/* Free a handle, and all texts that it gave. NULL is nothing. */
BL23_API void bl23_close(struct bl23_handle *handle);

/* ---- columns ---- */

struct bl23_column_info {
    const char *name, *unit, *text; /* static; "1" is the unit of a number */
    int32_t of_points, of_samples;  /* 1: bl23_points, bl23_samples know it */
};

/* How many columns there are, and the k-th of them. */
BL23_API uint32_t bl23_columns(void);
BL23_API int32_t bl23_column(uint32_t k, struct bl23_column_info *info,
                             struct bl23_message *message);

/* Called between pieces of work with how much is done. Stop if it returns another number than 0. */
typedef int32_t bl23_progress(void *data, uint64_t done, uint64_t total);

/* Columns to compute, and how. */
struct bl23_request {
    uint32_t n_columns;
    const char *const *columns; /* [n_columns] names */
    double *const *values;      /* [n_columns] arrays of one number a row, yours */
    uint32_t threads;           /* 0: one per processor that the process may use */
    bl23_progress *progress;    /* NULL: none */
    void *data;                 /* of the progress function */
};

/* ---- points and samples ---- */

/* Points: masses [rows] in GeV, couplings g_B-L [rows], or NULL to solve for them as `bl23 point`
 * does, and rows w [rows][3][2], real and imaginary part of (W_u)_11, (W_u)_12, (W_u)_13, of any
 * norm: they are normalised. Zero rows are fine. `level` is 1 for a point that passes with 1-sigma
 * bands too, else 2; `survives` 1 or 0; `tension` is at g_bl, `tension_g_free`, `g_min` and `g_max`
 * are with g free. Where no g passes, g_min is above g_max, and g_bl between them, or g_max where
 * g_min is infinite. `chi2` is at g_bl if it is given, else the least over g; `chi2_g` is that g.
 *
 * BL23_CODE_DOMAIN, with the row: a mass, coupling or w is outside, or no constraint bounds a
 * coupling that is solved for. The values are then not to be used.
 *
 * The handle remembers the tables of the masses that it met last, so that a mass that it knows
 * costs little. */
BL23_API int32_t bl23_points(struct bl23_handle *handle, uint64_t rows, const double *mass_gev,
                             const double *g_bl, const double *w,
                             const struct bl23_request *request, struct bl23_message *message);

/* The samples [first, first + count) of the survey, survivors or not, with the values that its
 * output has. BL23_CODE_ARGUMENT beyond the last one (bl23_sample_count). The first call prepares
 * the survey. */
BL23_API int32_t bl23_samples(struct bl23_handle *handle, uint64_t first, uint64_t count,
                              const struct bl23_request *request, struct bl23_message *message);

/* The number of samples that the configuration asks for. */
BL23_API int32_t bl23_sample_count(struct bl23_handle *handle, uint64_t *samples,
                                   struct bl23_message *message);

/* ---- limits ---- */

struct bl23_limit_info {
    const char *name, *observable, *cite, *note; /* the handle's; the observable names a column */
    double confidence_level;                     /* 0: none is stated */
};

/* How many constraints the handle has, and the k-th of them. */
BL23_API uint32_t bl23_limit_count(const struct bl23_handle *handle);
BL23_API int32_t bl23_limit(const struct bl23_handle *handle, uint32_t k,
                            struct bl23_limit_info *info, struct bl23_message *message);

/* The edges of all constraints at masses [rows], at sigma 1 or 2 (0: that of the handle):
 * lower [rows][limits], 0 where there is none, and upper, infinity where there is none. */
BL23_API int32_t bl23_limits(struct bl23_handle *handle, uint64_t rows, const double *mass_gev,
                             int32_t sigma, double *lower, double *upper,
                             struct bl23_message *message);

/* What a constraint says of a point. */
struct bl23_limit_value {
    double value, lower, upper; /* of its observable; lower 0 and upper infinity: no such limit */
    double ratio;               /* value/upper or lower/value, the larger one; NaN: no limit */
    int32_t passes;             /* 1 or 0 */
    const char *likelihood;     /* static: none, split_gauss, half_gauss or tabulated */
    double central, sigma_down, sigma_up; /* of the likelihood; NaN: none at this mass */
    double pull; /* (x - central)/sigma, x being the value at the g of chi2; 0: no likelihood */
};

/* All constraints, at the sigma of the handle, at one point: mass, coupling (NULL: solve for it)
 * and w [3][2] as for bl23_points. values [limits] has the order of bl23_limit. */
BL23_API int32_t bl23_point_limits(struct bl23_handle *handle, double mass_gev, const double *g_bl,
                                   const double *w, struct bl23_limit_value *values,
                                   struct bl23_message *message);

/* ---- texts, which belong to the handle ---- */

/* The configuration with all defaults filled in, as YAML that can be opened again. */
BL23_API int32_t bl23_resolved(struct bl23_handle *handle, const char **text,
                               struct bl23_message *message);

/* BibTeX of all that the handle rests on. */
BL23_API int32_t bl23_bibtex(struct bl23_handle *handle, const char **text,
                             struct bl23_message *message);

#ifdef __cplusplus
}
#endif

#endif
