/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file is read back on rank 0, number by number, and compared with the sample turned by
 * formulas of its own; so it is the same on any number of ranks. */
#define _XOPEN_SOURCE 700 /* SIGXFSZ, setrlimit */

#include "io/amber.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/frames.h"
#include "common/near.h"

enum { ATOMS = 101, ALL_FIELDS = 63, CELLS = 56, FILE_MOST = 1 << 20 };

static const struct vt_amber_options all_fields = {
    .path = "all.nc", .fields = ALL_FIELDS, .title = "a test", .version = "0.1 (abc)"};

/* Triclinic, and turned; the same with a and b exchanged: left-handed. */
static const double cells[2][3][3] = {{{0, 8, 0}, {-7, 2, 1}, {-1, -2, 9}},
                                      {{-7, 2, 1}, {0, 8, 0}, {-1, -2, 9}}};

static enum vt_code write_step(struct vt_amber *amber, int64_t step, int cell,
                               struct vt_error *error)
{
    struct vt_h5md_frame frame = frames_of(frames_sample_at(ATOMS, step, 1, false), step);
    memcpy(frame.cell, cells[cell], sizeof frame.cell);
    return vt_amber_write(amber, &frame, error);
}

/* keep < 0: a new file. */
static enum vt_code open_file(struct vt_amber **amber, const struct vt_amber_options *options,
                              int64_t stride, int64_t keep, struct vt_error *error)
{
    const struct frames_sample *s = frames_sample_at(ATOMS, 3, stride, false);
    const struct vt_h5md_atoms atoms = {s->n, s->id, s->element, ATOMS};
    if (keep < 0)
        return vt_amber_create(amber, MPI_COMM_WORLD, options, &atoms, error);
    return vt_amber_append(amber, MPI_COMM_WORLD, options, &atoms, keep, error);
}

/* Steps first, first + 10, ..., last; returns the size. */
static int64_t write_steps(const struct vt_amber_options *options, int64_t stride, int64_t keep,
                           const int64_t range[2], int cell)
{
    struct vt_amber *amber;
    struct vt_error error;
    int64_t size;
    MPI_Barrier(MPI_COMM_WORLD);
    if (keep < 0 && frames_rank() == 0)
        unlink(options->path);
    assert_int_equal(open_file(&amber, options, stride, keep, &error), VT_OK);
    for (int64_t step = range[0]; step <= range[1]; step += 10)
        assert_int_equal(write_step(amber, step, cell, &error), VT_OK);
    assert_int_equal(vt_amber_sync(amber, &size, &error), VT_OK);
    assert_int_equal(vt_amber_close(amber, &error), VT_OK);
    return size;
}

/* On all ranks; static. */
static const unsigned char *read_file(const char *path, size_t *size)
{
    static unsigned char bytes[FILE_MOST];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    *size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    MPI_Barrier(MPI_COMM_WORLD);
    return bytes;
}

/* The next number of the file. */
static double take(const unsigned char **at, bool is_single)
{
    uint64_t bits = 0;
    const int size = is_single ? 4 : 8;
    for (int k = 0; k < size; k++)
        bits = bits << 8 | *(*at)++;
    double real;
    float single;
    const uint32_t low = (uint32_t)bits;
    memcpy(&real, &bits, sizeof real);
    memcpy(&single, &low, sizeof single);
    return is_single ? (double)single : real;
}

static int32_t take_integer(const unsigned char **at)
{
    uint32_t bits = 0;
    for (int k = 0; k < 4; k++)
        bits = bits << 8 | *(*at)++;
    return (int32_t)bits;
}

/* The first cell: a = 8 along y; b = (-7, 2, 1) has 2 along a and 50^(1/2) across, which is b's
 * part in the plane; the third axis completes them. Both cells have these axes. */
static const double axes[3][3] = {{0, 1, 0},
                                  {-0.98994949366116653, 0, 0.14142135623730951},
                                  {0.14142135623730951, 0, 0.98994949366116653}};

static void expect_vectors(const unsigned char **at, const double (*vector)[3], size_t n,
                           double factor, bool is_single)
{
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            double wanted = 0;
            for (int d = 0; d < 3; d++)
                wanted += factor * axes[k][d] * vector[i][d];
            assert_near(take(at, is_single), wanted,
                        (is_single ? 1e-6 : 1e-13) * (100 + fabs(wanted)));
        }
}

static void expect_reals(const unsigned char **at, const double *value, size_t n, bool is_single)
{
    for (size_t i = 0; i < n; i++)
        assert_near(take(at, is_single), value[i], is_single ? 1e-6 : 0);
}

static void expect_frame(const unsigned char **at, int64_t step, int64_t stride, bool is_single)
{
    /* a and b have 8 and 54^(1/2), c 86^(1/2); their products are 16, -16, and 12 */
    static const double cell[6] = {8,
                                   7.3484692283495345,
                                   9.2736184954957037,
                                   79.85789384342601,
                                   102.45457636847503,
                                   74.20683095173604};
    const struct frames_sample *s = frames_sample_at(ATOMS, step, stride, true);
    assert_near(take(at, false), 0.002 * (double)step, 1e-15);
    for (int k = 0; k < 6; k++)
        assert_near(take(at, false), cell[k], 1e-12);
    expect_vectors(at, s->position, s->n, 1, is_single);
    for (size_t i = 0; i < s->n; i++)
        for (int k = 0; k < 3; k++)
            assert_int_equal(take_integer(at), s->image[i][k]);
    expect_vectors(at, s->velocity, s->n, 1000, is_single);
    expect_vectors(at, s->force, s->n, 23.060547830619, is_single);
    expect_reals(at, s->charge, s->n, is_single);
    expect_reals(at, s->energy, s->n, is_single);
}

static void check_file(const struct vt_amber_options *options, int64_t stride, int frames)
{
    size_t size;
    const unsigned char *bytes = read_file(options->path, &size), *at = bytes + 4;
    const size_t n = frames_sample_at(ATOMS, 0, stride, true)->n;
    const size_t real = options->single_precision ? 4 : 8;
    const size_t frame = CELLS + n * (11 * real + 12);
    assert_int_equal(take_integer(&at), frames);
    assert_true(size > (size_t)frames * frame + 8 * n);
    at = bytes + size - (size_t)frames * frame - 8 * n;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(take_integer(&at), frames_sample_at(ATOMS, 0, stride, true)->element[i]);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(take_integer(&at), 1 + (int32_t)((int64_t)i * stride));
    for (int f = 0; f < frames; f++)
        expect_frame(&at, 10 * f, stride, options->single_precision);
    assert_ptr_equal(at, bytes + size);
}

static void writes_frames(void **state)
{
    (void)state;
    struct vt_amber_options o = all_fields;
    write_steps(&o, 1, -1, (const int64_t[]){0, 40}, 0);
    check_file(&o, 1, 5);
    o.single_precision = true;
    write_steps(&o, 1, -1, (const int64_t[]){0, 20}, 0);
    check_file(&o, 1, 3);
    write_steps(&o, 3, -1, (const int64_t[]){0, 20}, 0);
    check_file(&o, 3, 3);
}

/* As the right-handed one, but for the images, of which the first two change places. */
static void turns_left_handed_cells(void **state)
{
    (void)state;
    struct vt_amber_options o = all_fields;
    size_t sizes[2];
    static unsigned char right[FILE_MOST];
    write_steps(&o, 1, -1, (const int64_t[]){0, 0}, 0);
    memcpy(right, read_file(o.path, &sizes[0]), sizeof right);
    write_steps(&o, 1, -1, (const int64_t[]){0, 0}, 1);
    const unsigned char *left = read_file(o.path, &sizes[1]);
    assert_int_equal(sizes[0], sizes[1]);
    const size_t images = sizes[0] - (size_t)ATOMS * (12 + 24 + 24 + 8 + 8);
    assert_memory_equal(left, right, images);
    assert_memory_equal(left + images + ATOMS * 12, right + images + ATOMS * 12,
                        (size_t)ATOMS * (24 + 24 + 8 + 8));
    for (size_t i = 0; i < ATOMS; i++) {
        const unsigned char *l = left + images + 12 * i, *r = right + images + 12 * i;
        assert_memory_equal(l, r + 4, 4);
        assert_memory_equal(l + 4, r, 4);
        assert_memory_equal(l + 8, r + 8, 4);
    }
}

static void goes_on_from_any_frame(void **state)
{
    (void)state;
    struct vt_amber_options o = all_fields;
    const int64_t size = write_steps(&o, 1, -1, (const int64_t[]){0, 20}, 0);
    write_steps(&o, 1, size, (const int64_t[]){30, 60}, 0);
    o.version = "a newer and longer one";
    write_steps(&o, 1, size, (const int64_t[]){30, 40}, 0);
    check_file(&o, 1, 5);
    const int64_t frame = CELLS + ATOMS * (11 * 8 + 12);
    write_steps(&o, 1, size - 3 * frame, (const int64_t[]){0, 0}, 0);
    check_file(&o, 1, 1);
}

static void refuses(const struct vt_amber_options *options, int64_t stride, int64_t keep,
                    const char *message)
{
    struct vt_amber *amber;
    struct vt_error error;
    size_t size[2];
    static unsigned char before[FILE_MOST];
    memcpy(before, read_file("all.nc", &size[0]), sizeof before);
    assert_int_equal(open_file(&amber, options, stride, keep, &error), VT_INPUT);
    assert_null(amber);
    assert_string_equal(error.message, message);
    assert_string_equal(error.file, options->path);
    assert_memory_equal(read_file("all.nc", &size[1]), before, sizeof before);
    assert_int_equal(size[0], size[1]);
}

static void refuses_what_does_not_match(void **state)
{
    (void)state;
    struct vt_amber_options o = all_fields;
    const int64_t size = write_steps(&o, 1, -1, (const int64_t[]){0, 20}, 0);
    refuses(&o, 1, -1, "the file exists, and is not of this run");
    refuses(&o, 2, size, "cannot go on with this trajectory: its 'atom' is another one");
    o.fields &= ~(unsigned)VT_H5MD_FORCE;
    refuses(&o, 1, size, "cannot go on with this trajectory: its 'forces' is not wanted now");
    o = all_fields;
    o.single_precision = true;
    refuses(&o, 1, size, "cannot go on with this trajectory: its 'coordinates' is another one");
    o = all_fields;
    o.unwrapped = true;
    refuses(&o, 1, size, "cannot go on with this trajectory: its 'coordinates' is inside the cell");
    o = all_fields;
    o.title = "others";
    refuses(&o, 1, size, "cannot go on with this trajectory: its 'title' is another one");
    o = all_fields;
    o.path = "none.nc";
    refuses(&o, 1, size, "the file that the run wrote to is not there");
    o = all_fields;
    char message[200];
    snprintf(message, sizeof message,
             "the file has %lld bytes and 3 frames, and had %lld and 2 when the checkpoint was "
             "written",
             (long long)size, (long long)size - 1);
    refuses(&o, 1, size - 1, message);
    snprintf(message, sizeof message,
             "the file has %lld bytes and 3 frames, and had %lld and 4 when the checkpoint was "
             "written",
             (long long)size, (long long)size + CELLS + ATOMS * 100);
    refuses(&o, 1, size + CELLS + ATOMS * 100, message);
    o.fields = VT_H5MD_POSITION;
    const int64_t small = write_steps(&o, 1, -1, (const int64_t[]){0, 20}, 0);
    o.fields |= VT_H5MD_CHARGE;
    refuses(&o, 1, small, "cannot go on with this trajectory: its 'charge' is not there");
}

/* Each with an atom that is another one: by its element, and by its number alone. */
static void refuses_other_atoms(void **state)
{
    (void)state;
    static const char *const names[] = {"atom_types", "id"};
    for (int k = 0; k < 2; k++) {
        struct vt_amber *amber;
        struct vt_error error;
        char message[100];
        const int64_t size = write_steps(&all_fields, 3, -1, (const int64_t[]){0, 20}, 0);
        struct frames_sample s = *frames_sample_at(ATOMS, 3, 3, false);
        for (size_t i = 0; i < s.n; i++)
            if (s.id[i] == 6) {
                s.element[i] += 1 - k;
                s.id[i] += k;
            }
        const struct vt_h5md_atoms atoms = {s.n, s.id, s.element, ATOMS};
        assert_int_equal(vt_amber_append(&amber, MPI_COMM_WORLD, &all_fields, &atoms, size, &error),
                         VT_INPUT);
        snprintf(message, sizeof message,
                 "cannot go on with this trajectory: its '%s' is that of other atoms", names[k]);
        assert_string_equal(error.message, message);
    }
}

static void misses_atoms(void **state)
{
    (void)state;
    struct vt_amber *amber;
    struct vt_error error;
    MPI_Barrier(MPI_COMM_WORLD);
    if (frames_rank() == 0)
        unlink(all_fields.path);
    assert_int_equal(open_file(&amber, &all_fields, 1, -1, &error), VT_OK);
    struct frames_sample s = *frames_sample_at(ATOMS, 3, 1, false);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.id[i] != 5)
            s.id[n++] = s.id[i];
    s.n = n;
    struct vt_h5md_frame frame = frames_of(&s, 0);
    memcpy(frame.cell, cells[0], sizeof frame.cell);
    assert_int_equal(vt_amber_write(amber, &frame, &error), VT_FAILED);
    assert_string_equal(error.message, "atom 6 is missing from a frame");
    assert_int_equal(write_step(amber, 0, 0, &error), VT_OK);
    assert_int_equal(vt_amber_close(amber, &error), VT_OK);
    check_file(&all_fields, 1, 1);
}

/* The third frame does not fit: every rank learns of it, and two frames are there. */
static void full_disk_keeps_frames(void **state)
{
    (void)state;
    struct vt_amber *amber;
    struct vt_error error;
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    MPI_Barrier(MPI_COMM_WORLD);
    if (frames_rank() == 0)
        unlink(all_fields.path);
    assert_int_equal(open_file(&amber, &all_fields, 1, -1, &error), VT_OK);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 3 * (CELLS + ATOMS * 100);
    setrlimit(RLIMIT_FSIZE, &limit);
    const enum vt_code codes[3] = {write_step(amber, 0, 0, &error),
                                   write_step(amber, 10, 0, &error),
                                   write_step(amber, 20, 0, &error)};
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(codes[0], VT_OK);
    assert_int_equal(codes[1], VT_OK);
    assert_int_equal(codes[2], VT_IO);
    assert_string_equal(error.message, "writing the trajectory failed: File too large");
    assert_int_equal(vt_amber_close(amber, &error), VT_OK);
    size_t size;
    const unsigned char *at = read_file(all_fields.path, &size) + 4;
    assert_int_equal(take_integer(&at), 2);
    assert_true(size >= 2 * (size_t)(CELLS + ATOMS * 100));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_frames),          cmocka_unit_test(turns_left_handed_cells),
        cmocka_unit_test(goes_on_from_any_frame), cmocka_unit_test(refuses_what_does_not_match),
        cmocka_unit_test(refuses_other_atoms),    cmocka_unit_test(misses_atoms),
        cmocka_unit_test(full_disk_keeps_frames),
    };
    char folder[FRAMES_FOLDER_SIZE];
    MPI_Init(&argc, &argv);
    const int failures =
        frames_enter("amber", folder) != 0 || cmocka_run_group_tests(tests, NULL, NULL) != 0;
    frames_leave(folder, all_fields.path);
    MPI_Finalize();
    return failures;
}
