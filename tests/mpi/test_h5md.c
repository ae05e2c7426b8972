/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without arguments: the tests. With a folder: leaves files there for h5md_reads.py. */
#define _XOPEN_SOURCE 700 /* mkdtemp */

#include "io/h5md.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ATOMS = 700, ALL_FIELDS = 63 };

static const struct vt_h5md_note notes[] = {{"commit", "0123abcd"}, {"configuration", "a: 1\n"}};

static const struct vt_h5md_options all_fields = {
    .path = "all.h5md",
    .fields = ALL_FIELDS,
    .periodic = {true, true, false},
    .author = "A. Tester",
    .version = "0.1",
    .n_notes = 2,
    .notes = notes,
};

static int my_rank(void)
{
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

/* Atoms move to another rank with each step. */
struct sample {
    size_t n;
    int64_t id[ATOMS];
    int element[ATOMS];
    double position[ATOMS][3], velocity[ATOMS][3], force[ATOMS][3], charge[ATOMS], energy[ATOMS];
    int32_t image[ATOMS][3];
};

static const struct sample *sample_at(int64_t step, int64_t stride)
{
    static struct sample s;
    int ranks;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    s.n = 0;
    for (int64_t i = ATOMS - 1; i >= 0; i--) {
        if (i % stride != 0 || (7 * i + step) % 5 % ranks != my_rank())
            continue;
        const size_t n = s.n++;
        s.id[n] = i;
        s.element[n] = 1 + (int)(i % 17);
        s.charge[n] = (double)(i % 3) - 1 + (double)step / 1000;
        s.energy[n] = -1.0 / (double)(1 + i + step);
        for (int k = 0; k < 3; k++) {
            s.position[n][k] = (double)i + 0.1 * k + 0.001 * (double)step;
            s.velocity[n][k] = 0.01 * (double)(i % 7) - 0.001 * k + 1e-5 * (double)step;
            s.force[n][k] = (double)(k - 1) * (double)i / 100 + (double)step;
            s.image[n][k] = (int32_t)(i % 5) - k;
        }
    }
    return &s;
}

static enum vt_code write_step(struct vt_h5md *h5md, int64_t step, struct vt_error *error)
{
    const struct sample *s = sample_at(step, 1);
    const struct vt_h5md_frame frame = {
        .step = step,
        .time = 2.0 * (double)step,
        .cell = {{20 + (double)step, 0, 0}, {1, 21, 0}, {0.5, 2, 22}},
        .n = s->n,
        .id = s->id,
        .position = s->position,
        .image = s->image,
        .velocity = s->velocity,
        .force = s->force,
        .charge = s->charge,
        .energy = s->energy,
    };
    return vt_h5md_write(h5md, &frame, error);
}

/* stride: of the ids that are in the file. */
static enum vt_code open_file(struct vt_h5md **h5md, const struct vt_h5md_options *options,
                              int64_t stride, int64_t last_step, struct vt_error *error)
{
    const struct sample *s = sample_at(3, stride);
    const struct vt_h5md_atoms atoms = {s->n, s->id, s->element, ATOMS};
    if (last_step < 0)
        return vt_h5md_create(h5md, MPI_COMM_WORLD, options, &atoms, true, error);
    return vt_h5md_append(h5md, MPI_COMM_WORLD, options, &atoms, last_step, error);
}

/* Steps first, first + 10, ..., last. */
static void write_steps(const struct vt_h5md_options *options, int64_t stride, int64_t last_step,
                        int64_t first, int64_t last)
{
    struct vt_h5md *h5md;
    struct vt_error error;
    assert_int_equal(open_file(&h5md, options, stride, last_step, &error), VT_OK);
    assert_int_equal(vt_h5md_last_step(h5md), last_step < 0 ? -1 : first - 10);
    for (int64_t step = first; step <= last; step += 10)
        assert_int_equal(write_step(h5md, step, &error), VT_OK);
    assert_int_equal(vt_h5md_frames(h5md), last / 10 + 1);
    assert_int_equal(vt_h5md_close(h5md, &error), VT_OK);
}

static void goes_on_from_any_step(void **state)
{
    (void)state;
    write_steps(&all_fields, 1, -1, 0, 200);
    write_steps(&all_fields, 1, 1000, 210, 240);
    write_steps(&all_fields, 1, 97, 100, 120);
    write_steps(&all_fields, 1, 20, 30, 30);
}

static void refuses(const struct vt_h5md_options *options, int64_t stride, const char *message)
{
    struct vt_h5md *h5md;
    struct vt_error error;
    assert_int_equal(open_file(&h5md, options, stride, 1000, &error), VT_INPUT);
    assert_null(h5md);
    assert_string_equal(error.message, message);
    assert_string_equal(error.file, options->path);
}

static void refuses_what_does_not_match(void **state)
{
    (void)state;
    struct vt_h5md_options o = all_fields;
    write_steps(&o, 1, -1, 0, 20);
    refuses(&o, 2,
            "cannot go on with this trajectory: its 'position' is of another number of atoms");
    o.fields &= ~(unsigned)VT_H5MD_FORCE;
    refuses(&o, 1, "cannot go on with this trajectory: its 'force' is not wanted now");
    o = all_fields;
    o.single_precision = true;
    refuses(&o, 1, "cannot go on with this trajectory: its 'position' is of another precision");
    o = all_fields;
    o.periodic[2] = true;
    refuses(&o, 1, "cannot go on with this trajectory: its 'boundary' is another one");
    o = all_fields;
    o.group = "other";
    refuses(&o, 1, "cannot go on with this trajectory: its 'other' is not there");
    o = all_fields;
    o.path = "none.h5md";
    refuses(&o, 1, "cannot go on with this trajectory: No such file or directory");
    o = all_fields;
    o.fields = VT_H5MD_POSITION;
    write_steps(&o, 1, -1, 0, 20);
    o.fields |= VT_H5MD_CHARGE;
    refuses(&o, 1, "cannot go on with this trajectory: its 'charge' is not there");
}

static void refuses_other_atoms(void **state)
{
    (void)state;
    struct vt_h5md *h5md;
    struct vt_error error;
    write_steps(&all_fields, 1, -1, 0, 20);
    struct sample s = *sample_at(3, 1);
    for (size_t i = 0; i < s.n; i++)
        s.element[i] += s.id[i] == 5;
    const struct vt_h5md_atoms atoms = {s.n, s.id, s.element, ATOMS};
    assert_int_equal(vt_h5md_append(&h5md, MPI_COMM_WORLD, &all_fields, &atoms, 20, &error),
                     VT_INPUT);
    assert_string_equal(error.message,
                        "cannot go on with this trajectory: its 'species' is that of other atoms");
    write_steps(&all_fields, 1, 20, 30, 30);
}

static void misses_atoms(void **state)
{
    (void)state;
    struct vt_h5md *h5md;
    struct vt_error error;
    assert_int_equal(open_file(&h5md, &all_fields, 1, -1, &error), VT_OK);
    struct sample lacking = *sample_at(3, 1);
    const struct sample *s = &lacking;
    for (size_t i = 0; i < lacking.n; i++)
        if (lacking.id[i] == 5)
            lacking.id[i] = lacking.id[--lacking.n];
    const struct vt_h5md_frame frame = {.n = s->n,
                                        .id = s->id,
                                        .position = s->position,
                                        .image = s->image,
                                        .velocity = s->velocity,
                                        .force = s->force,
                                        .charge = s->charge,
                                        .energy = s->energy};
    assert_int_equal(vt_h5md_write(h5md, &frame, &error), VT_FAILED);
    assert_string_equal(error.message, "atom 6 is missing from a frame");
    assert_int_equal(write_step(h5md, 0, &error), VT_OK);
    assert_int_equal(vt_h5md_frames(h5md), 1);
    assert_int_equal(vt_h5md_close(h5md, &error), VT_OK);
}

static void replaces_only_when_told(void **state)
{
    (void)state;
    struct vt_h5md *h5md;
    struct vt_error error;
    write_steps(&all_fields, 1, -1, 0, 20);
    const struct sample *s = sample_at(3, 1);
    const struct vt_h5md_atoms atoms = {s->n, s->id, s->element, ATOMS};
    assert_int_equal(vt_h5md_create(&h5md, MPI_COMM_WORLD, &all_fields, &atoms, false, &error),
                     VT_INPUT);
    assert_string_equal(error.message, "the file exists already");
    write_steps(&all_fields, 1, 20, 30, 30);
    struct vt_h5md_options o = all_fields;
    o.path = "no/where.h5md";
    assert_int_equal(vt_h5md_create(&h5md, MPI_COMM_WORLD, &o, &atoms, false, &error), VT_IO);
    assert_string_equal(error.message, "cannot write: No such file or directory");
    assert_int_equal(vt_h5md_close(NULL, &error), VT_OK);
}

/* For h5md_reads.py, which knows the numbers of sample_at: frames of steps 0, 10, ..., 240. */
static void leave_files(void **state)
{
    (void)state;
    struct vt_h5md_options o = all_fields;
    write_steps(&o, 1, -1, 0, 300);
    write_steps(&o, 1, 95, 100, 240);
    o.path = "group.h5md";
    o.group = "third";
    o.single_precision = true;
    o.compress = true;
    write_steps(&o, 3, -1, 0, 300);
    write_steps(&o, 3, 95, 100, 240);
}

static int enter_folder(char folder[64])
{
    snprintf(folder, 64, "/tmp/vitrion-test-h5md-XXXXXX");
    if (my_rank() == 0 && !mkdtemp(folder))
        return -1;
    MPI_Bcast(folder, 64, MPI_CHAR, 0, MPI_COMM_WORLD);
    return chdir(folder);
}

static void leave_folder(const char *folder)
{
    MPI_Barrier(MPI_COMM_WORLD);
    if (my_rank() == 0 && (unlink("all.h5md") != 0 || chdir("/") != 0 || rmdir(folder) != 0))
        fprintf(stderr, "%s is not empty\n", folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_from_any_step),       cmocka_unit_test(refuses_other_atoms),
        cmocka_unit_test(refuses_what_does_not_match), cmocka_unit_test(misses_atoms),
        cmocka_unit_test(replaces_only_when_told),
    };
    const struct CMUnitTest files[] = {cmocka_unit_test(leave_files)};
    char folder[64];
    MPI_Init(&argc, &argv);
    int failures = argc > 1 ? chdir(argv[1]) != 0 : enter_folder(folder) != 0;
    if (!failures)
        failures = argc > 1 ? cmocka_run_group_tests(files, NULL, NULL)
                            : cmocka_run_group_tests(tests, NULL, NULL);
    if (argc == 1)
        leave_folder(folder);
    MPI_Finalize();
    return failures != 0;
}
