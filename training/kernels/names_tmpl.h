/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of one instruction set's functions: VT_OF_ISA(vt_rates) is vt_rates_avx2. */
#ifndef VT_NAMES_TMPL_H
#define VT_NAMES_TMPL_H

#include "training/kernels/kernel.h"

#define VT_JOIN_(name, isa) name##_##isa
#define VT_JOIN(name, isa)  VT_JOIN_(name, isa)
#define VT_OF_ISA(name)     VT_JOIN(name, VT_ISA)

#ifndef VT_ISA
#define VT_ISA generic
#endif

void VT_OF_ISA(vt_values)(const struct vt_invariant_job *job);
void VT_OF_ISA(vt_value_rates)(const struct vt_invariant_job *job);
void VT_OF_ISA(vt_gradients)(const struct vt_invariant_job *job);
void VT_OF_ISA(vt_add_curvatures)(const struct vt_invariant_job *job);
void VT_OF_ISA(vt_activate)(size_t n, const double *x, double *h, double *slope);
void VT_OF_ISA(vt_structure)(const struct vt_wave_job *job);
void VT_OF_ISA(vt_structure_rates)(const struct vt_wave_job *job);
void VT_OF_ISA(vt_potentials)(const struct vt_wave_job *job);
void VT_OF_ISA(vt_potentials_and_fields)(const struct vt_wave_job *job);

#endif
