/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library for LD_PRELOAD: what a process does to the files of one folder goes wrong at call
 * number N, always the same one.
 *
 *     FAULT_FOLDER   part of the path of the files that count
 *     FAULT_AT       N, from 1
 *     FAULT_KIND     kill: the process is killed in the midst of the call (half of what was to be
 *                    written is) or right after it; full: from then on nothing more can be
 * written; sync: from then on nothing reaches the disk FAULT_COUNT    a file that gets the number
 * of calls, when the process ends FAULT_RANK     of Open MPI; not set: every rank */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;

static bool is(const char *name, const char *value)
{
    const char *found = getenv(name);
    return found && strcmp(found, value) == 0;
}

static bool is_in_folder(const char *path)
{
    const char *folder = getenv("FAULT_FOLDER");
    return folder && strstr(path, folder);
}

static bool is_file_in_folder(int descriptor)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    return is_in_folder(path);
}

static bool is_my_rank(void)
{
    const char *rank = getenv("FAULT_RANK"), *mine = getenv("OMPI_COMM_WORLD_RANK");
    return !rank || (mine && strcmp(rank, mine) == 0);
}

/* Counts a call, and tells whether it is the one (kill) or one from it on. */
static bool is_due(const char *kind, bool counts)
{
    const char *at = getenv("FAULT_AT");
    if (counts)
        calls++;
    if (!at || !is_my_rank() || !is("FAULT_KIND", kind))
        return false;
    return strcmp(kind, "kill") == 0 ? calls == atol(at) : calls >= atol(at);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void tell_count(void)
{
    const char *name = getenv("FAULT_COUNT");
    FILE *file = name ? fopen(name, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "%ld\n", calls);
    fclose(file);
}

/* The function that the name would mean without this library. */
static void find(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t n, off_t at)
{
    ssize_t (*real)(int, const void *, size_t, off_t);
    find("pwrite", &real);
    if (!is_file_in_folder(descriptor))
        return real(descriptor, bytes, n, at);
    if (is_due("kill", true)) {
        real(descriptor, bytes, n / 2, at);
        die();
    }
    if (is_due("full", false)) {
        errno = ENOSPC;
        return -1;
    }
    return real(descriptor, bytes, n, at);
}

static int sync_file(const char *name, int descriptor)
{
    int (*real)(int);
    find(name, &real);
    if (!is_file_in_folder(descriptor))
        return real(descriptor);
    if (is_due("kill", true))
        die();
    if (is_due("sync", false)) {
        errno = EIO;
        return -1;
    }
    return real(descriptor);
}

int fsync(int descriptor)
{
    return sync_file("fsync", descriptor);
}

int fdatasync(int descriptor)
{
    return sync_file("fdatasync", descriptor);
}

/* Right after the call, or it would be a moment that comes before the next call anyway. */
static int then_die(int result, bool counts)
{
    if (counts && is_due("kill", true))
        die();
    return result;
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    find("rename", &real);
    return then_die(real(from, to), is_in_folder(to));
}

int link(const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    find("link", &real);
    return then_die(real(from, to), is_in_folder(to));
}

int unlink(const char *path)
{
    int (*real)(const char *);
    find("unlink", &real);
    return then_die(real(path), is_in_folder(path));
}

int ftruncate(int descriptor, off_t length)
{
    int (*real)(int, off_t);
    find("ftruncate", &real);
    return then_die(real(descriptor, length), is_file_in_folder(descriptor));
}
