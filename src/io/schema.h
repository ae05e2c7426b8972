/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command may be told: one table of keywords, from which everything else follows.
 *
 *     struct run { double timestep; int precision; char *model; double *cutoff; size_t n_cutoff; };
 *
 *     static const struct vt_word precisions[] = {{"mixed", 0, NULL}, {"double", 1, NULL}, {0}};
 *     static const struct vt_entry entries[] = {
 *         {"model", VT_PATH_FIELD(struct run, model), .required = true, .help = "nep.txt file"},
 *         {"timestep", VT_REAL_FIELD(struct run, timestep, VT_TIME), .fallback = "1 fs",
 *          .above = "0 fs", .help = "time step"},
 *         {"precision", VT_WORD_FIELD(struct run, precision, precisions), .fallback = "mixed",
 *          .help = "arithmetic of the potential"},
 *         {"cutoff", VT_REAL_LIST(struct run, cutoff, n_cutoff, VT_LENGTH, 1, 2),
 *          .one_is_a_list = true, .help = "radial and angular cutoff"},
 *         {0}};
 *     static const struct vt_table table = {"run", "Dynamics", sizeof(struct run), entries, NULL};
 *
 * io/config.h fills the struct from a YAML file or from options, and echoes it; io/manual.h prints
 * help and reference. The macros fail to compile when field and type do not fit. vt_table_check
 * tests what a compiler cannot see: run it on each table in a unit test.
 *
 * The drawback: the fields are reached through offsets, so the type of a field is checked here and
 * nowhere else. Write entries with the macros only. */
#ifndef VT_SCHEMA_H
#define VT_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/units.h"

/* What one value is, and the C type of the field that receives it. */
enum vt_kind {
    VT_KIND_BOOL,    /* true or false: bool */
    VT_KIND_INTEGER, /* int64_t */
    VT_KIND_REAL,    /* a number of a dimension: double, in the units of the program */
    VT_KIND_WORD,    /* one of a list: int, or an enum */
    VT_KIND_STRING,  /* char *, owned by the struct; NULL if absent */
    VT_KIND_PATH,    /* likewise, not empty; absolute, seen from the folder of the file */
    VT_KIND_MAP,     /* a struct with a table of its own, in place */
    VT_KIND_UNION    /* one of some entries of the struct; int: 1 + its index, 0 if absent */
};

enum vt_shape {
    VT_SHAPE_ONE,
    VT_SHAPE_ARRAY, /* exactly `least` items, in place: double x[3] */
    VT_SHAPE_LIST   /* `least` to `most` items: a pointer (owned by the struct) and a size_t */
};

/* Most entries of one table. */
enum { VT_TABLE_ENTRIES = 64 };

/* For `most`: as many as the file can hold. */
#define VT_UNLIMITED SIZE_MAX

/* A word of a choice. Lists of them end with {0}. help may be NULL. */
struct vt_word {
    const char *name;
    int value;
    const char *help;
};

/* A keyword. Lists of them end with {0}.
 *
 * An entry that is absent from the input takes its fallback; without one it must be `required`, or
 * absence must show: by NULL (strings, paths, lists), by 0 (unions) or by the bool of `given`. Maps
 * that are absent are filled with the fallbacks of their entries, unless they have `given` (then
 * they stay zero). */
struct vt_entry {
    const char *name;
    enum vt_kind kind;
    enum vt_shape shape;
    enum vt_dimension dimension;         /* of reals */
    const struct vt_word *words;         /* of words */
    const struct vt_table *table;        /* of maps */
    const struct vt_entry *alternatives; /* of unions, tried in order; their names are for help */
    size_t offset;                       /* of the field (unions: of the int) in the struct */
    size_t size;                         /* of one value */
    size_t count_offset;                 /* of the number of items of a list */
    size_t least, most;                  /* items of arrays and lists */
    size_t given;                        /* VT_GIVEN, or 0 */
    bool one_is_a_list;                  /* lists: one value may stand without brackets */
    bool is_ramp;                        /* start and end: one value must */
    bool required;
    const char *fallback;                          /* what an absent keyword means, as YAML */
    const char *above, *minimum, *maximum, *below; /* bounds of each number, with units, or NULL */
    const char *help;                              /* one line, no full stop */
};

struct vt_config_check;

struct vt_table {
    const char *name; /* of the command, or of the item ("stage") */
    const char *help;
    size_t size; /* of the struct */
    const struct vt_entry *entries;
    /* Rules between entries, or NULL: called once all values of this mapping are right, to report
     * with vt_check_fail (io/config.h). */
    void (*check)(const void *config, struct vt_config_check *check);
};

/* The offset of a field, if its address has the given type; otherwise this does not compile. */
#define VT_OFFSET_OF(type, field, pointer)                                                         \
    _Generic(&((type *)NULL)->field, pointer : offsetof(type, field))
#define VT_OFFSET_OF_WORD(type, field)                                                             \
    _Generic(((type *)NULL)->field, int : offsetof(type, field), unsigned : offsetof(type, field))
#define VT_OFFSET_OF_WORDS(type, field)                                                            \
    _Generic(((type *)NULL)->field, int *: offsetof(type, field), unsigned *: offsetof(type, field))
#define VT_ITEMS_OF(type, field) (sizeof((type *)NULL)->field / sizeof *((type *)NULL)->field)
#define VT_GIVEN(type, field)    (1 + VT_OFFSET_OF(type, field, bool *))

/* One value. */
#define VT_ONE_(type, field, c_type)                                                               \
    .offset = VT_OFFSET_OF(type, field, c_type *), .size = sizeof(c_type)
#define VT_BOOL_FIELD(type, field)    .kind = VT_KIND_BOOL, VT_ONE_(type, field, bool)
#define VT_INTEGER_FIELD(type, field) .kind = VT_KIND_INTEGER, VT_ONE_(type, field, int64_t)
#define VT_REAL_FIELD(type, field, of_dimension)                                                   \
    .kind = VT_KIND_REAL, .dimension = (of_dimension), VT_ONE_(type, field, double)
#define VT_WORD_FIELD(type, field, of_words)                                                       \
    .kind = VT_KIND_WORD, .words = (of_words), .offset = VT_OFFSET_OF_WORD(type, field),           \
    .size = sizeof(int)
#define VT_STRING_FIELD(type, field) .kind = VT_KIND_STRING, VT_ONE_(type, field, char *)
#define VT_PATH_FIELD(type, field)   .kind = VT_KIND_PATH, VT_ONE_(type, field, char *)
#define VT_MAP_FIELD(type, field, of_table)                                                        \
    .kind = VT_KIND_MAP, .table = (of_table), .offset = offsetof(type, field),                     \
    .size = sizeof((type *)NULL)->field
#define VT_UNION_FIELD(type, field, of_alternatives)                                               \
    .kind = VT_KIND_UNION, .alternatives = (of_alternatives),                                      \
    .offset = VT_OFFSET_OF_WORD(type, field), .size = sizeof(int)

/* Arrays in place, double x[3]: all items must be given. */
#define VT_ARRAY_(type, field, c_type)                                                             \
    .shape = VT_SHAPE_ARRAY, .least = VT_ITEMS_OF(type, field), .most = VT_ITEMS_OF(type, field),  \
    .offset = VT_OFFSET_OF(type, field, c_type(*)[VT_ITEMS_OF(type, field)]),                      \
    .size = sizeof(c_type)
#define VT_BOOL_ARRAY(type, field)    .kind = VT_KIND_BOOL, VT_ARRAY_(type, field, bool)
#define VT_INTEGER_ARRAY(type, field) .kind = VT_KIND_INTEGER, VT_ARRAY_(type, field, int64_t)
#define VT_REAL_ARRAY(type, field, of_dimension)                                                   \
    .kind = VT_KIND_REAL, .dimension = (of_dimension), VT_ARRAY_(type, field, double)

/* Lists of `fewest` to `largest` items: a pointer, and a size_t for their number. */
#define VT_LIST_(type, n_field, fewest, largest)                                                   \
    .shape = VT_SHAPE_LIST, .count_offset = VT_OFFSET_OF(type, n_field, size_t *),                 \
    .least = (fewest), .most = (largest)
#define VT_LIST_OF_(type, field, n_field, c_type, fewest, largest)                                 \
    VT_LIST_(type, n_field, fewest, largest), .offset = VT_OFFSET_OF(type, field, c_type **),      \
                                              .size = sizeof(c_type)
#define VT_INTEGER_LIST(type, field, n_field, fewest, largest)                                     \
    .kind = VT_KIND_INTEGER, VT_LIST_OF_(type, field, n_field, int64_t, fewest, largest)
#define VT_REAL_LIST(type, field, n_field, of_dimension, fewest, largest)                          \
    .kind = VT_KIND_REAL, .dimension = (of_dimension),                                             \
    VT_LIST_OF_(type, field, n_field, double, fewest, largest)
#define VT_WORD_LIST(type, field, n_field, of_words, fewest, largest)                              \
    .kind = VT_KIND_WORD, .words = (of_words), VT_LIST_(type, n_field, fewest, largest),           \
    .offset = VT_OFFSET_OF_WORDS(type, field), .size = sizeof(int)
#define VT_STRING_LIST(type, field, n_field, fewest, largest)                                      \
    .kind = VT_KIND_STRING, VT_LIST_OF_(type, field, n_field, char *, fewest, largest)
#define VT_PATH_LIST(type, field, n_field, fewest, largest)                                        \
    .kind = VT_KIND_PATH, VT_LIST_OF_(type, field, n_field, char *, fewest, largest)
#define VT_MAP_LIST(type, field, n_field, of_table, fewest, largest)                               \
    .kind = VT_KIND_MAP, .table = (of_table), VT_LIST_(type, n_field, fewest, largest),            \
    .offset = offsetof(type, field), .size = sizeof *((type *)NULL)->field

/* The entry of that name, NULL if there is none; the name nearest to it, NULL if none is near. */
const struct vt_entry *vt_table_find(const struct vt_table *table, const char *name);
const char *vt_table_nearest(const struct vt_table *table, const char *name);

/* The kinds that are written as one word or number. */
bool vt_kind_is_scalar(enum vt_kind kind);

/* The kinds whose value is a char * that the struct owns. */
bool vt_kind_owns(enum vt_kind kind);

/* True for an entry that a command line takes as `--name` alone, for true: a bool that falls back
 * to false. */
bool vt_entry_is_flag(const struct vt_entry *entry);

/* Tests a table and those below it for programmers' mistakes: names, help, words, fallbacks and
 * bounds that parse, absence that shows, nested sizes. The message names the entry. */
enum vt_code vt_table_check(const struct vt_table *table, struct vt_error *error);

#endif
