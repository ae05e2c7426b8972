/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/file.h"
#include "io/journal.h"

static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/vitrion-test-journal-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

/* Fails if a journal is left. */
static int leave_folder(void **state)
{
    unlink("a");
    const int code = chdir("/") == 0 ? rmdir(*state) : -1;
    free(*state);
    return code;
}

static void put(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *path, const char *text)
{
    char *data;
    size_t size;
    assert_int_equal(vt_file_read(path, 1000, &data, &size, NULL), VT_OK);
    assert_string_equal(data, text);
    vt_free(data);
}

/* "0123456789" is to become "01ABC56789xyz". */
static void add_changes(struct vt_journal *journal)
{
    put("a", "0123456789", 10);
    assert_int_equal(vt_journal_init(journal, "a", NULL), VT_OK);
    assert_int_equal(vt_journal_add(journal, 2, 3, "abc", NULL), VT_OK);
    assert_int_equal(vt_journal_add(journal, 10, 3, "xyz", NULL), VT_OK);
    assert_int_equal(vt_journal_add(journal, 2, 3, "ABC", NULL), VT_OK);
}

static void commits(void **state)
{
    (void)state;
    struct vt_journal journal;
    char seen[6] = "12345";
    add_changes(&journal);
    vt_journal_overlay(&journal, 1, 5, seen);
    assert_string_equal(seen, "1ABC5");
    assert_content("a", "0123456789");
    const int descriptor = open("a", O_RDWR | O_CLOEXEC);
    assert_int_equal(vt_journal_commit(&journal, descriptor, NULL), VT_OK);
    assert_content("a", "01ABC56789xyz");
    assert_int_equal(vt_journal_add(&journal, 0, 1, "!", NULL), VT_OK);
    assert_int_equal(vt_journal_commit(&journal, descriptor, NULL), VT_OK);
    assert_int_equal(vt_journal_add(&journal, 1, 1, "?", NULL), VT_OK);
    vt_journal_destroy(&journal);
    close(descriptor);
    assert_content("a", "!1ABC56789xyz");
}

/* What a process leaves that is killed right after the journal is written: a device that takes no
 * changes, here a descriptor for reading only, ends there as well. *size: of the journal. */
static char *leave_journal(size_t *size)
{
    struct vt_journal journal;
    struct vt_error error;
    char *bytes;
    add_changes(&journal);
    const int descriptor = open("a", O_RDONLY | O_CLOEXEC);
    assert_int_equal(vt_journal_commit(&journal, descriptor, &error), VT_IO);
    assert_string_equal(error.file, "a.journal");
    vt_journal_destroy(&journal);
    close(descriptor);
    assert_content("a", "0123456789");
    assert_int_equal(vt_file_read("a.journal", 1000, &bytes, size, NULL), VT_OK);
    return bytes;
}

static void recovers(void **state)
{
    (void)state;
    size_t size;
    char *bytes = leave_journal(&size);
    assert_int_equal(vt_journal_recover("a", NULL), VT_OK);
    assert_content("a", "01ABC56789xyz");
    put("a.journal", bytes, size); /* again: it does no harm */
    assert_int_equal(vt_journal_recover("a", NULL), VT_OK);
    assert_content("a", "01ABC56789xyz");
    assert_int_equal(vt_journal_recover("a", NULL), VT_OK);
    vt_free(bytes);
}

/* Cut anywhere, or with one bit that is another: the file stays as it was before. */
static void ignores_what_is_not_whole(void **state)
{
    (void)state;
    size_t size;
    char *bytes = leave_journal(&size);
    for (size_t n = 0; n < size; n++) {
        put("a.journal", bytes, n);
        assert_int_equal(vt_journal_recover("a", NULL), VT_OK);
        assert_content("a", "0123456789");
    }
    for (size_t n = 0; n < size; n++) {
        if (n >= 24 && n < 32)
            continue; /* the size of the file, see below */
        bytes[n] ^= 16;
        put("a.journal", bytes, size);
        assert_int_equal(vt_journal_recover("a", NULL), VT_OK);
        assert_content("a", "0123456789");
        bytes[n] ^= 16;
    }
    vt_free(bytes);
}

static void refuses_another_file(void **state)
{
    (void)state;
    size_t size;
    struct vt_error error;
    vt_free(leave_journal(&size));
    put("a", "short", 5);
    assert_int_equal(vt_journal_recover("a", &error), VT_INPUT);
    assert_string_equal(error.message, "this is not of the file beside it, which is shorter");
    assert_content("a", "short");
    assert_int_equal(vt_journal_remove("a", NULL), VT_OK);
    assert_int_equal(vt_journal_remove("a", NULL), VT_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commits),
        TEST(recovers),
        TEST(ignores_what_is_not_whole),
        TEST(refuses_another_file),
    };
    return VT_RUN_TESTS(tests);
}
