/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/ham_heisenberg.h"

extern const nqs_ham_ops nqs_ham_xxz;
const nqs_ham_ops nqs_ham_xxz = {.c = {.name = "xxz",
                                       .doc = "the same as heisenberg, by its other name",
                                       .ref = "Marshall 1955 (sign rule)",
                                       .fields = nqs_ham_heisenberg_fields,
                                       .opt_size = sizeof(nqs_ham_heisenberg_opts)},
                                 .strings = nqs_ham_heisenberg_strings,
                                 .rotation = nqs_ham_heisenberg_rotation,
                                 .fixed_sector = nqs_ham_heisenberg_fixed,
                                 .reference = nqs_ham_heisenberg_reference};
