/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz harness over the seeds of its corpus, without libFuzzer: `replay DIRECTORY`. So that
 * the seeds, and every input that once broke a reader, are a plain test of each build and compiler.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes of a file in an allocation of exactly their size, so that a sanitizer sees the first
 * byte read too far. */
static uint8_t *read_whole(const char *path, size_t *size)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return NULL;
    *size = (size_t)status.st_size;
    uint8_t *data = malloc(*size ? *size : 1);
    FILE *file = fopen(path, "rb");
    const bool complete = data && file && fread(data, 1, *size, file) == *size;
    if (file)
        fclose(file);
    if (complete)
        return data;
    free(data);
    return NULL;
}

static bool run_one(const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    if (!data) {
        perror(path);
        return false;
    }
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return true;
}

int main(int argc, char **argv)
{
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    if (!directory) {
        fprintf(stderr, "usage: replay DIRECTORY\n");
        return 2;
    }
    int inputs = 0;
    bool good = true;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (entry->d_name[0] == '.')
            continue;
        good = run_one(argv[1], entry->d_name) && good;
        inputs++;
    }
    closedir(directory);
    printf("%d inputs\n", inputs);
    return good && inputs > 0 ? 0 : 1;
}
