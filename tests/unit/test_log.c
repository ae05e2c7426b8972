/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#include "balance.h"

/* What the sink got last, and how often it was called. */
struct record {
    int calls;
    enum vt_log_level level;
    char line[2048];
};

static void record_line(void *user, enum vt_log_level level, const char *line)
{
    struct record *const record = user;
    record->calls++;
    record->level = level;
    snprintf(record->line, sizeof record->line, "%s", line);
}

static void test_lines(void **state)
{
    (void)state;
    static const char *const once[] = {"error: 7 atoms", "warning: 7 atoms", "7 atoms", "7 atoms",
                                       "debug: 7 atoms"};
    static const char *const rank[] = {"rank 0: error: 7 atoms", "rank 0: warning: 7 atoms",
                                       "rank 0: 7 atoms", "rank 0: 7 atoms",
                                       "rank 0: debug: 7 atoms"};
    for (int level = VT_LOG_ERROR; level <= VT_LOG_DEBUG; level++) {
        struct record record = {0};
        const struct vt_log log = {record_line, &record, VT_LOG_DEBUG, 0};
        vt_log_once(&log, (enum vt_log_level)level, "%d atoms", 7);
        assert_string_equal(record.line, once[level]);
        assert_int_equal(record.level, level);
        vt_log_rank(&log, (enum vt_log_level)level, "%d atoms", 7);
        assert_string_equal(record.line, rank[level]);
        assert_int_equal(record.calls, 2);
    }
}

static void test_levels(void **state)
{
    (void)state;
    for (int wanted = VT_LOG_ERROR; wanted <= VT_LOG_DEBUG; wanted++) {
        struct record record = {0};
        const struct vt_log log = {record_line, &record, (enum vt_log_level)wanted, 0};
        for (int level = VT_LOG_ERROR; level <= VT_LOG_DEBUG; level++)
            vt_log_once(&log, (enum vt_log_level)level, "line");
        assert_int_equal(record.calls, wanted + 1);
    }
}

static void test_ranks(void **state)
{
    (void)state;
    struct record record = {0};
    const struct vt_log log = {record_line, &record, VT_LOG_INFO, 12};
    vt_log_once(&log, VT_LOG_ERROR, "said by rank 0");
    assert_int_equal(record.calls, 0);
    vt_log_rank(&log, VT_LOG_WARNING, "slow");
    assert_string_equal(record.line, "rank 12: warning: slow");
}

static void test_silence(void **state)
{
    (void)state;
    const struct vt_log silent = {0};
    vt_log_once(NULL, VT_LOG_ERROR, "nobody hears %d", 1);
    vt_log_rank(NULL, VT_LOG_ERROR, "nobody hears %d", 1);
    vt_log_once(&silent, VT_LOG_ERROR, "nobody hears %d", 1);
    vt_log_rank(&silent, VT_LOG_ERROR, "nobody hears %d", 1);
}

static void test_bounds(void **state)
{
    (void)state;
    struct record record = {0};
    const struct vt_log log = {record_line, &record, VT_LOG_INFO, 0};
    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    vt_log_rank(&log, VT_LOG_WARNING, "%s", longest);
    assert_true(strlen(record.line) >= 1000 && strlen(record.line) < 1100);
    vt_log_once(&log, VT_LOG_INFO, "%s", "a\nwarning: \033[31m forged");
    assert_string_equal(record.line, "a?warning: ?[31m forged");
}

static void test_file(void **state)
{
    (void)state;
    FILE *const file = tmpfile();
    assert_non_null(file);
    const struct vt_log log = {vt_log_to_file, file, VT_LOG_NOTE, 0};
    vt_log_once(&log, VT_LOG_WARNING, "old file");
    vt_log_once(&log, VT_LOG_INFO, "not wanted");
    vt_log_rank(&log, VT_LOG_NOTE, "100%% done");
    rewind(file);
    char text[200] = "";
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_string_equal(text, "warning: old file\nrank 0: 100% done\n");
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_levels), cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_silence), cmocka_unit_test(test_bounds), cmocka_unit_test(test_file),
    };
    return VT_RUN_TESTS(tests);
}
