/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 12 digits: enough to see a drift of 1e-9 eV in an energy of 1000 eV, in rows that people can
 * still read. */
#include "md/thermo_log.h"

#include <assert.h>

#include "base/units.h"

void vt_thermo_measure(struct vt_thermo *thermo, const struct vt_md *md, double exchanged,
                       double total_mass)
{
    assert(thermo && md);
    assert(total_mass > 0);
    const struct vt_results *results = vt_force_results(md->force);
    const double volume = md->domain->cell.volume;
    *thermo = (struct vt_thermo){.potential = results->energy,
                                 .coulomb = results->energy_coulomb,
                                 .density = total_mass / volume};
    vt_md_pressure(md, thermo->pressure);
    thermo->kinetic = vt_md_kinetic_energy(md);
    if (md->degrees_of_freedom > 0)
        thermo->temperature = 2 * thermo->kinetic / (md->degrees_of_freedom * VT_BOLTZMANN);
    thermo->conserved = thermo->kinetic + thermo->potential + exchanged;
}

void vt_thermo_write_header(FILE *file, const char *about)
{
    assert(file && about);
    fprintf(file,
            "# %s\n"
            "step,time_ps,temperature_K,potential_eV,coulomb_eV,kinetic_eV,conserved_eV,"
            "drift_eV_per_atom,pressure_GPa,pxx_GPa,pyy_GPa,pzz_GPa,pyz_GPa,pxz_GPa,pxy_GPa,"
            "ax_A,ay_A,az_A,bx_A,by_A,bz_A,cx_A,cy_A,cz_A,volume_A3,density_g_per_cm3,"
            "stage\n",
            about);
}

/* Quoted, as names may have commas; a quote in it comes twice, and the row stays on its line. */
static void write_name(FILE *file, const char *name)
{
    fputc('"', file);
    for (const char *c = name; *c; c++) {
        if (*c == '"')
            fputc('"', file);
        fputc(*c == '\n' || *c == '\r' ? ' ' : *c, file);
    }
    fputs("\"\n", file);
}

void vt_thermo_write_row(FILE *file, const struct vt_thermo *thermo, const struct vt_md *md,
                         const struct vt_thermo_stage *stage)
{
    assert(file && thermo && md && stage && stage->name);
    static const int order[] = {0, 4, 8, 5, 2, 1}; /* xx yy zz yz xz xy */
    const double *p = thermo->pressure;
    const struct vt_cell *cell = &md->domain->cell;
    const double drift =
        (thermo->conserved - stage->conserved_start) / (double)md->domain->n_global;
    fprintf(file, "%lld,%.12g,%.12g,%.12g,%.12g,%.12g,%.12g,%.6e", (long long)md->step,
            (double)md->step * md->timestep * 1e-3, thermo->temperature, thermo->potential,
            thermo->coulomb, thermo->kinetic, thermo->conserved, drift);
    fprintf(file, ",%.9g", (p[0] + p[4] + p[8]) / 3 * VT_GPA_PER_PRESSURE);
    for (size_t c = 0; c < sizeof order / sizeof *order; c++)
        fprintf(file, ",%.9g", p[order[c]] * VT_GPA_PER_PRESSURE);
    for (int d = 0; d < 9; d++)
        fprintf(file, ",%.12g", cell->vector[d / 3][d % 3]);
    fprintf(file, ",%.12g,%.12g,", cell->volume, thermo->density * VT_G_PER_CM3_PER_DENSITY);
    write_name(file, stage->name);
}
