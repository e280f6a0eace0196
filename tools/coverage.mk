# SPDX-License-Identifier: GPL-3.0-or-later
COVERED  := src/common src/ads
# The tests that reach these folders and are quick.
COVERING := $(patsubst %.c,build-cov/%,$(wildcard tests/unit/*.c) $(addprefix tests/product/test_,components.c gradients.c training.c))
## coverage: lines of src/common and src/ads that unit, product and command-line tests reach; fails below 90 %
coverage:
	$(Q)find build-cov -name '*.gcda' -delete 2>/dev/null || true
	$(Q)$(MAKE) --no-print-directory -s COVERAGE=1 all $(COVERING)
	$(Q)$(TEST_ENV) CK_FORK=no HOLOGRAD="$(abspath build-cov/holograd)" sh tools/check.sh build-cov/check \
	  $(COVERING) tests/cli/run.sh tests/cli/infer.sh tests/cli/every.sh
	$(Q)sh tools/coverage.sh build-cov 90 $(COVERED)
## tsan: the pool, a fit and a VMC run with two threads under ThreadSanitizer
tsan:
	$(Q)$(MAKE) --no-print-directory -s TSAN=1 all build-tsan/tests/unit/test_pool
	$(Q)$(TEST_ENV) BUILD=build-tsan HOLOGRAD="$(abspath build-tsan/holograd)" sh tools/tsan.sh
## check-levels: the test programs by gcc -O0 and -O3
check-levels:
	$(Q)for o in -O0 -O3; do $(MAKE) --no-print-directory -s BUILD=build$$o CFLAGS="$$o -g" WERROR=1 check-unit || exit 1; done
## nightly: the long forms: faults one by one, five minutes of fuzzing per family, all levels of optimisation, coverage
nightly:
	$(Q)$(MAKE) --no-print-directory check check-clang check-levels tsan coverage fault
	$(Q)$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=300
.PHONY: coverage tsan check-levels nightly
