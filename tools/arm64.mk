# SPDX-License-Identifier: GPL-3.0-or-later
ARM64_ROOT := $(abspath build-arm64)/root
ARM64_LIB  := $(ARM64_ROOT)/usr/lib/aarch64-linux-gnu
ARM64_BLAS := $(ARM64_LIB)/openblas-pthread
ARM64_RUN  := qemu-aarch64-static -L $(ARM64_ROOT) -E LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu/openblas-pthread
# All unit tests but the longest: emulation multiplies minutes.
ARM64_TESTS := $(filter-out $(patsubst %,build-arm64/tests/unit/test_%,generate infer spectrum nqs_dbm_exact \
  nqs_dbm_heisenberg nqs_exact nqs_pathint nqs_response),$(patsubst %.c,build-arm64/%,$(wildcard tests/unit/*.c)))
## check-arm64: cross-built by Debian's arm64 compiler, every warning an error, and the unit tests under qemu-user
check-arm64:
	$(Q)sh tools/arm64.sh $(ARM64_ROOT)
	$(Q)PKG_CONFIG_SYSROOT_DIR=$(ARM64_ROOT) PKG_CONFIG_LIBDIR=$(ARM64_LIB)/pkgconfig:$(ARM64_BLAS)/pkgconfig \
	  $(MAKE) --no-print-directory -s BUILD=build-arm64 CC="aarch64-linux-gnu-gcc --sysroot=$(ARM64_ROOT)" WERROR=1 \
	  LDFLAGS=-Wl,-rpath-link,$(ARM64_LIB):$(ARM64_BLAS) all $(ARM64_TESTS)
	$(Q)printf '#!/bin/sh\nexec $(ARM64_RUN) $(abspath build-arm64)/holograd "$$@"\n' >build-arm64/holograd.sh && chmod +x build-arm64/holograd.sh
	$(Q)$(TEST_ENV) CK_FORK=no HOLOGRAD="$(abspath build-arm64/holograd.sh)" CHECK_RUN="$(ARM64_RUN)" CHECK_TIMEOUT=3600 \
	  sh tools/check.sh build-arm64/check $(ARM64_TESTS)
.PHONY: check-arm64
