/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a set fit to be trained on? What a set has, and what is odd or wrong in it.
 *
 * Each kind of finding has a level: an error makes a training useless (labels that contradict each
 * other, wrong units, wrong signs), a warning wants a look, a note is for information. */
#ifndef VT_AUDIT_H
#define VT_AUDIT_H

#include <stdio.h>

#include "training/dataset.h"
#include "training/energy_shift.h"

/* name, level, what it is */
#define VT_AUDIT_KINDS(X)                                                                          \
    X(VT_AUDIT_ENERGY_OUTLIER, VT_WARNING, "energy far from that of the others")                   \
    X(VT_AUDIT_LARGE_FORCE, VT_WARNING, "large force")                                             \
    X(VT_AUDIT_NET_FORCE, VT_WARNING, "forces do not sum to zero")                                 \
    X(VT_AUDIT_SMALL_FORCES, VT_WARNING, "forces of the set are small")                            \
    X(VT_AUDIT_ONE_PLACE, VT_ERROR, "atoms at one place")                                          \
    X(VT_AUDIT_CLOSE_ATOMS, VT_WARNING, "atoms close to each other")                               \
    X(VT_AUDIT_VOLUME, VT_WARNING, "odd volume")                                                   \
    X(VT_AUDIT_DUPLICATE, VT_WARNING, "same structure twice")                                      \
    X(VT_AUDIT_CONTRADICTION, VT_ERROR, "same structure, other labels")                            \
    X(VT_AUDIT_LEAK, VT_WARNING, "same structure trained and tested with")                         \
    X(VT_AUDIT_FORCES_DISAGREE, VT_ERROR, "forces are not the derivative of the energies")         \
    X(VT_AUDIT_VIRIALS_DISAGREE, VT_ERROR, "virials are not the derivative of the energies")       \
    X(VT_AUDIT_VIRIAL_TREND, VT_WARNING, "virials grow with the volume")                           \
    X(VT_AUDIT_ASYMMETRY, VT_WARNING, "virial is not symmetric")                                   \
    X(VT_AUDIT_NO_VIRIAL, VT_NOTE, "frames without virial or stress")                              \
    X(VT_AUDIT_MIXED, VT_WARNING, "virial here, stress there")                                     \
    X(VT_AUDIT_NOT_PERIODIC, VT_NOTE, "frames that are not periodic everywhere")                   \
    X(VT_AUDIT_UNDETERMINED, VT_NOTE, "energies of elements not determined")

enum vt_audit_level { VT_NOTE, VT_WARNING, VT_ERROR };

enum vt_audit_kind {
#define VT_AUDIT_NAME(name, level, text) name,
    VT_AUDIT_KINDS(VT_AUDIT_NAME)
#undef VT_AUDIT_NAME
        VT_AUDIT_N_KINDS
};

enum vt_audit_level vt_audit_level(enum vt_audit_kind kind);
const char *vt_audit_text(enum vt_audit_kind kind);

struct vt_audit_finding {
    enum vt_audit_kind kind;
    struct vt_place place; /* file borrowed from the set; NULL: of the whole set */
    const char *source;    /* where the frame was imported from; empty: not known; borrowed */
    char text[240];
};

struct vt_audit_options {
    double max_force; /* eV/A */
};

/* The frames of one config_type. */
struct vt_audit_group {
    const char *config_type; /* borrowed from the set */
    size_t n_frames, n_tests, n_atoms, n_virials;
    double energy_squares; /* of energies an atom less those of the elements: their sum ... */
    double energy_sum;     /* and the sum of them, eV */
    double force_squares;  /* eV^2/A^2, all components */
    double largest_force;
    double pressure[2]; /* least and largest, GPa, of frames with a virial */
};

/* How well labels agree with differences of energies between frames that are nearly the same. */
struct vt_audit_slopes {
    size_t n_pairs;
    bool has_force, has_virial; /* determined by the pairs */
    double force, virial;       /* 1: agree */
};

struct vt_audit {
    struct vt_energy_shift shift;
    size_t n_atoms_of[VT_NEP_MAX_TYPES], n_frames_of[VT_NEP_MAX_TYPES];
    struct vt_audit_group *group;
    size_t n_groups, group_capacity;
    double closest[VT_NEP_MAX_TYPES][VT_NEP_MAX_TYPES]; /* A; INFINITY: never within 4 A */
    size_t closest_frame[VT_NEP_MAX_TYPES][VT_NEP_MAX_TYPES];
    struct vt_audit_slopes slopes;
    struct vt_audit_finding *finding; /* the first few of each kind */
    size_t n_findings, finding_capacity;
    size_t count[VT_AUDIT_N_KINDS]; /* all */
};

/* The set has at least one frame. *audit: given back by vt_audit_destroy, also after an error. */
enum vt_code vt_audit(struct vt_audit *audit, const struct vt_dataset *set,
                      const struct vt_audit_options *options, struct vt_error *error);
void vt_audit_destroy(struct vt_audit *audit);

/* How many findings there are of a level. */
size_t vt_audit_count(const struct vt_audit *audit, enum vt_audit_level level);

#endif
