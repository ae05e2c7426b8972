/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances are taken between all centres and ligands of a frame, to the nearest image: centres are
 * few, and a million pairs cost some milliseconds.
 *
 * All that is counted of a frame are numbers in fixed places, so that blocks and ranks add up. */
#include "analysis/polyhedra.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SIDE = VT_LIGANDS_AROUND + 1, ENVIRONMENTS = SIDE * SIDE * SIDE * SIDE };

#define FARTHEST_IMAGE 1e9 /* cells: differences of two are whole numbers of 32 bits */

/* Places of the numbers of a frame; by centre c and ligand l where it says so. */
enum {
    N_CENTRES = 0,                                      /* [c] */
    N_LIGANDS = N_CENTRES + VT_CENTRES_MOST,            /* [l] */
    BONDS = N_LIGANDS + VT_LIGANDS_MOST,                /* [c][l] */
    LENGTH = BONDS + VT_CENTRES_MOST * VT_LIGANDS_MOST, /* [c][l] sum */
    LENGTH2 = LENGTH + VT_CENTRES_MOST * VT_LIGANDS_MOST,
    ROLE = LENGTH2 + VT_CENTRES_MOST * VT_LIGANDS_MOST, /* [l][role] */
    SHARING = ROLE + VT_LIGANDS_MOST * VT_LIGAND_ROLES, /* [sharing] */
    CORNER = SHARING + VT_SHARINGS,                     /* [l] */
    LINKS = CORNER + VT_LIGANDS_MOST,                   /* sharing pairs */
    ALL_CENTRES = LINKS + 1,
    LARGEST = ALL_CENTRES + 1, /* centres in the largest cluster */
    ENVIRONMENT = LARGEST + 1  /* [c][ENVIRONMENTS] */
};

/* A ligand's bond to a centre, which lies `image` cells away from where it is in the file. */
struct bond {
    uint32_t centre;
    int32_t image[3];
};

/* Two centres that share a ligand. */
struct link {
    uint32_t low, high; /* centres */
    int32_t image[3];   /* of the second, seen from the first */
    uint8_t ligand;     /* its element */
};

struct vt_polyhedra {
    struct vt_polyhedra_options options;
    struct vt_blocks blocks;
    size_t n_centres, n_ligands;    /* of the system */
    size_t *centre, *ligand;        /* atoms */
    uint8_t *kind;                  /* [atoms] place of the element among centres or ligands */
    int (*around)[VT_LIGANDS_MOST]; /* [n_centres] */
    uint32_t *parent;               /* [n_centres] of clusters */
    struct bond *bond;              /* of one ligand */
    struct link *link;
    size_t bond_capacity, link_capacity, n_links;
};

enum vt_code vt_polyhedra_create(struct vt_polyhedra **polyhedra, MPI_Comm comm,
                                 const struct vt_polyhedra_options *options, struct vt_error *error)
{
    enum vt_code code = vt_alloc(polyhedra, 1, sizeof **polyhedra, "polyhedra", error);
    if (code)
        return code;
    (*polyhedra)->options = *options;
    code = vt_blocks_init(&(*polyhedra)->blocks, comm,
                          ENVIRONMENT + options->n_centres * ENVIRONMENTS, error);
    if (code) {
        vt_polyhedra_destroy(*polyhedra);
        *polyhedra = NULL;
    }
    return code;
}

void vt_polyhedra_destroy(struct vt_polyhedra *polyhedra)
{
    if (!polyhedra)
        return;
    vt_blocks_destroy(&polyhedra->blocks);
    vt_free(polyhedra->centre);
    vt_free(polyhedra->ligand);
    vt_free(polyhedra->kind);
    vt_free(polyhedra->around);
    vt_free(polyhedra->parent);
    vt_free(polyhedra->bond);
    vt_free(polyhedra->link);
    vt_free(polyhedra);
}

/* Place of an element in a list; -1: it is not there. */
static int place_of(int element, const int *list, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (list[k] == element)
            return (int)k;
    return -1;
}

static enum vt_code begin(struct vt_polyhedra *polyhedra, const struct vt_snapshot *snapshot,
                          struct vt_error *error)
{
    const struct vt_polyhedra_options *options = &polyhedra->options;
    const size_t n = snapshot->n;
    enum vt_code code = vt_alloc(&polyhedra->centre, n, sizeof *polyhedra->centre, "atoms", error);
    if (!code)
        code = vt_alloc(&polyhedra->ligand, n, sizeof *polyhedra->ligand, "atoms", error);
    if (!code)
        code = vt_alloc(&polyhedra->kind, n, 1, "atoms", error);
    if (!code)
        code = vt_alloc(&polyhedra->around, n, sizeof *polyhedra->around, "atoms", error);
    if (!code)
        code = vt_alloc(&polyhedra->parent, n, sizeof *polyhedra->parent, "atoms", error);
    for (size_t i = 0; i < n && !code; i++) {
        const int c = place_of(snapshot->element[i], options->centre, options->n_centres);
        const int l = place_of(snapshot->element[i], options->ligand, options->n_ligands);
        polyhedra->kind[i] = (uint8_t)(c >= 0 ? c : l >= 0 ? l : 0);
        if (c >= 0)
            polyhedra->centre[polyhedra->n_centres++] = i;
        else if (l >= 0)
            polyhedra->ligand[polyhedra->n_ligands++] = i;
    }
    if (!code && (polyhedra->n_centres == 0 || polyhedra->n_ligands == 0))
        code = vt_fail_at(error, snapshot->place, VT_INPUT,
                          "the trajectory has no %s of the elements that are asked for",
                          polyhedra->n_centres == 0 ? "centres" : "ligands");
    return code;
}

static enum vt_code check_cell(const struct vt_polyhedra *polyhedra,
                               const struct vt_snapshot *snapshot, struct vt_error *error)
{
    double longest = 0;
    for (size_t c = 0; c < polyhedra->options.n_centres; c++)
        for (size_t l = 0; l < polyhedra->options.n_ligands; l++)
            longest = fmax(longest, polyhedra->options.cutoff[c][l]);
    for (int d = 0; d < 3; d++)
        if (snapshot->cell.thickness[d] < 2 * longest)
            return vt_fail_at(error, snapshot->place, VT_INPUT,
                              "the cell is %.3g A thick, less than twice the cutoff of %.3g A",
                              snapshot->cell.thickness[d], longest);
    return VT_OK;
}

/* ---- bonds ---- */

/* The bonds of one ligand, into polyhedra->bond; numbers of the frame are counted on the way. */
static enum vt_code find_bonds(struct vt_polyhedra *polyhedra, const struct vt_snapshot *snapshot,
                               size_t ligand, double *number, size_t *n_bonds,
                               struct vt_error *error)
{
    const int l = polyhedra->kind[ligand];
    *n_bonds = 0;
    for (size_t k = 0; k < polyhedra->n_centres; k++) {
        const size_t centre = polyhedra->centre[k];
        const int c = polyhedra->kind[centre];
        double way[3], fractional[3];
        struct bond bond = {.centre = (uint32_t)k};
        for (int d = 0; d < 3; d++)
            way[d] = snapshot->as_read[centre][d] - snapshot->as_read[ligand][d];
        vt_cell_fractional(&snapshot->cell, way, fractional);
        for (int d = 0; d < 3; d++) {
            const double image = snapshot->periodic[d] ? -round(fractional[d]) : 0;
            if (!(fabs(image) < FARTHEST_IMAGE))
                return vt_fail_at(error, snapshot->place, VT_INPUT,
                                  "atom %zu is %.3g cells away from atom %zu", centre + 1,
                                  fabs(image), ligand + 1);
            bond.image[d] = (int32_t)image;
            fractional[d] += image;
        }
        vt_cell_cartesian(&snapshot->cell, fractional, way);
        const double r2 = vt_dot(way, way), cutoff = polyhedra->options.cutoff[c][l];
        if (r2 >= cutoff * cutoff)
            continue;
        const enum vt_code code = vt_reserve(&polyhedra->bond, &polyhedra->bond_capacity,
                                             *n_bonds + 1, sizeof bond, "bonds", error);
        if (code)
            return code;
        polyhedra->bond[(*n_bonds)++] = bond;
        polyhedra->around[k][l]++;
        number[BONDS + c * VT_LIGANDS_MOST + l]++;
        number[LENGTH + c * VT_LIGANDS_MOST + l] += sqrt(r2);
        number[LENGTH2 + c * VT_LIGANDS_MOST + l] += r2;
    }
    return VT_OK;
}

/* Each pair of centres that the ligand joins. */
static enum vt_code add_links(struct vt_polyhedra *polyhedra, size_t n_bonds, int kind,
                              struct vt_error *error)
{
    for (size_t a = 0; a < n_bonds; a++)
        for (size_t b = a + 1; b < n_bonds; b++) {
            const struct bond *low = &polyhedra->bond[a], *high = &polyhedra->bond[b];
            struct link link = {low->centre, high->centre, {0, 0, 0}, (uint8_t)kind};
            for (int d = 0; d < 3; d++)
                link.image[d] = high->image[d] - low->image[d];
            const enum vt_code code =
                vt_reserve(&polyhedra->link, &polyhedra->link_capacity, polyhedra->n_links + 1,
                           sizeof link, "shared ligands", error);
            if (code)
                return code;
            polyhedra->link[polyhedra->n_links++] = link;
        }
    return VT_OK;
}

static enum vt_code count_ligands(struct vt_polyhedra *polyhedra,
                                  const struct vt_snapshot *snapshot, double *number,
                                  struct vt_error *error)
{
    polyhedra->n_links = 0;
    memset(polyhedra->around, 0, polyhedra->n_centres * sizeof *polyhedra->around);
    for (size_t k = 0; k < polyhedra->n_ligands; k++) {
        const size_t ligand = polyhedra->ligand[k];
        const int l = polyhedra->kind[ligand];
        size_t n_bonds;
        enum vt_code code = find_bonds(polyhedra, snapshot, ligand, number, &n_bonds, error);
        if (!code)
            code = add_links(polyhedra, n_bonds, l, error);
        if (code)
            return code;
        const enum vt_ligand_role role = n_bonds == 0   ? VT_FREE
                                         : n_bonds == 1 ? VT_TERMINAL
                                                        : VT_BRIDGING;
        number[ROLE + l * VT_LIGAND_ROLES + (int)role]++;
        number[N_LIGANDS + l]++;
    }
    return VT_OK;
}

static void count_centres(const struct vt_polyhedra *polyhedra, double *number)
{
    for (size_t k = 0; k < polyhedra->n_centres; k++) {
        const int c = polyhedra->kind[polyhedra->centre[k]];
        size_t place = 0;
        for (int l = 0; l < VT_LIGANDS_MOST; l++) {
            const int n = polyhedra->around[k][l];
            place = place * SIDE + (size_t)(n < SIDE ? n : SIDE - 1);
        }
        number[ENVIRONMENT + (size_t)c * ENVIRONMENTS + place]++;
        number[N_CENTRES + c]++;
    }
    number[ALL_CENTRES] += (double)polyhedra->n_centres;
}

/* ---- pairs of centres ---- */

static int by_pair(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    for (int d = 0; d < 3; d++)
        if (x->image[d] != y->image[d])
            return x->image[d] < y->image[d] ? -1 : 1;
    return (x->ligand > y->ligand) - (x->ligand < y->ligand);
}

static bool same_pair(const struct link *a, const struct link *b)
{
    return a->low == b->low && a->high == b->high &&
           memcmp(a->image, b->image, sizeof a->image) == 0;
}

static uint32_t root_of(uint32_t *parent, uint32_t k)
{
    while (parent[k] != k)
        k = parent[k] = parent[parent[k]];
    return k;
}

static void count_pairs(struct vt_polyhedra *polyhedra, double *number)
{
    struct link *link = polyhedra->link;
    const size_t n = polyhedra->n_links;
    if (n > 0)
        qsort(link, n, sizeof *link, by_pair);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && same_pair(&link[first], &link[end]); end++)
            continue;
        const size_t shared = end - first;
        const enum vt_sharing sharing = shared == 1 ? VT_CORNER : shared == 2 ? VT_EDGE : VT_FACE;
        number[SHARING + (int)sharing]++;
        number[LINKS]++;
        if (sharing == VT_CORNER)
            number[CORNER + link[first].ligand]++;
        polyhedra->parent[root_of(polyhedra->parent, link[first].high)] =
            root_of(polyhedra->parent, link[first].low);
    }
}

static void count_clusters(struct vt_polyhedra *polyhedra, double *number)
{
    int *size = (int *)polyhedra->around; /* the numbers of ligands are no longer needed */
    memset(size, 0, polyhedra->n_centres * sizeof *size);
    int largest = 0;
    for (uint32_t k = 0; k < polyhedra->n_centres; k++) {
        const uint32_t root = root_of(polyhedra->parent, k);
        if (++size[root] > largest)
            largest = size[root];
    }
    number[LARGEST] += largest;
}

enum vt_code vt_polyhedra_add(struct vt_polyhedra *polyhedra, const struct vt_snapshot *snapshot,
                              struct vt_error *error)
{
    enum vt_code code = VT_OK;
    if (polyhedra->blocks.n_frames == 0)
        code = begin(polyhedra, snapshot, error);
    if (!code)
        code = check_cell(polyhedra, snapshot, error);
    if (code)
        return code;
    double *number = vt_blocks_next(&polyhedra->blocks);
    if (!number)
        return VT_OK;
    for (uint32_t k = 0; k < polyhedra->n_centres; k++)
        polyhedra->parent[k] = k;
    code = count_ligands(polyhedra, snapshot, number, error);
    if (code)
        return code;
    count_centres(polyhedra, number);
    count_pairs(polyhedra, number);
    count_clusters(polyhedra, number);
    return VT_OK;
}

void vt_polyhedra_finish(struct vt_polyhedra *polyhedra)
{
    vt_blocks_finish(&polyhedra->blocks);
}

/* ---- results ---- */

struct vt_mean vt_polyhedra_number(const struct vt_polyhedra *polyhedra, size_t centre,
                                   size_t ligand)
{
    return vt_blocks_ratio(&polyhedra->blocks, BONDS + centre * VT_LIGANDS_MOST + ligand,
                           N_CENTRES + centre);
}

struct vt_mean vt_polyhedra_distance(const struct vt_polyhedra *polyhedra, size_t centre,
                                     size_t ligand, double *deviation)
{
    const size_t k = centre * VT_LIGANDS_MOST + ligand;
    const struct vt_mean mean = vt_blocks_ratio(&polyhedra->blocks, LENGTH + k, BONDS + k);
    const double square = vt_blocks_ratio(&polyhedra->blocks, LENGTH2 + k, BONDS + k).value;
    *deviation = sqrt(fmax(square - mean.value * mean.value, 0));
    return mean;
}

static int by_falling_fraction(const void *a, const void *b)
{
    const struct vt_environment *x = a, *y = b;
    if (x->fraction.value != y->fraction.value)
        return x->fraction.value < y->fraction.value ? 1 : -1;
    return memcmp(x->number, y->number, sizeof x->number);
}

enum vt_code vt_polyhedra_environments(const struct vt_polyhedra *polyhedra, size_t centre,
                                       struct vt_environment **environment, size_t *n,
                                       struct vt_error *error)
{
    size_t capacity = 0;
    *environment = NULL;
    *n = 0;
    for (int place = 0; place < ENVIRONMENTS; place++) {
        const size_t k = ENVIRONMENT + centre * ENVIRONMENTS + (size_t)place;
        struct vt_environment found = {
            .fraction = vt_blocks_ratio(&polyhedra->blocks, k, N_CENTRES + centre)};
        if (found.fraction.value == 0)
            continue;
        for (int l = VT_LIGANDS_MOST - 1, rest = place; l >= 0; l--, rest /= SIDE)
            found.number[l] = rest % SIDE;
        const enum vt_code code =
            vt_reserve(environment, &capacity, *n + 1, sizeof found, "surroundings", error);
        if (code)
            return code;
        (*environment)[(*n)++] = found;
    }
    if (*n > 0)
        qsort(*environment, *n, sizeof **environment, by_falling_fraction);
    return VT_OK;
}

struct vt_mean vt_polyhedra_role(const struct vt_polyhedra *polyhedra, size_t ligand,
                                 enum vt_ligand_role role)
{
    return vt_blocks_ratio(&polyhedra->blocks, ROLE + ligand * VT_LIGAND_ROLES + (size_t)role,
                           N_LIGANDS + ligand);
}

struct vt_mean vt_polyhedra_sharing(const struct vt_polyhedra *polyhedra, enum vt_sharing sharing)
{
    return vt_blocks_ratio(&polyhedra->blocks, SHARING + (size_t)sharing, LINKS);
}

struct vt_mean vt_polyhedra_corner(const struct vt_polyhedra *polyhedra, size_t ligand)
{
    return vt_blocks_ratio(&polyhedra->blocks, CORNER + ligand, LINKS);
}

struct vt_mean vt_polyhedra_links(const struct vt_polyhedra *polyhedra)
{
    return vt_blocks_ratio(&polyhedra->blocks, LINKS, ALL_CENTRES);
}

struct vt_mean vt_polyhedra_largest(const struct vt_polyhedra *polyhedra)
{
    return vt_blocks_ratio(&polyhedra->blocks, LARGEST, ALL_CENTRES);
}
