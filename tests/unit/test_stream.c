/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/stream.h"
#include "balance.h"
#include "common/dice.h"

static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/vitrion-test-stream-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", (char *)*state);
    free(*state);
    return chdir("/") == 0 ? system(command) : -1;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static struct vt_stream_options options_of(char **paths, size_t n)
{
    return (struct vt_stream_options){.paths = paths,
                                      .n_paths = n,
                                      .from = -INFINITY,
                                      .to = INFINITY,
                                      .every = 1,
                                      .unwrap = VT_UNWRAP_AUTO};
}

static struct vt_stream *open_stream(const struct vt_stream_options *options)
{
    struct vt_stream *stream = NULL;
    assert_int_equal(vt_stream_open(&stream, options, NULL), VT_OK);
    return stream;
}

static const struct vt_snapshot *next(struct vt_stream *stream)
{
    const struct vt_snapshot *snapshot = NULL;
    struct vt_error error = {0};
    bool end = false;
    assert_int_equal(vt_stream_next(stream, &snapshot, &end, &error), VT_OK);
    assert_int_equal(end, snapshot == NULL);
    return snapshot;
}

/* The message of the first frame that is refused. */
static void expect_refusal(const struct vt_stream_options *options, const char *message)
{
    struct vt_stream *stream = open_stream(options);
    const struct vt_snapshot *snapshot;
    struct vt_error error = {0};
    bool end = false;
    enum vt_code code = VT_OK;
    while (!code && !end)
        code = vt_stream_next(stream, &snapshot, &end, &error);
    assert_int_equal(code, VT_INPUT);
    assert_non_null(strstr(error.message, message));
    vt_stream_close(stream);
}

enum { WALKERS = 5, STEPS = 40 };

/* Random walks in a triclinic cell that breathes; positions within the cell, and the true way. */
static void write_walk(const char *path, bool with_images, double way[STEPS][WALKERS][3])
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    struct dice dice = {7};
    double wrapped[WALKERS][3] = {{0}};
    int image[WALKERS][3] = {{0}};
    for (int s = 0; s < STEPS; s++) {
        const double scale = 1 + 0.02 * sin(s);
        const double vectors[3][3] = {
            {5 * scale, 0, 0}, {1 * scale, 6 * scale, 0}, {-2 * scale, 1, 7 * scale}};
        struct vt_cell cell;
        assert_int_equal(vt_cell_init(&cell, vectors, NULL), VT_OK);
        fprintf(file, "%d\nLattice=\"", WALKERS);
        for (int k = 0; k < 9; k++)
            fprintf(file, "%.17g ", vectors[k / 3][k % 3]);
        fprintf(file, "\" Properties=species:S:1:pos:R:3%s time_ps=%g pbc=\"T T T\"\n",
                with_images ? ":image:I:3" : "", 0.1 * s);
        for (int i = 0; i < WALKERS; i++) {
            double fractional[3], step[3];
            for (int d = 0; d < 3; d++) {
                step[d] = s == 0 ? dice_real(&dice, -2.5, 2.5) : dice_real(&dice, -1, 1);
                wrapped[i][d] += step[d];
            }
            vt_cell_fractional(&cell, wrapped[i], fractional);
            for (int d = 0; d < 3; d++) {
                image[i][d] += (int)floor(fractional[d]);
                fractional[d] -= floor(fractional[d]);
                way[s][i][d] = step[d] + (s == 0 ? 0 : way[s - 1][i][d]);
            }
            vt_cell_cartesian(&cell, fractional, wrapped[i]);
            fprintf(file, "%s %.17g %.17g %.17g", i == 0 ? "Zr" : "Li", wrapped[i][0],
                    wrapped[i][1], wrapped[i][2]);
            if (with_images)
                fprintf(file, " %d %d %d", image[i][0], image[i][1], image[i][2]);
            putc('\n', file);
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void check_walk(const char *name, const struct vt_stream_options *options, bool from_first,
                       double way[STEPS][WALKERS][3])
{
    struct vt_stream *stream = open_stream(options);
    for (int pass = 0; pass < 2; pass++) {
        double start[WALKERS][3];
        for (int s = 0; s < STEPS; s++) {
            const struct vt_snapshot *snapshot = next(stream);
            assert_non_null(snapshot);
            assert_int_equal(snapshot->index, s);
            assert_true(fabs(snapshot->time - 100.0 * s) < 1e-9);
            for (int i = 0; i < WALKERS; i++)
                for (int d = 0; d < 3; d++) {
                    if (s == 0)
                        start[i][d] = snapshot->position[i][d];
                    double expected = way[s][i][d] - way[0][i][d];
                    if (from_first)
                        expected -= way[s][0][d] - way[0][0][d];
                    if (fabs(snapshot->position[i][d] - start[i][d] - expected) > 1e-9)
                        fail_msg("%s: frame %d, atom %d", name, s, i);
                }
        }
        assert_null(next(stream));
        assert_int_equal(vt_stream_rewind(stream, NULL), VT_OK);
    }
    vt_stream_close(stream);
}

static void test_unwraps_in_a_cell_that_changes(void **state)
{
    (void)state;
    static double way[STEPS][WALKERS][3];
    char *paths[] = {"walk.xyz"};
    struct vt_stream_options options = options_of(paths, 1);
    for (int with_images = 0; with_images < 2; with_images++) {
        write_walk("walk.xyz", with_images, way);
        options.unwrap = VT_UNWRAP_NEAREST;
        options.drift = VT_DRIFT_NONE;
        check_walk("nearest", &options, false, way);
        options.unwrap = VT_UNWRAP_AUTO;
        check_walk("auto", &options, false, way);
        options.drift = VT_DRIFT_FRAMEWORK; /* the only other atom is the first one */
        options.is_mobile[3] = true;
        check_walk("framework", &options, true, way);
    }
    options.unwrap = VT_UNWRAP_IMAGES;
    check_walk("images", &options, true, way);
    write_walk("walk.xyz", false, way);
    expect_refusal(&options, "has no images");
    options.is_mobile[40] = true;
    options.unwrap = VT_UNWRAP_AUTO;
    expect_refusal(&options, "no atom is left for the framework");
}

static void test_drift_of_all_is_that_of_the_mass(void **state)
{
    (void)state;
    write_file("two.xyz", "2\nLattice=\"20 0 0 0 20 0 0 0 20\"\nH 1 1 1\nC 2 2 2\n"
                          "2\nLattice=\"20 0 0 0 20 0 0 0 20\"\nH 2 1 1\nC 3 2 2\n"
                          "2\nLattice=\"20 0 0 0 20 0 0 0 20\"\nH 2 1 1\nC 3 5 2\n");
    char *paths[] = {"two.xyz"};
    struct vt_stream_options options = options_of(paths, 1);
    options.drift = VT_DRIFT_ALL;
    struct vt_stream *stream = open_stream(&options);
    next(stream);
    const struct vt_snapshot *snapshot = next(stream);
    assert_true(fabs(snapshot->drift[0] - 1) < 1e-12 && snapshot->drift[1] == 0);
    assert_true(fabs(snapshot->position[0][0] - 1) < 1e-12);
    assert_true(snapshot->as_read[0][0] == 2);
    snapshot = next(stream);
    const double share = vt_element_mass(6) / (vt_element_mass(6) + vt_element_mass(1));
    assert_true(fabs(snapshot->drift[1] - 3 * share) < 1e-12);
    assert_true(isnan(snapshot->time));
    vt_stream_close(stream);
}

/* Files that continue one another, the second with the last frame of the first; from, to, every. */
static void test_files_follow_one_another(void **state)
{
    (void)state;
    FILE *file[2] = {fopen("a.xyz", "w"), fopen("b.xyz", "w")};
    for (int s = 0; s < 21; s++)
        for (int f = 0; f < 2; f++)
            if (f == 0 ? s <= 10 : s >= 10)
                fprintf(file[f], "1\nLattice=\"9 0 0 0 9 0 0 0 9\" time_ps=%d\nLi %d 0 0\n", s, s);
    for (int f = 0; f < 2; f++)
        assert_int_equal(fclose(file[f]), 0);
    char *paths[] = {"a.xyz", "b.xyz"}, *wrong[] = {"b.xyz", "a.xyz"};
    struct vt_stream_options options = options_of(paths, 2);
    options.from = 3000;
    options.to = 18000;
    options.every = 3;
    struct vt_stream *stream = open_stream(&options);
    for (int s = 3; s <= 18; s += 3) {
        const struct vt_snapshot *snapshot = next(stream);
        assert_true(snapshot && snapshot->time == 1000.0 * s);
        assert_true(fabs(snapshot->position[0][0] - s) < 1e-12);
    }
    assert_null(next(stream));
    assert_null(next(stream));
    assert_int_equal(vt_stream_used(stream), 6);
    vt_stream_close(stream);
    options.paths = wrong;
    options.from = -INFINITY;
    options.to = INFINITY;
    expect_refusal(&options, "the one before of");
}

static void test_refusals(void **state)
{
    (void)state;
    static const char head[] = "1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nLi 0 0 0\n";
    static const struct {
        const char *rest, *message;
    } cases[] = {{"2\nLattice=\"9 0 0 0 9 0 0 0 9\"\nLi 0 0 0\nLi 1 1 1\n",
                  "has 2 atoms, those before have 1"},
                 {"1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nNa 0 0 0\n", "atom 1 is Na here and Li in"},
                 {"1\n\nLi 0 0 0\n", "has no cell"},
                 {"1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nLi 4.4 0 0\n", "about half of the cell"},
                 {"1\nLattice=\"9 0 0 9 0 0 0 0 9\"\nLi 0 0 0\n", "volume"},
                 {"1\nLattice=\"9 0 0 0 9 0 0 0 9\"\n", "end"}};
    char *paths[] = {"bad.xyz"};
    struct vt_stream_options options = options_of(paths, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];
        snprintf(text, sizeof text, "%s%s", head, cases[i].rest);
        write_file("bad.xyz", text);
        expect_refusal(&options, cases[i].message);
    }
    write_file("bad.xyz", head);
    options.from = 0;
    expect_refusal(&options, "does not say its time");
    options.frame_time = 10;
    struct vt_stream *stream = open_stream(&options);
    assert_true(next(stream)->time == 0);
    assert_null(next(stream));
    vt_stream_close(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unwraps_in_a_cell_that_changes),
        cmocka_unit_test(test_drift_of_all_is_that_of_the_mass),
        cmocka_unit_test(test_files_follow_one_another),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder) != 0 || vt_balance_check();
}
