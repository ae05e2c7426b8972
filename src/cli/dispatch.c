/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/dispatch.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/agree.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/program.h"
#include "io/config.h"

enum { MAX_NAMES = 32 };

/* How many of the words make the command's name; 0 if they do not. */
static int match(const char *name, int n_words, char *const *words)
{
    assert(name && n_words >= 0);
    int n = 0;
    while (*name) {
        const size_t length = strcspn(name, " ");
        if (n >= n_words || strlen(words[n]) != length || strncmp(name, words[n], length) != 0)
            return 0;
        n++;
        name += length;
        name += strspn(name, " ");
    }
    return n;
}

/* The command that the words begin with, NULL if there is none. */
static const struct vt_command *find(int n_words, char *const *words, int *used)
{
    assert(used && n_words >= 0);
    for (const struct vt_command *const *command = vt_commands; *command; command++) {
        *used = match((*command)->table->name, n_words, words);
        if (*used > 0)
            return *command;
    }
    *used = 0;
    return NULL;
}

/* Commands whose name begins with this word and goes on ("model"). */
static int count_family(const char *word)
{
    int n = 0;
    for (const struct vt_command *const *command = vt_commands; *command; command++) {
        const char *name = (*command)->table->name;
        const size_t length = strcspn(name, " ");
        n += name[length] == ' ' && strlen(word) == length && strncmp(name, word, length) == 0;
    }
    return n;
}

static enum vt_code fail_unknown(int n_words, char *const *words, struct vt_error *error)
{
    const struct vt_place place = {"vitrion", 0, 0};
    const bool family = count_family(words[0]) > 0;
    if (family && n_words == 1) {
        vt_fail_at(error, place, VT_INPUT, "'%s' needs to know what to do", words[0]);
        vt_hint(error, "'vitrion help %s' lists what it can do", words[0]);
        return VT_INPUT;
    }
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%s%s%s", words[0], family ? " " : "", family ? words[1] : "");
    vt_fail_at(error, place, VT_INPUT, "unknown command '%s'", wanted);

    const char *names[MAX_NAMES] = {"help"};
    size_t n = 1;
    for (const struct vt_command *const *command = vt_commands; *command && n + 1 < MAX_NAMES;
         command++)
        names[n++] = (*command)->table->name;
    const char *nearest = vt_nearest(wanted, names);
    if (nearest)
        vt_hint(error, "did you mean 'vitrion %s'?", nearest);
    else
        vt_hint(error, "'vitrion help' lists the commands");
    return VT_INPUT;
}

/* How many words come before the first option. */
static int count_names(int n_words, char *const *words)
{
    int n = 0;
    while (n < n_words && words[n][0] != '-')
        n++;
    return n;
}

/* vitrion help [--markdown | --keywords | COMMAND] */
static enum vt_code run_help(int n_words, char *const *words, bool talks, struct vt_error *error)
{
    if (n_words == 0 || strcmp(words[0], "--help") == 0) {
        if (talks)
            vt_help_program(stdout);
        return VT_OK;
    }
    if (strcmp(words[0], "--markdown") == 0) {
        if (talks)
            vt_help_markdown(stdout);
        return VT_OK;
    }
    if (strcmp(words[0], "--keywords") == 0) {
        if (talks)
            vt_help_keywords(stdout);
        return VT_OK;
    }
    int used;
    const struct vt_command *command = find(n_words, words, &used);
    if (command && talks)
        vt_help_command(stdout, command);
    const bool family = !command && n_words == 1 && count_family(words[0]) > 0;
    for (const struct vt_command *const *member = vt_commands; family && talks && *member; member++)
        if (strncmp((*member)->table->name, words[0], strlen(words[0])) == 0)
            printf("vitrion %-17s %s\n", (*member)->table->name, (*member)->table->help);
    return command || family ? VT_OK : fail_unknown(n_words, words, error);
}

static enum vt_code run_command(const struct vt_command *command, const struct vt_session *session,
                                int n_words, char *const *words, struct vt_error_list *errors)
{
    struct vt_error error = {0};
    void *config = NULL;
    enum vt_code code = vt_agree(
        session->comm, vt_alloc(&config, command->table->size, 1, "settings", &error), 0, &error);
    if (code) {
        vt_error_list_copy(errors, &error);
        goto done;
    }
    code = vt_options_parse(command, n_words, words, config, errors);
    if (code)
        error = errors->error[0];
    code = vt_agree(session->comm, code, 0, &error);
    if (code && errors->n_kept == 0)
        vt_error_list_copy(errors, &error);
    if (code)
        goto done;
    code = command->run(session, config, &error);
    if (code)
        vt_error_list_copy(errors, &error);
done:
    if (config)
        vt_config_destroy(command->table, config);
    vt_free(config);
    return code;
}

static enum vt_code run(const struct vt_session *session, int n_words, char *const *words,
                        struct vt_error_list *errors)
{
    const bool talks = session->rank == 0;
    struct vt_error error = {0};
    enum vt_code code = VT_OK;
    int used = 0;
    const char *first = n_words > 0 ? words[0] : "help";
    const struct vt_command *command = find(n_words, words, &used);
    if (strcmp(first, "--version") == 0) {
        if (talks)
            printf("vitrion %s\n", vt_program_version());
    } else if (strcmp(first, "help") == 0 || strcmp(first, "--help") == 0 ||
               strcmp(first, "-h") == 0) {
        code = run_help(n_words > 0 ? n_words - 1 : 0, words + 1, talks, &error);
    } else if (vt_options_want_help(n_words, words)) {
        code = run_help(count_names(n_words, words), words, talks, &error);
    } else if (!command) {
        code = fail_unknown(n_words, words, &error);
    } else {
        return run_command(command, session, n_words - used, words + used, errors);
    }
    if (code)
        vt_error_list_copy(errors, &error);
    return code;
}

int vt_dispatch(MPI_Comm comm, int n_words, char *const *words)
{
    assert(n_words >= 0);
    assert(words || n_words == 0);
    struct vt_session session = {.comm = comm};
    MPI_Comm_rank(comm, &session.rank);
    MPI_Comm_size(comm, &session.size);
    struct vt_error_list errors = {0};
    enum vt_code code = run(&session, n_words, words, &errors);

    /* What was printed must have arrived, too: a full disk behind `> file` is a failure. */
    struct vt_error error = {0};
    enum vt_code printed = VT_OK;
    if (fflush(stdout) || ferror(stdout))
        printed = vt_fail(&error, VT_IO, "writing to standard output failed");
    printed = vt_agree(comm, printed, 0, &error);
    if (printed)
        vt_error_list_copy(&errors, &error);
    if (session.rank == 0)
        vt_error_list_write(&errors, stderr);
    return vt_exit_status(code ? code : printed);
}
