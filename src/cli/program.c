/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/program.h"

#include "version.h"

const char *vt_program_version(void)
{
    return VT_VERSION " (" VT_COMMIT ")";
}

const char *vt_program_commit(void)
{
    return VT_COMMIT;
}

const char *vt_program_compiler(void)
{
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown compiler";
#endif
}

const char *vt_program_build_type(void)
{
    return VT_BUILD_TYPE;
}
