#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sh run.sh                          one process
# MPIRUN="mpirun -n 4" sh run.sh     four processes of a program built with `make MPI=1`; the same digits
exec ${MPIRUN:-} "${HOLOGRAD:-holograd}" nqs run config.json --threads 1 -q --force -o result.json
