/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/file.h"

/* Each test runs in a new folder, so that nothing else can be in it. */
static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/vitrion-test-file-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int entries(void)
{
    int n = 0;
    DIR *folder = opendir(".");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return n;
}

static int leave_folder(void **state)
{
    static const char *const names[] = {"a", "b", "link", "sub/a", "pipe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
    rmdir("sub");
    const int left = entries();
    const int code = chdir("/") == 0 ? rmdir(*state) : -1;
    free(*state);
    return left == 0 ? code : -1;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *path, const char *text)
{
    char *data;
    size_t size;
    assert_int_equal(vt_file_read(path, 1000, &data, &size, NULL), VT_OK);
    assert_int_equal(size, strlen(text));
    assert_string_equal(data, text);
    vt_free(data);
}

static void reads_whole_files(void **state)
{
    (void)state;
    put("a", "one\ntwo");
    assert_content("a", "one\ntwo");
    put("b", "");
    assert_content("b", "");
}

static void refuses_what_cannot_be_read(void **state)
{
    (void)state;
    char *data;
    size_t size;
    struct vt_error error;
    assert_int_equal(vt_file_read("a", 9, &data, &size, &error), VT_INPUT);
    assert_string_equal(error.file, "a");
    assert_string_equal(error.message, "cannot open: No such file or directory");
    assert_null(data);
    assert_int_equal(vt_file_read(".", 9, &data, &size, &error), VT_INPUT);
    assert_string_equal(error.message, "cannot read: Is a directory");
    put("a", "0123456789");
    assert_int_equal(vt_file_read("a", 9, &data, &size, &error), VT_INPUT);
    assert_string_equal(error.message,
                        "the file is larger than the 9 bytes that are accepted here");
    assert_int_equal(vt_file_read("a", 10, &data, &size, &error), VT_OK);
    vt_free(data);
    if (geteuid() != 0) { /* the superuser may read everything */
        assert_int_equal(chmod("a", 0), 0);
        assert_int_equal(vt_file_read("a", 10, &data, &size, &error), VT_INPUT);
        assert_string_equal(error.message, "cannot open: Permission denied");
    }
}

/* A pipe has no size to go by: both the growing of the buffer and the bound are met on the way. */
static void reads_pipes(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    int ends[2];
    char name[32], text[MANY], *data;
    size_t size;
    memset(text, 'x', MANY);
    for (size_t most = MANY - 1; most <= MANY; most++) {
        struct vt_error error;
        assert_int_equal(pipe(ends), 0);
        snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
        assert_int_equal(write(ends[1], text, MANY), MANY);
        close(ends[1]);
        const enum vt_code code = vt_file_read(name, most, &data, &size, &error);
        close(ends[0]);
        assert_int_equal(code, most == MANY ? VT_OK : VT_INPUT);
        if (code == VT_OK) {
            assert_int_equal(size, MANY);
            assert_memory_equal(data, text, MANY);
        }
        vt_free(data);
    }
}

static void files_appear_on_commit(void **state)
{
    (void)state;
    struct vt_file *file;
    assert_int_equal(mkdir("sub", 0777), 0);
    assert_int_equal(vt_file_create(&file, "sub/a", false, NULL), VT_OK);
    assert_true(fputs("text", vt_file_stream(file)) >= 0);
    assert_int_equal(access("sub/a", F_OK), -1);
    assert_int_equal(vt_file_commit(file, NULL), VT_OK);
    assert_content("sub/a", "text");
    assert_int_equal(unlink("sub/a"), 0);
    assert_int_equal(rmdir("sub"), 0); /* only possible if nothing else was left there */
}

static void discarded_files_leave_nothing(void **state)
{
    (void)state;
    struct vt_file *file;
    put("a", "old");
    assert_int_equal(vt_file_create(&file, "a", true, NULL), VT_OK);
    assert_true(fputs("new", vt_file_stream(file)) >= 0);
    vt_file_discard(file);
    vt_file_discard(NULL);
    assert_content("a", "old");
    assert_int_equal(entries(), 1);
}

static void existing_files_are_refused(void **state)
{
    (void)state;
    struct vt_file *file;
    struct vt_error error;
    put("a", "old");
    assert_int_equal(vt_file_create(&file, "a", false, &error), VT_INPUT);
    assert_string_equal(error.message, "the file exists already");
    assert_null(file);
    assert_int_equal(vt_file_create(&file, ".", true, &error), VT_INPUT);
    assert_int_equal(vt_file_create(&file, "sub/a", true, &error), VT_INPUT);
    assert_string_equal(error.message, "cannot write in its folder: No such file or directory");
    assert_content("a", "old");
    assert_int_equal(entries(), 1);
}

/* Somebody else's file that appears between the two calls is not lost. */
static void late_targets_are_refused(void **state)
{
    (void)state;
    struct vt_file *file;
    struct vt_error error;
    assert_int_equal(vt_file_create(&file, "a", false, NULL), VT_OK);
    put("a", "theirs");
    assert_int_equal(vt_file_commit(file, &error), VT_INPUT);
    assert_string_equal(error.message, "the file exists already");
    assert_content("a", "theirs");
    assert_int_equal(entries(), 1);
}

static void files_are_replaced_when_allowed(void **state)
{
    (void)state;
    struct vt_file *file;
    put("a", "old");
    assert_int_equal(symlink("a", "link"), 0);
    assert_int_equal(vt_file_create(&file, "link", true, NULL), VT_OK);
    assert_true(fputs("new", vt_file_stream(file)) >= 0);
    assert_int_equal(vt_file_commit(file, NULL), VT_OK);
    assert_content("a", "new");
    struct stat status;
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(entries(), 2);
}

static void devices_are_written_directly(void **state)
{
    (void)state;
    struct vt_file *file;
    struct stat status;
    struct vt_error error;
    assert_int_equal(vt_file_create(&file, "/dev/null", false, NULL), VT_OK);
    assert_true(fputs("text", vt_file_stream(file)) >= 0);
    assert_int_equal(vt_file_commit(file, NULL), VT_OK);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_int_equal(vt_file_create(&file, "/dev/full", false, NULL), VT_OK);
    assert_true(fputs("text", vt_file_stream(file)) >= 0);
    assert_int_equal(vt_file_commit(file, &error), VT_IO);
    assert_string_equal(error.message, "writing failed: No space left on device");
}

/* A limit on the file size fails like a full disk, in the middle of the text or at its end. */
static void full_disks_leave_the_target_alone(void **state)
{
    (void)state;
    static const size_t sizes[] = {5000, 100000};
    char block[1000];
    memset(block, 'x', sizeof block);
    put("a", "old");
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){4000, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct vt_file *file;
        struct vt_error error;
        assert_int_equal(vt_file_create(&file, "a", true, NULL), VT_OK);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        for (size_t n = 0; n < sizes[i]; n += sizeof block)
            fwrite(block, 1, sizeof block, vt_file_stream(file));
        const enum vt_code code = vt_file_commit(file, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(code, VT_IO);
        assert_content("a", "old");
        assert_int_equal(entries(), 1);
    }
    signal(SIGXFSZ, SIG_DFL);
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    put("a", "old");
    bool failed = true;
    for (long n = 1; failed; n++) {
        char *data;
        size_t size;
        vt_balance_fail(n);
        const enum vt_code code = vt_file_read("a", 10, &data, &size, NULL);
        failed = vt_balance_failed();
        vt_balance_fail(0);
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        assert_int_equal(data != NULL, !failed);
        vt_free(data);
    }
    failed = true;
    for (long n = 1; failed; n++) {
        struct vt_file *file;
        vt_balance_fail(n);
        const enum vt_code code = vt_file_create(&file, "a", true, NULL);
        failed = vt_balance_failed();
        vt_balance_fail(0);
        assert_int_equal(code, failed ? VT_MEMORY : VT_OK);
        vt_file_discard(file);
        assert_int_equal(entries(), 1);
    }
    assert_content("a", "old");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_whole_files),
        TEST(refuses_what_cannot_be_read),
        TEST(reads_pipes),
        TEST(files_appear_on_commit),
        TEST(discarded_files_leave_nothing),
        TEST(existing_files_are_refused),
        TEST(late_targets_are_refused),
        TEST(files_are_replaced_when_allowed),
        TEST(devices_are_written_directly),
        TEST(full_disks_leave_the_target_alone),
        TEST(survives_lack_of_memory),
    };
    return VT_RUN_TESTS(tests);
}
