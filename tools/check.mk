CHECK_JOBS ?= $(shell nproc 2>/dev/null || echo 1)
# The longest first: what is started last should not be what all wait for.
CLITESTS := tests/cli/examples.sh $(filter-out tests/cli/examples.sh,$(sort $(wildcard tests/cli/*.sh)))
TEST_ENV := BUILD="$(BUILD)" OPENBLAS_NUM_THREADS=1 HOLOGRAD="$(abspath $(PROG))" CHECK_JOBS=$(CHECK_JOBS)
## tests: build all tests without running them
tests: $(PROG) $(TESTBIN)
## check: build and run all tests; silent but for failures and the last line "N passed, M failed"
check: $(PROG) $(TESTBIN)
	$(Q)$(TEST_ENV) sh tools/check.sh $(BUILD)/check $(CLITESTS) $(TESTBIN)
## check-unit: only the test programs
check-unit: $(PROG) $(TESTBIN)
	$(Q)$(TEST_ENV) sh tools/check.sh $(BUILD)/check $(TESTBIN)
## check-cli: only the scripts of tests/cli: command line, interruptions, examples, install
check-cli: $(PROG)
	$(Q)$(TEST_ENV) sh tools/check.sh $(BUILD)/check $(CLITESTS)
## check-sanitized: with ASAN=1, the unit tests and one run of every command (check-clang has the whole command line)
check-sanitized: $(PROG) $(filter $(BUILD)/tests/unit/%,$(TESTBIN))
	$(Q)$(TEST_ENV) CK_FORK=no INFER_CASE=infer sh tools/check.sh $(BUILD)/check \
	  tests/cli/infer.sh tests/cli/every.sh $(filter $(BUILD)/tests/unit/%,$(TESTBIN))
## check-browser: pages of `report` in headless Chromium, pictures through gnuplot and rsvg-convert; SHOTS=1 keeps screenshots
check-browser: $(PROG)
	$(Q)$(TEST_ENV) sh tests/browser/report.sh
## demo: learn the metric from lattice QCD and lay its potential over the lattice; result.json, lattice.svg, potential.svg
demo: $(PROG)
	$(Q)$(PROG) train examples/02_qcd_condensate/config.json -o result.json --plot lattice.svg --force
	@echo
	$(Q)$(PROG) potential result.json --closure string --lattice data/lattice_F1_singlet/data.json \
	  --lattice data/static_potential_T0_HISQ/data.json --calibrate lattice --shift plateau -o potential.json --plot potential.svg --force
	@echo "Written: result.json, lattice.svg (data, fit, h), potential.json, potential.svg (the quark-antiquark potential over lattice data)."
## bench: one JSON line per case (bench/run.sh)
bench: $(PROG) $(BENCHBIN)
	$(Q)$(if $(wildcard bench/run.sh),BUILD="$(BUILD)" sh bench/run.sh,for b in $(BENCHBIN); do $$b || exit 1; done)
.PHONY: check-browser tests check check-unit check-cli check-sanitized demo bench
