/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* mkdtemp */

#include "io/checkpoint.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

static MPI_Comm world; /* MPI_COMM_WORLD, or some of its ranks */

static int my_rank(void)
{
    int rank;
    MPI_Comm_rank(world, &rank);
    return rank;
}

static int ranks(void)
{
    int n;
    MPI_Comm_size(world, &n);
    return n;
}

static void barrier(void)
{
    MPI_Barrier(MPI_COMM_WORLD);
}

/* ---- a state, and its checkpoint ---- */

enum { MOST = 4000 };

struct state {
    size_t n;
    double position[MOST][3];
    int64_t id[MOST];
    int32_t image[MOST][3];
};

static const char configuration[] = "stages:\n  - {ensemble: nvt, time: 2 ps}  # \xc3\x85\n";

/* Rank r has 2 r + n atoms, whose values tell rank, place and version apart. */
static void fill(struct state *state, size_t n, int version)
{
    memset(state, 0, sizeof *state);
    state->n = n + 2 * (size_t)my_rank();
    assert_true(state->n <= MOST);
    for (size_t i = 0; i < state->n; i++) {
        state->id[i] = 1000 * my_rank() + (int64_t)i;
        for (int k = 0; k < 3; k++) {
            state->position[i][k] = version + (double)i / 3 + k * 1e-17 + my_rank() * 1e300;
            state->image[i][k] = k - 2 * version;
        }
    }
    if (state->n > 0) {
        const uint64_t odd_nan = UINT64_C(0x7ff8000000abcdef);
        memcpy(&state->position[0][0], &odd_nan, sizeof odd_nan);
        state->position[0][1] = -0.0;
    }
}

static enum vt_code put(struct vt_checkpoint_writer *writer, const struct state *state,
                        int64_t version, struct vt_error *error)
{
    const double bath[2] = {0.1 * (double)version, -1e-310};
    enum vt_code code = vt_checkpoint_put(writer, "step", VT_CHECKPOINT_INT64, 1, &version, error);
    if (!code)
        code = vt_checkpoint_put_rows(writer, "position", VT_CHECKPOINT_DOUBLE, 3, state->position,
                                      error);
    if (!code)
        code = vt_checkpoint_put_rows(writer, "id", VT_CHECKPOINT_INT64, 1, state->id, error);
    if (!code)
        code = vt_checkpoint_put(writer, "bath", VT_CHECKPOINT_DOUBLE, 2, bath, error);
    if (!code)
        code = vt_checkpoint_put_rows(writer, "image", VT_CHECKPOINT_INT32, 3, state->image, error);
    if (!code)
        code = vt_checkpoint_put(writer, "configuration", VT_CHECKPOINT_TEXT,
                                 sizeof configuration - 1, configuration, error);
    if (!code)
        code = vt_checkpoint_put(writer, "nothing", VT_CHECKPOINT_DOUBLE, 0, NULL, error);
    return code;
}

static enum vt_code save(const char *path, const struct state *state, int version,
                         struct vt_error *error)
{
    struct vt_checkpoint_writer *writer;
    enum vt_code code = vt_checkpoint_create(&writer, world, path, state->n, error);
    if (code)
        return code;
    code = put(writer, state, version, error);
    if (!code)
        return vt_checkpoint_commit(writer, error);
    vt_checkpoint_discard(writer);
    return code;
}

static enum vt_code load_rows(struct vt_checkpoint *checkpoint, struct state *state,
                              struct vt_error *error)
{
    memset(state, 0, sizeof *state);
    state->n = vt_checkpoint_rows(checkpoint);
    enum vt_code code = vt_checkpoint_get_rows(checkpoint, "position", VT_CHECKPOINT_DOUBLE, 3,
                                               state->position, error);
    if (!code)
        code = vt_checkpoint_get_rows(checkpoint, "id", VT_CHECKPOINT_INT64, 1, state->id, error);
    if (!code)
        code = vt_checkpoint_get_rows(checkpoint, "image", VT_CHECKPOINT_INT32, 3, state->image,
                                      error);
    return code;
}

/* The version of a checkpoint, all of whose content is checked; -1 if it cannot be opened. */
static int64_t version_of(const char *path, size_t n)
{
    static struct state expected, found;
    struct vt_checkpoint *checkpoint;
    struct vt_error error;
    int64_t version = -1;
    double bath[2];
    if (vt_checkpoint_open(&checkpoint, world, path, &error))
        return -1;
    assert_int_equal(
        vt_checkpoint_get(checkpoint, "step", VT_CHECKPOINT_INT64, 1, &version, &error), VT_OK);
    assert_int_equal(vt_checkpoint_get(checkpoint, "bath", VT_CHECKPOINT_DOUBLE, 2, bath, &error),
                     VT_OK);
    assert_true(bath[0] == 0.1 * (double)version && bath[1] == -1e-310);
    assert_int_equal(load_rows(checkpoint, &found, &error), VT_OK);
    fill(&expected, n, (int)version);
    assert_int_equal(vt_checkpoint_ranks(checkpoint), ranks());
    assert_memory_equal(&found, &expected, sizeof found);
    vt_checkpoint_close(checkpoint);
    return version;
}

static bool is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* ---- tests ---- */

static void gives_back_every_bit(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_error error;
    for (size_t n = 0; n <= 1000; n += n < 2 ? 1 : 998) {
        fill(&state, n, 7);
        assert_int_equal(save("bits.h5", &state, 7, &error), VT_OK);
        assert_int_equal(version_of("bits.h5", n), 7);
    }
}

static void keeps_records(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_checkpoint *checkpoint;
    struct vt_error error;
    fill(&state, 3, 1);
    assert_int_equal(save("records.h5", &state, 1, &error), VT_OK);
    assert_int_equal(vt_checkpoint_open(&checkpoint, world, "records.h5", &error), VT_OK);
    assert_true(vt_checkpoint_has(checkpoint, "step"));
    assert_false(vt_checkpoint_has(checkpoint, "position"));
    assert_true(vt_checkpoint_has_rows(checkpoint, "position"));
    assert_false(vt_checkpoint_has_rows(checkpoint, "velocity"));
    char *text;
    size_t n;
    assert_int_equal(
        vt_checkpoint_take(checkpoint, "configuration", VT_CHECKPOINT_TEXT, &text, &n, &error),
        VT_OK);
    assert_int_equal(n, sizeof configuration - 1);
    assert_string_equal(text, configuration);
    vt_free(text);
    double *none;
    assert_int_equal(
        vt_checkpoint_take(checkpoint, "nothing", VT_CHECKPOINT_DOUBLE, &none, &n, &error), VT_OK);
    assert_int_equal(n, 0);
    vt_free(none);
    vt_checkpoint_close(checkpoint);
}

static void assert_refusal(enum vt_code code, const struct vt_error *error, const char *message)
{
    assert_int_equal(code, VT_INPUT);
    assert_string_equal(error->message, message);
}

static void refuses_what_is_not_in_it(void **unused)
{
    (void)unused;
    static struct state state;
    static double room[3 * MOST];
    struct vt_checkpoint *c;
    struct vt_error e;
    fill(&state, 3, 1);
    assert_int_equal(save("wants.h5", &state, 1, &e), VT_OK);
    assert_int_equal(vt_checkpoint_open(&c, world, "wants.h5", &e), VT_OK);
    assert_refusal(vt_checkpoint_get_rows(c, "velocity", VT_CHECKPOINT_DOUBLE, 3, room, &e), &e,
                   "'velocity' is missing");
    assert_string_equal(e.file, "wants.h5");
    assert_refusal(vt_checkpoint_get_rows(c, "id", VT_CHECKPOINT_DOUBLE, 1, room, &e), &e,
                   "'id' is of another type");
    assert_refusal(vt_checkpoint_get_rows(c, "position", VT_CHECKPOINT_DOUBLE, 1, room, &e), &e,
                   "'position' is of another shape");
    assert_refusal(vt_checkpoint_get(c, "bath", VT_CHECKPOINT_DOUBLE, 1, room, &e), &e,
                   "'bath' is of another length");
    assert_refusal(vt_checkpoint_get(c, "step", VT_CHECKPOINT_DOUBLE, 1, room, &e), &e,
                   "'step' is of another type");
    assert_refusal(vt_checkpoint_get(c, "position", VT_CHECKPOINT_DOUBLE, 1, room, &e), &e,
                   "'position' is missing");
    char *text;
    size_t n;
    assert_refusal(vt_checkpoint_take(c, "author", VT_CHECKPOINT_TEXT, &text, &n, &e), &e,
                   "'author' is missing");
    assert_null(text);
    vt_checkpoint_close(c);
}

/* The rows of all ranks, one after another, whoever reads them. */
static void check_all_ids(struct vt_checkpoint *checkpoint, const struct state *state,
                          int64_t first, size_t n_first, int writers)
{
    int64_t at = 0;
    for (int r = 0; r < writers; r++)
        for (size_t i = 0; i < n_first + 2 * (size_t)r; i++, at++)
            if (at >= first && at < first + (int64_t)state->n)
                assert_int_equal(state->id[at - first], 1000 * r + (int64_t)i);
    assert_int_equal(at, vt_checkpoint_all_rows(checkpoint));
}

/* All ranks write; then the first ranks alone read, 1, 2, ... of them. */
static void deals_out_to_other_numbers(void **unused)
{
    (void)unused;
    enum { FIRST = 11 };
    static struct state state;
    struct vt_error error;
    fill(&state, FIRST, 4);
    assert_int_equal(save("deal.h5", &state, 4, &error), VT_OK);
    const int writers = ranks();
    for (int readers = 1; readers < writers; readers++) {
        const int colour = my_rank() < readers ? 0 : MPI_UNDEFINED;
        MPI_Comm few;
        MPI_Comm_split(MPI_COMM_WORLD, colour, 0, &few);
        if (few != MPI_COMM_NULL) {
            struct vt_checkpoint *checkpoint;
            assert_int_equal(vt_checkpoint_open(&checkpoint, few, "deal.h5", &error), VT_OK);
            assert_int_equal(vt_checkpoint_ranks(checkpoint), writers);
            assert_int_equal(load_rows(checkpoint, &state, &error), VT_OK);
            int64_t n = (int64_t)state.n, least = n, most = n, last = n;
            MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_INT64_T, MPI_MIN, few);
            MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT64_T, MPI_MAX, few);
            MPI_Scan(&n, &last, 1, MPI_INT64_T, MPI_SUM, few);
            assert_true(most - least <= 1);
            check_all_ids(checkpoint, &state, last - n, FIRST, writers);
            vt_checkpoint_close(checkpoint);
            MPI_Comm_free(&few);
        }
        barrier();
    }
}

static void keeps_the_last_two(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_error error;
    for (int version = 1; version <= 3; version++) {
        fill(&state, 5, version);
        assert_int_equal(save("two.h5", &state, version, &error), VT_OK);
        assert_int_equal(version_of("two.h5", 5), version);
        assert_int_equal(version_of("two.prev.h5", 5), version > 1 ? version - 1 : -1);
        assert_false(is_there("two.h5.tmp"));
        barrier();
    }
}

static void discards(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_checkpoint_writer *writer;
    struct vt_error error;
    fill(&state, 5, 1);
    assert_int_equal(save("discard.h5", &state, 1, &error), VT_OK);
    assert_int_equal(vt_checkpoint_create(&writer, world, "discard.h5", state.n, &error), VT_OK);
    assert_int_equal(put(writer, &state, 2, &error), VT_OK);
    barrier();
    assert_true(is_there("discard.h5.tmp"));
    barrier();
    vt_checkpoint_discard(writer);
    barrier();
    assert_false(is_there("discard.h5.tmp"));
    assert_int_equal(version_of("discard.h5", 5), 1);
    vt_checkpoint_discard(NULL);
    vt_checkpoint_close(NULL);
}

/* ---- files that are none ---- */

static long size_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (long)status.st_size;
}

/* Rank 0 makes a copy cut to n bytes, with a byte changed at `at` (-1: none). */
static void copy_spoilt(const char *from, const char *to, long n, long at)
{
    static char bytes[1 << 20];
    barrier();
    if (my_rank() == 0) {
        FILE *file = fopen(from, "rb");
        assert_non_null(file);
        const size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_true(size < sizeof bytes && n <= (long)size);
        if (at >= 0)
            bytes[at] = (char)(bytes[at] ^ 0x10);
        file = fopen(to, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, (size_t)n, file), n);
        assert_int_equal(fclose(file), 0);
    }
    barrier();
}

static void assert_refused(const char *path, const char *start)
{
    struct vt_checkpoint *checkpoint;
    struct vt_error error;
    assert_int_equal(vt_checkpoint_open(&checkpoint, world, path, &error), VT_INPUT);
    assert_null(checkpoint);
    assert_string_equal(error.file, path);
    error.message[strlen(start)] = '\0';
    assert_string_equal(error.message, start);
}

static void refuses_cut_files(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_error error;
    fill(&state, 30, 1);
    assert_int_equal(save("whole.h5", &state, 1, &error), VT_OK);
    const long size = size_of("whole.h5");
    for (long n = 0; n<size; n += ranks()> 1 ? size / 11 : n < 520 ? 37 : size / 50) {
        copy_spoilt("whole.h5", "cut.h5", n, -1);
        assert_refused("cut.h5", n < 512 ? "this is no checkpoint of vitrion, or not a whole one"
                                         : "the checkpoint is cut or damaged: it has ");
    }
    copy_spoilt("whole.h5", "cut.h5", size, -1);
    assert_int_equal(version_of("cut.h5", 30), 1);
}

static void refuses_damaged_files(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_error error;
    fill(&state, 30, 1);
    assert_int_equal(save("whole.h5", &state, 1, &error), VT_OK);
    const long size = size_of("whole.h5");
    for (long at = 0; at<size; at += ranks()> 1 ? size / 11 : at < 600 ? 23 : size / 50) {
        copy_spoilt("whole.h5", "damaged.h5", size, at);
        assert_refused("damaged.h5",
                       at < 27 ? "this is no checkpoint of vitrion" : "the checkpoint is ");
    }
    copy_spoilt("whole.h5", "damaged.h5", size, size - 1);
    assert_refused("damaged.h5", "the checkpoint is damaged: its checksum is wrong");
}

static void refuses_other_things(void **unused)
{
    (void)unused;
    struct vt_checkpoint *checkpoint;
    struct vt_error error;
    assert_refused("none.h5", "cannot open: No such file or directory");
    assert_refused(".", "cannot read: Is a directory");
    barrier();
    if (my_rank() == 0) {
        FILE *file = fopen("text.h5", "w");
        assert_non_null(file);
        for (int i = 0; i < 1000; i++)
            fprintf(file, "no checkpoint at all %d\n", i);
        fclose(file);
    }
    barrier();
    assert_refused("text.h5", "this is no checkpoint of vitrion, or not a whole one");
    assert_int_equal(vt_checkpoint_open(&checkpoint, world, "no/where.h5", &error), VT_INPUT);
}

/* ---- disks that fail ---- */

/* A file that may not grow beyond some size is found out at one or another part of it. */
static void survives_limits(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_error error;
    struct rlimit limit, before;
    fill(&state, 1500, 1);
    assert_int_equal(save("fails.h5", &state, 1, &error), VT_OK);
    const long size = size_of("fails.h5");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    for (int k = 0; k < 6; k++) {
        limit = before;
        limit.rlim_cur = (rlim_t)(size * k / 6);
        setrlimit(RLIMIT_FSIZE, &limit);
        fill(&state, 1500, 2);
        const enum vt_code code = save("fails.h5", &state, 2, &error);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(code, VT_IO);
        assert_non_null(strstr(error.file, "fails.h5"));
        barrier();
        assert_false(is_there("fails.h5.tmp"));
        assert_int_equal(version_of("fails.h5", 1500), 1);
    }
    assert_int_equal(save("fails.h5", &state, 2, &error), VT_OK);
    assert_int_equal(version_of("fails.h5", 1500), 2);
}

static void says_that_it_cannot_write(void **unused)
{
    (void)unused;
    static struct state state;
    struct vt_error error;
    fill(&state, 5, 1);
    assert_int_equal(save("no/where.h5", &state, 1, &error), VT_IO);
    assert_string_equal(error.message, "cannot write: No such file or directory");
}

/* Each run in a new folder, which rank 0 makes and removes. */
static int enter_folder(char folder[64])
{
    snprintf(folder, 64, "/tmp/vitrion-test-checkpoint-XXXXXX");
    if (my_rank() == 0 && !mkdtemp(folder))
        return -1;
    MPI_Bcast(folder, 64, MPI_CHAR, 0, MPI_COMM_WORLD);
    return chdir(folder);
}

static void leave_folder(const char *folder)
{
    static const char *const names[] = {"bits",  "records", "wants",   "deal", "two",  "discard",
                                        "whole", "cut",     "damaged", "text", "fails"};
    static const char *const ends[] = {".h5", ".prev.h5"};
    char name[64];
    barrier();
    if (my_rank() != 0)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < 2; k++) {
            snprintf(name, sizeof name, "%s%s", names[i], ends[k]);
            unlink(name);
        }
    if (chdir("/") != 0 || rmdir(folder) != 0)
        fprintf(stderr, "%s is not empty\n", folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_every_bit),      cmocka_unit_test(keeps_records),
        cmocka_unit_test(refuses_what_is_not_in_it), cmocka_unit_test(deals_out_to_other_numbers),
        cmocka_unit_test(keeps_the_last_two),        cmocka_unit_test(discards),
        cmocka_unit_test(refuses_cut_files),         cmocka_unit_test(refuses_damaged_files),
        cmocka_unit_test(refuses_other_things),      cmocka_unit_test(survives_limits),
        cmocka_unit_test(says_that_it_cannot_write),
    };
    char folder[64];
    MPI_Init(&argc, &argv);
    world = MPI_COMM_WORLD;
    int failures = enter_folder(folder) != 0;
    if (!failures)
        failures = cmocka_run_group_tests(tests, NULL, NULL);
    leave_folder(folder);
    MPI_Finalize();
    return failures != 0;
}
