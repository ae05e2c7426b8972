/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion model check: is this file a model that runs here? */
#include <stdio.h>

#include "base/agree.h"
#include "cli/command.h"
#include "cli/model_report.h"

struct settings {
    char *model;
};

static enum vt_code check(const char *path, struct vt_error *error)
{
    struct vt_nep model = {0};
    const enum vt_code code = vt_nep_read(&model, path, error);
    if (!code) {
        char token[32];
        vt_nep_token(&model, token);
        const int warnings = vt_model_report_warnings(stdout, &model, path);
        printf("%s: ok: %s, %zu numbers, hash %s", path, token, model.n_numbers, model.hash);
        if (warnings)
            printf(", %d warning%s", warnings, warnings == 1 ? "" : "s");
        putchar('\n');
    }
    vt_nep_destroy(&model);
    return code;
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    const struct settings *settings = config;
    const enum vt_code code = session->rank == 0 ? check(settings->model, error) : VT_OK;
    return vt_agree(session->comm, code, 0, error);
}

static const struct vt_entry entries[] = {{"model", VT_PATH_FIELD(struct settings, model),
                                           .required = true,
                                           .help = "the potential, a NEP or qNEP model"},
                                          {0}};

static const struct vt_table table = {"model check", "read a model strictly and say what is odd",
                                      sizeof(struct settings), entries, NULL};

static const char *const operands[] = {"model", NULL};

static const struct vt_placeholder placeholders[] = {{"model", "NEP.txt"}, {0}};

static const char about[] =
    "Reads the whole file. A mistake is reported with its line and ends with status 2. What is "
    "allowed but odd gets a warning: a scaling factor of 0 or a huge one, an element whose "
    "network does nothing, sqrt(epsilon_inf) below 1, a withdrawn charge mode, missing neighbour "
    "counts.";

const struct vt_command vt_command_model_check = {&table, operands, placeholders, about, run};
