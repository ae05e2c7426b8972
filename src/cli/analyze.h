/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of `vitrion analyze` have in common: trajectories in, PREFIX.csv and
 * PREFIX.json out. */
#ifndef VT_ANALYZE_H
#define VT_ANALYZE_H

#include "analysis/stream.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/results.h"
#include "io/config.h"
#include "io/schema.h"

/* The options that all of them take; a member of the settings of each. */
struct vt_analyze_options {
    char **paths;
    size_t n_paths;
    char *out;                   /* prefix of the results */
    bool replace;                /* results that exist */
    double frame_time, from, to; /* fs */
    bool has_frame_time, has_from, has_to;
    int64_t every;
    char **species; /* elements; NULL: all */
    size_t n_species;
    enum vt_unwrap unwrap;
    enum vt_drift drift;
};

extern const struct vt_word vt_drift_words[], vt_unwrap_words[];

/* Their entries, but for those that only what follows atoms needs (VT_ANALYZE_MOTION). */
#define VT_ANALYZE_ENTRIES(type, options)                                                          \
    {"out", VT_PATH_FIELD(type, options.out), .required = true,                                    \
     .help = "results go to PREFIX.csv and PREFIX.json"},                                          \
        {"species", VT_STRING_LIST(type, options.species, options.n_species, 1, VT_ELEMENTS),      \
         .one_is_a_list = true, .help = "an element; may be given again; default: all"},           \
        {"from", VT_REAL_FIELD(type, options.from, VT_TIME),                                       \
         .given = VT_GIVEN(type, options.has_from), .help = "use frames from this time on"},       \
        {"to", VT_REAL_FIELD(type, options.to, VT_TIME), .given = VT_GIVEN(type, options.has_to),  \
         .help = "use frames up to this time"},                                                    \
        {"every", VT_INTEGER_FIELD(type, options.every), .fallback = "1", .minimum = "1",          \
         .help = "use each frame of this many"},                                                   \
        {"frame-time", VT_REAL_FIELD(type, options.frame_time, VT_TIME),                           \
         .given = VT_GIVEN(type, options.has_frame_time), .above = "0 fs",                         \
         .help = "time between the frames; default: what the files say"},                          \
        {"force", VT_BOOL_FIELD(type, options.replace), .fallback = "false",                       \
         .help = "replace results that exist"},                                                    \
    {                                                                                              \
        "trajectory", VT_PATH_LIST(type, options.paths, options.n_paths, 1, VT_UNLIMITED),         \
            .one_is_a_list = true, .required = true,                                               \
            .help = "the frames: trajectory files in the order of time"                            \
    }

#define VT_ANALYZE_MOTION(type, options)                                                           \
    {"drift", VT_WORD_FIELD(type, options.drift, vt_drift_words), .fallback = "framework",         \
     .help = "what stays at rest"},                                                                \
    {                                                                                              \
        "unwrap", VT_WORD_FIELD(type, options.unwrap, vt_unwrap_words),                            \
            .fallback = "auto", .help = "how atoms are followed through the borders of the cell"   \
    }

/* The operands and placeholders of all of them. */
extern const char *const vt_analyze_operands[];
#define VT_ANALYZE_PLACEHOLDERS                                                                    \
    {"out", "PREFIX"}, {"species", "ELEMENT"},                                                     \
    {                                                                                              \
        "trajectory", "TRAJECTORY..."                                                              \
    }

/* For the check of a table: elements that there are not. */
void vt_analyze_check(const struct vt_analyze_options *options, struct vt_config_check *check);

/* One analysis at work. Start with `= {0}`. */
struct vt_analyze {
    const struct vt_session *session;
    const struct vt_analyze_options *options;
    bool wanted[VT_ELEMENTS + 1]; /* species, by atomic number */
    struct vt_stream *stream;
    struct vt_progress progress;
    struct vt_result_files results; /* rank 0 */
    double first_time, last_time;   /* fs, of the frames used; NAN */
};

/* Collective. Open the stream and start the results. With drift FRAMEWORK, the species are what is
 * mobile. */
enum vt_code vt_analyze_open(struct vt_analyze *analyze, const struct vt_session *session,
                             const struct vt_analyze_options *options, struct vt_error *error);

/* Not collective: one pass over the frames, with progress; each is shown to `visit`. Refused: that
 * there is none. */
typedef enum vt_code vt_frame_visitor(void *job, const struct vt_snapshot *snapshot,
                                      struct vt_error *error);
enum vt_code vt_analyze_each(struct vt_analyze *analyze, vt_frame_visitor *visit, void *job,
                             struct vt_error *error);

/* Rank 0, once all frames are through: the heads of both files (cli/results.h) and, in the JSON,
 * the frames, their times, and the ranks. */
void vt_analyze_begin_results(struct vt_analyze *analyze, const char *command);

/* Collective: end the JSON, bring both files to the disk. */
enum vt_code vt_analyze_commit(struct vt_analyze *analyze, struct vt_error *error);

void vt_analyze_close(struct vt_analyze *analyze);

#endif
