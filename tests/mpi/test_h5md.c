/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without arguments: the tests. With a folder: leaves files there for h5md_reads.py. */
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

#include "common/frames.h"

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

static enum vt_code write_step(struct vt_h5md *h5md, int64_t step, struct vt_error *error)
{
    static const double cell[3][3] = {{20, 0, 0}, {1, 21, 0}, {0.5, 2, 22}};
    struct vt_h5md_frame frame = frames_of(frames_sample_at(ATOMS, step, 1, false), step);
    memcpy(frame.cell, cell, sizeof cell);
    frame.cell[0][0] += (double)step;
    return vt_h5md_write(h5md, &frame, error);
}

/* stride: of the ids that are in the file. */
static enum vt_code open_file(struct vt_h5md **h5md, const struct vt_h5md_options *options,
                              int64_t stride, int64_t last_step, struct vt_error *error)
{
    const struct frames_sample *s = frames_sample_at(ATOMS, 3, stride, false);
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
    struct frames_sample s = *frames_sample_at(ATOMS, 3, 1, false);
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
    struct frames_sample lacking = *frames_sample_at(ATOMS, 3, 1, false);
    for (size_t i = 0; i < lacking.n; i++)
        if (lacking.id[i] == 5)
            lacking.id[i] = lacking.id[--lacking.n];
    const struct vt_h5md_frame frame = frames_of(&lacking, 0);
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
    const struct frames_sample *s = frames_sample_at(ATOMS, 3, 1, false);
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

/* For h5md_reads.py, which knows the numbers of the frames: frames of steps 0, 10, ..., 240. */
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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_from_any_step),       cmocka_unit_test(refuses_other_atoms),
        cmocka_unit_test(refuses_what_does_not_match), cmocka_unit_test(misses_atoms),
        cmocka_unit_test(replaces_only_when_told),
    };
    const struct CMUnitTest files[] = {cmocka_unit_test(leave_files)};
    char folder[FRAMES_FOLDER_SIZE];
    MPI_Init(&argc, &argv);
    int failures = argc > 1 ? chdir(argv[1]) != 0 : frames_enter("h5md", folder) != 0;
    if (!failures)
        failures = argc > 1 ? cmocka_run_group_tests(files, NULL, NULL)
                            : cmocka_run_group_tests(tests, NULL, NULL);
    if (argc == 1)
        frames_leave(folder, all_fields.path);
    MPI_Finalize();
    return failures != 0;
}
