/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vitrion info: what this build is made of and what this machine offers. */
#include <cblas.h>
#include <fftw3.h>
#include <hdf5.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "cli/command.h"
#include "cli/program.h"
#include "potential/kernels/kernel.h"

/* The widest vector instructions that processor and system offer. */
static const char *vector_level(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        return "AVX-512";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "AVX2 with FMA";
    return __builtin_cpu_supports("avx") ? "AVX" : "SSE2";
#elif defined(__aarch64__)
    return "NEON";
#else
    return "unknown";
#endif
}

/* Some libraries report several lines; the first one names them. */
static void print_mpi(void)
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length, version, subversion;
    MPI_Get_library_version(text, &length);
    text[strcspn(text, "\n")] = '\0';
    MPI_Get_version(&version, &subversion);
    printf("MPI           %s (standard %d.%d)\n", text, version, subversion);
}

static void print_libraries(void)
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    printf("HDF5          %u.%u.%u\n", major, minor, release);
    printf("FFTW          %s\n", fftw_version);
#ifdef VT_HAS_OPENBLAS
    printf("BLAS          %s\n", openblas_get_config());
#else
    printf("BLAS          a CBLAS that does not say which\n");
#endif
    printf("libyaml       %s\n", yaml_get_version_string());
}

static enum vt_code run(const struct vt_session *session, const void *config,
                        struct vt_error *error)
{
    (void)config;
    (void)error;
    if (session->rank != 0)
        return VT_OK;
    printf("vitrion       %s\n", vt_program_version());
    printf("build         %s, %s\n", vt_program_build_type(), vt_program_compiler());
    print_mpi();
    printf("ranks         %d\n", session->size);
    printf("processors    %ld online\n", sysconf(_SC_NPROCESSORS_ONLN));
    printf("vector level  %s seen, %s kernels in use\n", vector_level(), vt_kernel_best()->name);
    print_libraries();
    return VT_OK;
}

/* No options. */
struct settings {
    bool none;
};

static const struct vt_entry entries[] = {{0}};

static const struct vt_table table = {"info", "compiler, libraries and machine",
                                      sizeof(struct settings), entries, NULL};

const struct vt_command vt_command_info = {&table, NULL, NULL, NULL, run};
