# SPDX-License-Identifier: GPL-3.0-or-later
## check-mpi: build with MPI in build-mpi, and compare 1, 2 and 3 processes digit by digit
check-mpi:
	$(Q)$(MAKE) --no-print-directory MPI=1 BUILD=build-mpi all build-mpi/tests/unit/test_comm
	$(Q)CK_FORK=no $(MPIRUN) -n 3 build-mpi/tests/unit/test_comm
	$(Q)MPIRUN="$(MPIRUN)" sh tests/mpi/mpi.sh build-mpi/holograd
MPIRUN ?= mpirun --allow-run-as-root --oversubscribe --mca mpi_yield_when_idle 1
.PHONY: check-mpi
