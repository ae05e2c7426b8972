/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended XYZ is streamed. The other formats hold one structure, and what their heads mean is
 * known only with the rest at hand, so these files are read into memory as they are opened. */
#include "io/structure.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "io/extxyz.h"
#include "io/file.h"
#include "io/lammps_data.h"
#include "io/poscar.h"

/* About 10^9 atoms; a file that is larger is no structure in these formats. */
static const size_t most_bytes = (size_t)1 << 37;

struct vt_structure_reader {
    enum vt_format format;
    struct vt_extxyz_reader *extxyz; /* owned; NULL for the other formats */
    char *path;                      /* owned copy */
    char *text;                      /* owned; NULL once it has been read */
    size_t size;
};

static bool ends_with(const char *path, const char *ending)
{
    const size_t n = strlen(path), m = strlen(ending);
    return n > m && strcasecmp(path + n - m, ending) == 0;
}

enum vt_format vt_format_of_path(const char *path)
{
    static const struct {
        const char *ending;
        enum vt_format format;
    } endings[] = {
        {".vasp", VT_FORMAT_POSCAR},   {".poscar", VT_FORMAT_POSCAR}, {".data", VT_FORMAT_LAMMPS},
        {".lmp", VT_FORMAT_LAMMPS},    {".lammps", VT_FORMAT_LAMMPS}, {".xyz", VT_FORMAT_EXTXYZ},
        {".extxyz", VT_FORMAT_EXTXYZ},
    };
    assert(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_with(path, endings[i].ending))
            return endings[i].format;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (strncmp(name, "POSCAR", 6) == 0 || strncmp(name, "CONTCAR", 7) == 0)
        return VT_FORMAT_POSCAR;
    return VT_FORMAT_EXTXYZ;
}

enum vt_code vt_structure_open(struct vt_structure_reader **reader, const char *path,
                               struct vt_error *error)
{
    assert(reader && path);
    struct vt_structure_reader *made = NULL;
    *reader = NULL;
    enum vt_code code = vt_alloc(&made, 1, sizeof *made, "a structure reader", error);
    if (code)
        return code;
    made->format = vt_format_of_path(path);
    code = vt_copy_text(&made->path, path, "a file name", error);
    if (!code && made->format == VT_FORMAT_EXTXYZ)
        code = vt_extxyz_open(&made->extxyz, path, error);
    else if (!code)
        code = vt_file_read(path, most_bytes, &made->text, &made->size, error);
    if (code)
        vt_structure_close(made);
    else
        *reader = made;
    return code;
}

enum vt_code vt_structure_read(struct vt_structure_reader *reader, struct vt_frame *frame,
                               bool *end, struct vt_error *error)
{
    assert(reader && frame && end);
    if (reader->extxyz)
        return vt_extxyz_read(reader->extxyz, frame, end, error);
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
    vt_free(reader->path);
    vt_free(reader->text);
    vt_free(reader);
}
