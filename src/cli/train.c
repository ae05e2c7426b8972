/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion train --check: is a set fit to be trained on? */
#include "base/agree.h"
#include "cli/command.h"
#include "cli/train_check.h"
#include "io/config.h"

struct settings {
    bool check;
    char **files;
    size_t n_files;
    char *test;
    char *elements;
    double max_force;
};

enum { MOST_ELEMENTS = 128 };

static void check_settings(const void *config, struct vt_config_check *check)
{
    const struct settings *settings = config;
    if (!settings->check)
        vt_hint(vt_check_fail(check, "check", "training itself is not there yet"),
                "--check audits a set");
}

/* Cut the words apart, in place. */
static size_t split_words(char *text, char *word[MOST_ELEMENTS])
{
    size_t n = 0;
    for (char *at = text; at && *at && n < MOST_ELEMENTS;) {
        while (*at == ' ' || *at == ',')
            *at++ = '\0';
        if (*at)
            word[n++] = at;
        while (*at && *at != ' ' && *at != ',')
            at++;
    }
    return n;
}

static enum vt_code check_set(const struct settings *settings, struct vt_error *error)
{
    char *element[MOST_ELEMENTS];
    const struct vt_train_check check = {.files = settings->files,
                                         .n_files = settings->n_files,
                                         .test = settings->test,
                                         .element = element,
                                         .n_elements = split_words(settings->elements, element),
                                         .max_force = settings->max_force};
    return vt_train_check(&check, error);
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const enum vt_code code = session->rank == 0 ? check_set(config, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {
    {"check", VT_BOOL_FIELD(struct settings, check), .fallback = "false",
     .help = "audit the set: what it has, what is odd, what is wrong"},
    {"test", VT_PATH_FIELD(struct settings, test),
     .help = "file of frames to be tested with: none of them may be trained with"},
    {"elements", VT_STRING_FIELD(struct settings, elements),
     .help = "elements of the model; a frame with another one is a mistake"},
    {"max-force", VT_REAL_FIELD(struct settings, max_force, VT_FORCE), .fallback = "30 eV/A",
     .above = "0 eV/A", .help = "larger forces are reported"},
    {"input", VT_STRING_LIST(struct settings, files, n_files, 1, VT_UNLIMITED), .required = true,
     .help = "the set: extended XYZ, or outputs of CP2K and VASP; any number of files"},
    {0}};

static const struct vt_table table = {"train", "audit a training set", sizeof(struct settings),
                                      entries, check_settings};

static const char *const operands[] = {"input", NULL};

static const struct vt_placeholder placeholders[] = {
    {"test", "TEST.xyz"}, {"elements", "\"Li Cl\""}, {"input", "SET.xyz..."}, {0}};

static const char about[] =
    "With --check, every frame is read and the set is judged: elements and their energies, "
    "energies far from the others, large forces, forces that do not sum to zero, the shortest "
    "distances, odd volumes, frames that are there twice, frames without virials, and whether "
    "forces and virials are the derivatives of the energies (units and signs). The last line is "
    "the "
    "verdict: ok, warnings or errors; errors end with status 2. docs/training.md says what each "
    "finding means.";

const struct vt_command vt_command_train = {&table, operands, placeholders, about, run};
