/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libFuzzer target: a real output file, edited as the bytes say and sealed again or not, given to
 * all that reads one.
 * The edits go through the HDF5 library: its own metadata have checksums, so that bytes changed at
 * random are refused by the library, and do not reach what is tested here. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/config/config.h"
#include "host/output/hdf5_content.h"
#include "host/output/outcome_read.h"
#include "host/output/survey_file.h"
#include "host/output/survey_read.h"
#include "host/output/tables_file.h"
#include "kernels/backend.h"
#include "kernels/lanes/isa.h"
#include "kernels/sample/record.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

enum { SAMPLES = 2048, THINGS_MAX = 2048, NAME_SIZE = 128, EDITS = 4, LARGEST = 4096 };

static char const text[] = "survey: {samples: 2048, seed: 3, mass_gev: {list: [0.14, 0.13]}}\n"
                           "constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949]}\n"
                           "output: {nearest: 20}\n";

/* An attribute of an object, or a dataset, whose attribute is empty. */
struct thing {
    char path[NAME_SIZE], attribute[NAME_SIZE];
};

static struct bl23_survey survey;
static struct thing things[THINGS_MAX];
static size_t n_things;
static char folder[64], good[96], bad[96], expanded[96];

/* ---- the file ---- */

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void write_good(void)
{
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_config *config;
    struct bl23_results results;
    struct bl23_merge merge;
    struct bl23_backend_state *state;
    struct bl23_backend_options const options = {.threads = 1};
    struct bl23_provenance const provenance = {.backend = "cpu", .device = "fuzz"};
    must(bl23_config_parse("fuzz.yaml", text, strlen(text), &config, &error) == BL23_OK);
    snprintf(config->output, sizeof config->output, "%s", bad);
    must(bl23_survey_prepare(config, &survey, &error) == BL23_OK);
    struct bl23_model const *const m = survey.model;
    must(bl23_results_init(&results, m->n_knots, m->seed, &survey.reduction) == BL23_OK);
    must(bl23_isa_choose("generic", &error) == BL23_OK);
    must(bl23_backend_cpu.open(m, &survey.reduction, &options, &state, &error) == BL23_OK);
    must(bl23_backend_cpu.run(state, 0, SAMPLES, &results, &error) == BL23_OK);
    bl23_backend_cpu.close(state);
    must(bl23_results_sort(&results) == BL23_OK);
    struct bl23_call call = bl23_call_of("cpu", "fuzz", provenance.start);
    call.samples = SAMPLES;
    must(bl23_merge_of_results(&results, &call, &merge, &error) == BL23_OK);
    must(bl23_survey_file_write(good, &survey, &results, &merge, &provenance, &error) == BL23_OK);
    bl23_merge_close(&merge);
    bl23_results_free(&results);
}

static herr_t note_attribute(hid_t object, char const *name, H5A_info_t const *info, void *path)
{
    (void)object;
    (void)info;
    must(n_things < THINGS_MAX);
    snprintf(things[n_things].path, NAME_SIZE, "%s", (char const *)path);
    snprintf(things[n_things++].attribute, NAME_SIZE, "%s", name);
    return 0;
}

static herr_t note_object(hid_t root, char const *name, H5O_info_t const *info, void *context)
{
    (void)context;
    char path[NAME_SIZE];
    hsize_t position = 0;
    snprintf(path, sizeof path, "/%s", strcmp(name, ".") == 0 ? "" : name);
    H5Aiterate_by_name(root, path, H5_INDEX_NAME, H5_ITER_INC, &position, note_attribute, path,
                       H5P_DEFAULT);
    if (info->type == H5O_TYPE_DATASET)
        note_attribute(root, "", NULL, path);
    return 0;
}

static void remove_files(void)
{
    remove(good);
    remove(bad);
    remove(expanded);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    char const *const parent = getenv("TMPDIR");
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    snprintf(folder, sizeof folder, "%.40s/bl23-fuzz-XXXXXX", parent ? parent : "/tmp");
    must(mkdtemp(folder) != NULL);
    snprintf(good, sizeof good, "%s/good.h5", folder);
    snprintf(bad, sizeof bad, "%s/bad.h5", folder);
    snprintf(expanded, sizeof expanded, "%s/expanded.h5", folder);
    atexit(remove_files);
    write_good();
    hid_t const file = H5Fopen(good, H5F_ACC_RDONLY, H5P_DEFAULT);
    must(file >= 0 && H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, note_object, NULL) >= 0);
    H5Fclose(file);
    return 0;
}

static void copy_good(void)
{
    static char bytes[1 << 22];
    FILE *const from = fopen(good, "rb"), *const to = fopen(bad, "wb");
    must(from && to);
    size_t const size = fread(bytes, 1, sizeof bytes, from);
    must(size < sizeof bytes && fwrite(bytes, 1, size, to) == size);
    fclose(from);
    must(fclose(to) == 0);
}

/* ---- edits ---- */

/* The input; 0 when it is used up. */
struct input {
    uint8_t const *data;
    size_t size;
};

static unsigned take(struct input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

static hid_t take_type(struct input *in)
{
    unsigned const which = take(in) % 12;
    hid_t const plain[] = {H5T_STD_U64LE, H5T_IEEE_F64LE, H5T_STD_I64LE, H5T_STD_U8LE,
                           H5T_STD_U64BE, H5T_IEEE_F32LE, H5T_STD_U32LE, H5T_STD_REF_OBJ};
    hsize_t const dims = 1 + take(in);
    if (which < sizeof plain / sizeof plain[0])
        return H5Tcopy(plain[which]);
    if (which == 8)
        return H5Tvlen_create(H5T_STD_U64LE);
    if (which == 9)
        return H5Tarray_create2(H5T_STD_U64LE, 1, &dims);
    hid_t const type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, which == 10 ? H5T_VARIABLE : (size_t)dims);
    return type;
}

/* A huge one is for datasets only, which need no space yet: an attribute is stored at once. */
static hid_t take_space(struct input *in, bool may_be_huge)
{
    hsize_t dims[3], most[3];
    unsigned const rank = take(in) % 5;
    bool const huge = take(in) % 16 == 0 && may_be_huge, grows = take(in) % 16 == 0;
    for (unsigned d = 0; d < rank && d < 3; d++) {
        dims[d] = huge && d == 0 ? (hsize_t)1 << (32 + take(in) % 31) : take(in) % 80u;
        most[d] = grows ? H5S_UNLIMITED : dims[d];
    }
    if (rank == 0 || rank == 4)
        return H5Screate(rank == 0 ? H5S_SCALAR : H5S_NULL);
    return H5Screate_simple((int)rank, dims, most);
}

static void take_values(struct input *in, uint8_t values[LARGEST])
{
    for (size_t k = 0; k < LARGEST; k++)
        values[k] = (uint8_t)(k < 64 ? take(in) : values[k % 64]);
}

static bool is_small(hid_t type, hid_t space)
{
    hssize_t const n = H5Sget_simple_extent_npoints(space);
    return n > 0 && n <= LARGEST && (size_t)n * H5Tget_size(type) <= LARGEST &&
           H5Tdetect_class(type, H5T_VLEN) == 0 && H5Tis_variable_str(type) == 0;
}

static void replace_attribute(hid_t file, struct thing const *t, struct input *in)
{
    uint8_t values[LARGEST];
    H5Adelete_by_name(file, t->path, t->attribute, H5P_DEFAULT);
    hid_t const type = take_type(in), space = take_space(in, false);
    hid_t const made = H5Acreate_by_name(file, t->path, t->attribute, type, space, H5P_DEFAULT,
                                         H5P_DEFAULT, H5P_DEFAULT);
    take_values(in, values);
    if (made >= 0 && is_small(type, space))
        H5Awrite(made, type, values);
    if (made >= 0)
        H5Aclose(made);
    H5Sclose(space);
    H5Tclose(type);
}

static void change_attribute(hid_t file, struct thing const *t, struct input *in)
{
    uint8_t values[LARGEST];
    hid_t const old = H5Aopen_by_name(file, t->path, t->attribute, H5P_DEFAULT, H5P_DEFAULT);
    if (old < 0)
        return;
    hid_t const type = H5Aget_type(old), space = H5Aget_space(old);
    if (is_small(type, space) && H5Aread(old, type, values) >= 0) {
        values[take(in)] = (uint8_t)take(in);
        H5Awrite(old, type, values);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(old);
}

static void replace_dataset(hid_t file, struct thing const *t, struct input *in)
{
    uint8_t values[LARGEST];
    hsize_t const chunk[3] = {1, 1, 1};
    H5Ldelete(file, t->path, H5P_DEFAULT);
    hid_t const type = take_type(in), space = take_space(in, true),
                create = H5Pcreate(H5P_DATASET_CREATE);
    int const rank = H5Sget_simple_extent_ndims(space);
    if (rank > 0 && take(in) % 2 == 0)
        H5Pset_chunk(create, rank, chunk);
    hid_t const made = H5Dcreate2(file, t->path, type, space, H5P_DEFAULT, create, H5P_DEFAULT);
    take_values(in, values);
    if (made >= 0 && is_small(type, space))
        H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    if (made >= 0)
        H5Dclose(made);
    H5Pclose(create);
    H5Sclose(space);
    H5Tclose(type);
}

/* One element of what it is. HDF5 does not refuse an element outside the extent: it crashes. */
static void change_dataset(hid_t file, struct thing const *t, struct input *in)
{
    uint8_t values[LARGEST];
    hid_t const set = H5Dopen2(file, t->path, H5P_DEFAULT);
    if (set < 0)
        return;
    hid_t const type = H5Dget_type(set), space = H5Dget_space(set), one = H5Screate(H5S_SCALAR);
    hsize_t dims[H5S_MAX_RANK], at[H5S_MAX_RANK];
    int const rank = H5Sget_simple_extent_dims(space, dims, NULL);
    bool const has_elements = rank > 0 && H5Sget_simple_extent_npoints(space) > 0;
    for (int d = 0; d < rank; d++)
        at[d] = dims[d] ? (take(in) << 8 | take(in)) % dims[d] : 0;
    take_values(in, values);
    if (has_elements && is_small(type, one) &&
        H5Sselect_elements(space, H5S_SELECT_SET, 1, at) >= 0)
        H5Dwrite(set, type, one, space, H5P_DEFAULT, values);
    H5Sclose(one);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
}

static void edit(hid_t file, struct input *in)
{
    struct thing const *const t = &things[(take(in) << 8 | take(in)) % n_things];
    bool const replace = take(in) % 2 == 0;
    if (t->attribute[0])
        (replace ? replace_attribute : change_attribute)(file, t, in);
    else
        (replace ? replace_dataset : change_dataset)(file, t, in);
}

/* ---- the readers ---- */

static void read_bad(void)
{
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_survey_reader reader;
    struct bl23_output_identity identity;
    struct bl23_survey_outcome outcome;
    struct bl23_knot *knots;
    size_t n;
    uint64_t checked;
    if (bl23_survey_open(bad, &reader, &error) == BL23_OK) {
        struct bl23_record record;
        bl23_record_of(reader.model, reader.head.samples - 1, &record);
        if (bl23_survey_verify(&reader, &checked, &error) == BL23_OK)
            bl23_survey_expand(&reader, expanded, &error);
        bl23_survey_close(&reader);
    }
    error.status = BL23_OK;
    if (bl23_output_identify(bad, survey.config_hash, &identity, &error) != error.status)
        abort();
    free(identity.yaml);
    error.status = BL23_OK;
    if (bl23_outcome_read(&survey, &outcome, &error) == BL23_OK) {
        must(outcome.results.tallies.passed <= outcome.results.tallies.drawn);
        bl23_results_free(&outcome.results);
    }
    error.status = BL23_OK;
    if (bl23_tables_read(bad, &knots, &n, &error) == BL23_OK)
        must(n > 0);
    free(knots);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct input in = {data, size};
    unsigned const how = take(&in);
    copy_good();
    hid_t const file = H5Fopen(bad, H5F_ACC_RDWR, H5P_DEFAULT);
    must(file >= 0);
    for (unsigned k = 0; k <= how % EDITS; k++)
        edit(file, &in);
    struct bl23_h5 h5 = {file, true};
    if (how & 0x80u)
        bl23_h5_seal(&h5, bl23_layout_groups);
    H5Fclose(file);
    if (how & 0x80u)
        bl23_h5_content_seal(bad, bl23_layout_groups, NULL);
    read_bad();
    return 0;
}
