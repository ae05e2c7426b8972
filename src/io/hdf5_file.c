/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The format of the files is the oldest that HDF5 writes: newer ones mark a file as open, and it
 * cannot be read after a crash until the mark is removed. */
#include "io/hdf5_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/hdf5_driver.h"
#include "io/journal.h"

struct vt_hdf5_quiet vt_hdf5_hush(void)
{
    struct vt_hdf5_quiet quiet = {0};
    H5Eget_auto2(H5E_DEFAULT, &quiet.print, &quiet.user);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return quiet;
}

void vt_hdf5_unhush(struct vt_hdf5_quiet quiet)
{
    H5Eset_auto2(H5E_DEFAULT, quiet.print, quiet.user);
}

/* The first entry is where the trouble arose, and knows most about it. */
static herr_t take_first(unsigned n, const H5E_error2_t *entry, void *user)
{
    char *reason = user;
    if (n == 0 && entry->desc)
        snprintf(reason, 200, "%s", entry->desc);
    return 0;
}

enum vt_code vt_hdf5_fail(const char *path, enum vt_code code, const char *what,
                          struct vt_error *error)
{
    assert(path && what);
    assert(code != VT_OK);
    char reason[200] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, reason);
    return vt_fail_at(error, (struct vt_place){path, 0, 0}, code, "%s%s%s", what,
                      reason[0] ? ": " : "", reason);
}

enum vt_code vt_hdf5_fail_writing(const char *path, hid_t file, const char *what,
                                  struct vt_error *error)
{
    assert(path && what);
    const enum vt_code code = vt_hdf5_fail(path, VT_IO, what, error);
    const char *reason = file >= 0 ? vt_hdf5_driver_reason(vt_hdf5_driver_of(file)) : NULL;
    return reason ? vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_IO, "%s: %s", what, reason)
                  : code;
}

/* The path up to and with its last slash, or "."; false if it is too long. */
static bool folder_of(const char *path, char folder[4096])
{
    const char *slash = strrchr(path, '/');
    const size_t length = slash ? (size_t)(slash - path) + 1 : 1;
    if (length >= 4096)
        return false;
    memcpy(folder, slash ? path : ".", length);
    folder[length] = '\0';
    return true;
}

/* ulimit -f, beyond which a write fails. */
static bool is_within_limit(const char *path, uint64_t bytes)
{
    struct rlimit limit;
    struct stat status;
    const uint64_t size = stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
           size + bytes <= limit.rlim_cur;
}

enum vt_code vt_hdf5_room(const char *path, uint64_t bytes, struct vt_error *error)
{
    assert(path);
    const struct vt_place place = {path, 0, 0};
    char folder[4096];
    struct statvfs state;
    if (!is_within_limit(path, bytes))
        return vt_fail_at(error, place, VT_IO,
                          "the file would grow beyond the limit for files (ulimit -f)");
    if (!folder_of(path, folder) || statvfs(folder, &state) != 0)
        return VT_OK; /* not known: the writing will show */
    const uint64_t left = (uint64_t)state.f_bavail * state.f_frsize;
    if (left >= bytes)
        return VT_OK;
    return vt_fail_at(error, place, VT_IO,
                      "the disk is full: %llu bytes are needed and %llu are left",
                      (unsigned long long)bytes, (unsigned long long)left);
}

enum vt_code vt_hdf5_claim(const char *path, struct vt_error *error)
{
    assert(path);
    int descriptor = -1;
    if (unlink(path) == 0 || errno == ENOENT)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return vt_fail_at(error, (struct vt_place){path, 0, 0}, VT_IO, "cannot write: %s",
                          strerror(errno));
    close(descriptor);
    return VT_OK;
}

/* Without a cache of chunks: HDF5 would write a whole one again for each frame that it gets. */
static hid_t access_of(bool is_safe)
{
    const hid_t access = vt_hdf5_driver_access(is_safe);
    H5Pset_cache(access, 0, 0, 0, 0);
    return access;
}

enum vt_code vt_hdf5_create(const char *path, const struct vt_hdf5_style *style, hid_t *file,
                            struct vt_error *error)
{
    assert(path && style && file);
    enum vt_code code = VT_OK;
    const hid_t access = access_of(style->is_safe);
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, style->user_block);
    *file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    if (*file < 0)
        code = vt_hdf5_fail(path, VT_IO, "cannot write", error);
    H5Pclose(creation);
    H5Pclose(access);
    return code;
}

enum vt_code vt_hdf5_open(const char *path, bool write, hid_t *file, struct vt_error *error)
{
    assert(path && file);
    enum vt_code code = VT_OK;
    const hid_t access = access_of(write);
    *file = H5Fopen(path, write ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
    if (*file < 0)
        code = vt_hdf5_fail(path, VT_INPUT, "cannot read it as HDF5", error);
    H5Pclose(access);
    return code;
}

enum vt_code vt_hdf5_recover(const char *path, struct vt_error *error)
{
    assert(path);
    return vt_journal_recover(path, error);
}

enum vt_code vt_hdf5_commit(const char *path, hid_t file, struct vt_error *error)
{
    assert(path && file >= 0);
    if (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0)
        return vt_hdf5_fail_writing(path, file, "writing failed", error);
    return vt_hdf5_driver_commit(vt_hdf5_driver_of(file), error);
}

/* HDF5 1.10 forgets a driver that nobody else has just before it has the driver close the file:
 * the list keeps it. */
static herr_t close_file(hid_t file)
{
    const hid_t access = H5Fget_access_plist(file);
    const herr_t status = H5Fclose(file);
    H5Pclose(access);
    return status;
}

enum vt_code vt_hdf5_close(const char *path, hid_t file, struct vt_error *error)
{
    assert(path);
    enum vt_code code;
    vt_hdf5_driver_expect_close(vt_hdf5_driver_of(file), &code, error);
    if (close_file(file) < 0 && !code)
        code = vt_hdf5_fail(path, VT_IO, "writing failed", error);
    return code;
}

void vt_hdf5_abandon(hid_t file)
{
    vt_hdf5_driver_abandon(vt_hdf5_driver_of(file));
    close_file(file);
}
