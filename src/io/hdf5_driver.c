/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 tells its drivers what it writes: raw data, or its own tables. Raw data of new frames lie
 * where no table on the disk looks, so they may be written at any time. Tables are changed in place
 * and must change together: in a safe file they go through a journal. */
#include "io/hdf5_driver.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/journal.h"

struct vt_hdf5_driver {
    H5FD_t base; /* HDF5's part, first */
    int descriptor;
    char *path;           /* owned */
    haddr_t space, bytes; /* bytes in use as HDF5 counts them; of the file */
    bool is_safe, is_abandoned;
    struct vt_journal journal; /* of a safe file */
    char reason[200];          /* of the first failure; "": none */
    enum vt_code *code;        /* not NULL: the file is being closed */
    struct vt_error *error;
};

static const haddr_t most_bytes = INT64_MAX;

/* ---- failures ---- */

/* What HDF5 gets to hear: a failure with its reason, or all is well if the file is being closed. */
static herr_t report(struct vt_hdf5_driver *driver, const struct vt_error *cause)
{
    if (!driver->reason[0])
        snprintf(driver->reason, sizeof driver->reason, "%.199s", cause->message);
    if (!driver->code) {
        H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_IO, H5E_WRITEERROR,
                 "%s", cause->message);
        return -1;
    }
    if (!*driver->code) {
        *driver->code = VT_IO;
        *driver->error = *cause;
    }
    return 0;
}

static herr_t report_errno(struct vt_hdf5_driver *driver)
{
    struct vt_error cause;
    vt_fail_at(&cause, (struct vt_place){driver->path, 0, 0}, VT_IO, "%s%s",
               driver->code ? "writing failed: " : "", strerror(errno));
    return report(driver, &cause);
}

/* ---- opening and closing ---- */

static void destroy(struct vt_hdf5_driver *driver)
{
    if (driver->descriptor >= 0)
        close(driver->descriptor);
    vt_journal_destroy(&driver->journal);
    vt_free(driver->path);
    vt_free(driver);
}

static H5FD_t *open_file(const char *name, unsigned flags, bool is_safe)
{
    struct vt_hdf5_driver *driver = NULL;
    struct vt_error error;
    struct stat status;
    const int how = (flags & H5F_ACC_RDWR ? O_RDWR : O_RDONLY) |
                    (flags & H5F_ACC_CREAT ? O_CREAT : 0) | (flags & H5F_ACC_TRUNC ? O_TRUNC : 0) |
                    (flags & H5F_ACC_EXCL ? O_EXCL : 0);
    if (vt_alloc(&driver, 1, sizeof *driver, "a file", &error))
        return NULL;
    driver->is_safe = is_safe;
    driver->journal.descriptor = -1;
    driver->descriptor = open(name, how | O_CLOEXEC, 0666);
    if (driver->descriptor < 0 || fstat(driver->descriptor, &status) != 0 ||
        vt_copy_text(&driver->path, name, "a file name", &error) ||
        (is_safe && vt_journal_init(&driver->journal, name, &error))) {
        destroy(driver);
        return NULL;
    }
    driver->bytes = (haddr_t)status.st_size;
    return &driver->base;
}

static H5FD_t *open_safe(const char *name, unsigned flags, hid_t access, haddr_t most)
{
    (void)access, (void)most;
    return open_file(name, flags, true);
}

static H5FD_t *open_plain(const char *name, unsigned flags, hid_t access, haddr_t most)
{
    (void)access, (void)most;
    return open_file(name, flags, false);
}

static herr_t close_file(H5FD_t *base)
{
    struct vt_hdf5_driver *driver = (struct vt_hdf5_driver *)base;
    struct vt_error error;
    herr_t status = 0;
    if (vt_hdf5_driver_commit(driver, &error))
        status = report(driver, &error);
    destroy(driver);
    return status;
}

/* ---- what HDF5 asks ---- */

static herr_t query(const H5FD_t *base, unsigned long *flags)
{
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA |
             H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t get_space(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const struct vt_hdf5_driver *)base)->space;
}

static herr_t set_space(H5FD_t *base, H5FD_mem_t type, haddr_t space)
{
    (void)type;
    ((struct vt_hdf5_driver *)base)->space = space;
    return 0;
}

static haddr_t get_bytes(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const struct vt_hdf5_driver *)base)->bytes;
}

static herr_t get_handle(H5FD_t *base, hid_t access, void **handle)
{
    (void)access;
    *handle = base;
    return 0;
}

/* Behind the end of the file there are zeros. */
static herr_t read_bytes(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t n,
                         void *bytes)
{
    (void)type, (void)transfer;
    struct vt_hdf5_driver *driver = (struct vt_hdf5_driver *)base;
    unsigned char *to = bytes;
    size_t done = 0;
    while (done < n) {
        const ssize_t got = pread(driver->descriptor, to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_IO, H5E_READERROR,
                     "%s", strerror(errno));
            return -1;
        }
        if (got == 0)
            memset(to + done, 0, n - done);
        done = got == 0 ? n : done + (size_t)got;
    }
    if (driver->is_safe)
        vt_journal_overlay(&driver->journal, at, n, bytes);
    return 0;
}

static herr_t write_bytes(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t n,
                          const void *bytes)
{
    (void)transfer;
    struct vt_hdf5_driver *driver = (struct vt_hdf5_driver *)base;
    struct vt_error error;
    const unsigned char *from = bytes;
    if (driver->is_abandoned)
        return 0;
    if (driver->is_safe && type != H5FD_MEM_DRAW)
        return vt_journal_add(&driver->journal, at, n, bytes, &error) ? report(driver, &error) : 0;
    for (size_t done = 0; done < n;) {
        const ssize_t put = pwrite(driver->descriptor, from + done, n - done, (off_t)(at + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put == 0)
            errno = ENOSPC;
        if (put <= 0)
            return report_errno(driver);
        done += (size_t)put;
    }
    driver->bytes = at + n > driver->bytes ? at + n : driver->bytes;
    return 0;
}

/* The file gets the length that HDF5 counts with. A safe one is not shortened before its tables say
 * so. */
static herr_t fit_length(H5FD_t *base, hid_t transfer, hbool_t closing)
{
    (void)transfer, (void)closing;
    struct vt_hdf5_driver *driver = (struct vt_hdf5_driver *)base;
    if (driver->is_abandoned || driver->space == driver->bytes ||
        (driver->is_safe && driver->space < driver->bytes))
        return 0;
    if (ftruncate(driver->descriptor, (off_t)driver->space) != 0)
        return report_errno(driver);
    driver->bytes = driver->space;
    return 0;
}

/* ---- for hdf5_file.c ---- */

hid_t vt_hdf5_driver_access(bool is_safe)
{
    const H5FD_class_t class = {
#ifdef H5FD_CLASS_VERSION /* HDF5 1.14 */
        .version = H5FD_CLASS_VERSION,
        .value = H5_VFD_RESERVED + 1, /* of the numbers that are free for all */
#endif
        .name = "vitrion",
        .maxaddr = most_bytes,
        .fc_degree = H5F_CLOSE_STRONG,
        .open = is_safe ? open_safe : open_plain,
        .close = close_file,
        .query = query,
        .get_eoa = get_space,
        .set_eoa = set_space,
        .get_eof = get_bytes,
        .get_handle = get_handle,
        .read = read_bytes,
        .write = write_bytes,
        .truncate = fit_length,
        .fl_map = H5FD_FLMAP_DICHOTOMY,
    };
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    const hid_t driver = H5FDregister(&class);
    H5Pset_driver(access, driver, NULL);
    H5FDunregister(driver); /* the list keeps it */
    return access;
}

struct vt_hdf5_driver *vt_hdf5_driver_of(hid_t file)
{
    void *driver = NULL;
    H5Fget_vfd_handle(file, H5P_DEFAULT, &driver);
    assert(driver);
    return driver;
}

enum vt_code vt_hdf5_driver_commit(struct vt_hdf5_driver *driver, struct vt_error *error)
{
    assert(driver);
    if (!driver->is_safe || driver->is_abandoned)
        return VT_OK;
    const enum vt_code code = vt_journal_commit(&driver->journal, driver->descriptor, error);
    if (!code && driver->space < driver->bytes &&
        ftruncate(driver->descriptor, (off_t)driver->space) == 0)
        driver->bytes = driver->space;
    return code;
}

void vt_hdf5_driver_expect_close(struct vt_hdf5_driver *driver, enum vt_code *code,
                                 struct vt_error *error)
{
    assert(driver && code);
    *code = VT_OK;
    driver->code = code;
    driver->error = error;
}

const char *vt_hdf5_driver_reason(const struct vt_hdf5_driver *driver)
{
    assert(driver);
    return driver->reason[0] ? driver->reason : NULL;
}

void vt_hdf5_driver_abandon(struct vt_hdf5_driver *driver)
{
    driver->is_abandoned = true;
}
