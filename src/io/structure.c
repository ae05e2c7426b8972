/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended XYZ and the outputs of DFT programs are streamed. The other formats hold one structure,
 * and what their heads mean is known only with the rest at hand, so these files are read into
 * memory as they are opened. */
#include "io/structure.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/cp2k.h"
#include "io/extxyz.h"
#include "io/file.h"
#include "io/h5md_read.h"
#include "io/lammps_data.h"
#include "io/lammps_dump.h"
#include "io/outcar.h"
#include "io/poscar.h"
#include "io/vasprun.h"
#include "io/xdatcar.h"

/* About 10^9 atoms; a file that is larger is no structure in these formats. */
static const size_t most_bytes = (size_t)1 << 37;

struct vt_structure_reader {
    enum vt_format format;
    struct vt_extxyz_reader *extxyz; /* owned; NULL for the other formats */
    struct vt_cp2k_reader *cp2k;     /* likewise */
    struct vt_outcar_reader *outcar;
    struct vt_vasprun_reader *vasprun;
    struct vt_h5md_reader *h5md;
    struct vt_xdatcar_reader *xdatcar; /* of text */
    struct vt_lammps_dump_reader *dump;
    char *path; /* owned copy */
    char *text; /* owned; NULL once it has been read */
    size_t size;
};

static bool ends_with(const char *path, const char *ending)
{
    const size_t n = strlen(path), m = strlen(ending);
    return n > m && strcasecmp(path + n - m, ending) == 0;
}

/* By the name; false: it says nothing. */
static bool name_tells(const char *path, enum vt_format *format)
{
    static const struct {
        const char *ending;
        enum vt_format format;
    } endings[] = {
        {".vasp", VT_FORMAT_POSCAR},
        {".poscar", VT_FORMAT_POSCAR},
        {".data", VT_FORMAT_LAMMPS},
        {".lmp", VT_FORMAT_LAMMPS},
        {".lammps", VT_FORMAT_LAMMPS},
        {".xyz", VT_FORMAT_EXTXYZ},
        {".extxyz", VT_FORMAT_EXTXYZ},
        {".outcar", VT_FORMAT_OUTCAR},
        {".h5", VT_FORMAT_H5MD},
        {".h5md", VT_FORMAT_H5MD},
        {".lammpstrj", VT_FORMAT_LAMMPS_DUMP},
        {".dump", VT_FORMAT_LAMMPS_DUMP},
    };
    static const struct {
        const char *start;
        enum vt_format format;
    } starts[] = {{"POSCAR", VT_FORMAT_POSCAR},
                  {"CONTCAR", VT_FORMAT_POSCAR},
                  {"OUTCAR", VT_FORMAT_OUTCAR},
                  {"vasprun", VT_FORMAT_VASPRUN},
                  {"XDATCAR", VT_FORMAT_XDATCAR}};
    assert(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(path, endings[i].ending)) {
            *format = endings[i].format;
            return true;
        }
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(name, starts[i].start, strlen(starts[i].start)) == 0) {
            *format = starts[i].format;
            return true;
        }
    return false;
}

enum vt_format vt_format_of_path(const char *path)
{
    enum vt_format format = VT_FORMAT_EXTXYZ;
    name_tells(path, &format);
    return format;
}

static bool holds(const char *data, size_t size, const char *text)
{
    const size_t length = strlen(text);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(data + i, text, length) == 0)
            return true;
    return false;
}

/* The start of a regular file; 0 bytes of anything else, which cannot be read twice. */
static size_t read_start(const char *path, char *data, size_t size)
{
    struct stat status;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = 0;
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
        n = read(descriptor, data, size);
    if (descriptor >= 0)
        close(descriptor);
    return n > 0 ? (size_t)n : 0;
}

enum vt_format vt_format_of_file(const char *path)
{
    enum { START = 1 << 14 };
    enum vt_format format = VT_FORMAT_EXTXYZ;
    char start[START];
    if (name_tells(path, &format) || strcmp(path, "-") == 0)
        return format;
    const size_t n = read_start(path, start, sizeof start);
    if (n > 8 && memcmp(start, "\211HDF\r\n\032\n", 8) == 0)
        return VT_FORMAT_H5MD;
    if (n > 6 && memcmp(start, "ITEM: ", 6) == 0)
        return VT_FORMAT_LAMMPS_DUMP;
    if (holds(start, n, "CP2K| version string"))
        return VT_FORMAT_CP2K;
    if (holds(start, n < 512 ? n : 512, "<modeling>"))
        return VT_FORMAT_VASPRUN;
    if (n > 6 && (memcmp(start, " vasp.", 6) == 0 || memcmp(start, "vasp.", 5) == 0))
        return VT_FORMAT_OUTCAR;
    return format;
}

static enum vt_code open_file(struct vt_structure_reader *reader, const char *path, bool lenient,
                              struct vt_error *error)
{
    switch (reader->format) {
    case VT_FORMAT_EXTXYZ:
        return vt_extxyz_open(&reader->extxyz, path, error);
    case VT_FORMAT_CP2K:
        return vt_cp2k_open(&reader->cp2k, path, lenient, error);
    case VT_FORMAT_OUTCAR:
        return vt_outcar_open(&reader->outcar, path, lenient, error);
    case VT_FORMAT_VASPRUN:
        return vt_vasprun_open(&reader->vasprun, path, lenient, error);
    case VT_FORMAT_H5MD:
        return vt_h5md_open_reader(&reader->h5md, path, error);
    case VT_FORMAT_LAMMPS_DUMP:
        return vt_lammps_dump_open(&reader->dump, reader->path, error);
    case VT_FORMAT_POSCAR:
    case VT_FORMAT_LAMMPS:
    case VT_FORMAT_XDATCAR:
        break;
    }
    const enum vt_code code = vt_file_read(path, most_bytes, &reader->text, &reader->size, error);
    if (code || reader->format != VT_FORMAT_XDATCAR)
        return code;
    return vt_xdatcar_open(&reader->xdatcar, reader->path, reader->text, reader->size, error);
}

static enum vt_code open_reader(struct vt_structure_reader **reader, const char *path, bool lenient,
                                struct vt_error *error)
{
    assert(reader && path);
    struct vt_structure_reader *made = NULL;
    *reader = NULL;
    enum vt_code code = vt_alloc(&made, 1, sizeof *made, "a structure reader", error);
    if (code)
        return code;
    made->format = vt_format_of_file(path);
    code = vt_copy_text(&made->path, path, "a file name", error);
    if (!code)
        code = open_file(made, path, lenient, error);
    if (code)
        vt_structure_close(made);
    else
        *reader = made;
    return code;
}

enum vt_code vt_structure_open(struct vt_structure_reader **reader, const char *path,
                               struct vt_error *error)
{
    return open_reader(reader, path, false, error);
}

enum vt_code vt_structure_open_leniently(struct vt_structure_reader **reader, const char *path,
                                         struct vt_error *error)
{
    return open_reader(reader, path, true, error);
}

const struct vt_dft_counts *vt_structure_counts(const struct vt_structure_reader *reader)
{
    if (reader->cp2k)
        return vt_cp2k_counts(reader->cp2k);
    if (reader->outcar)
        return vt_outcar_counts(reader->outcar);
    return reader->vasprun ? vt_vasprun_counts(reader->vasprun) : NULL;
}

enum vt_code vt_structure_read(struct vt_structure_reader *reader, struct vt_frame *frame,
                               bool *end, struct vt_error *error)
{
    assert(reader && frame && end);
    if (reader->extxyz)
        return vt_extxyz_read(reader->extxyz, frame, end, error);
    if (reader->cp2k)
        return vt_cp2k_read(reader->cp2k, frame, end, error);
    if (reader->outcar)
        return vt_outcar_read(reader->outcar, frame, end, error);
    if (reader->vasprun)
        return vt_vasprun_read(reader->vasprun, frame, end, error);
    if (reader->h5md)
        return vt_h5md_read(reader->h5md, frame, end, error);
    if (reader->dump)
        return vt_lammps_dump_read(reader->dump, frame, end, error);
    if (reader->xdatcar)
        return vt_xdatcar_read(reader->xdatcar, frame, end, error);
    *end = !reader->text;
    if (*end)
        return VT_OK;
    const enum vt_code code =
        reader->format == VT_FORMAT_POSCAR
            ? vt_poscar_parse(frame, reader->path, reader->text, reader->size, error)
            : vt_lammps_parse(frame, reader->path, reader->text, reader->size, error);
    if (code)
        return code;
    vt_free(reader->text);
    reader->text = NULL;
    return VT_OK;
}

void vt_structure_close(struct vt_structure_reader *reader)
{
    if (!reader)
        return;
    vt_extxyz_close(reader->extxyz);
    vt_cp2k_close(reader->cp2k);
    vt_outcar_close(reader->outcar);
    vt_vasprun_close(reader->vasprun);
    vt_h5md_close_reader(reader->h5md);
    vt_xdatcar_close(reader->xdatcar);
    vt_lammps_dump_close(reader->dump);
    vt_free(reader->path);
    vt_free(reader->text);
    vt_free(reader);
}
