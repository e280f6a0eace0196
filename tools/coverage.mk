# SPDX-License-Identifier: GPL-3.0-or-later
COVERED := src/common src/ads
## coverage: lines of src/common and src/ads that the unit tests and the command-line cases reach; 90 % or more
coverage:
	$(Q)rm -rf build-cov/check && find build-cov -name '*.gcda' -delete 2>/dev/null || true
	$(Q)$(MAKE) --no-print-directory -s COVERAGE=1 check-sanitized
	$(Q)sh tools/coverage.sh build-cov 90 $(COVERED)
## tsan: the pool, a fit and a VMC run with two threads under ThreadSanitizer
tsan:
	$(Q)$(MAKE) --no-print-directory -s TSAN=1 all build-tsan/tests/unit/test_pool
	$(Q)$(TEST_ENV) BUILD=build-tsan HOLOGRAD="$(abspath build-tsan/holograd)" sh tools/tsan.sh
.PHONY: coverage tsan
