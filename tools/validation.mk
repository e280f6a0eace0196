## validation: print the numbers of docs/validation.md: closed forms, orders, recovery, and the examples that rerun papers
VALIDATION := $(addprefix $(BUILD)/tests/,product/test_validation unit/test_flow_fixed product/test_recover)
validation: $(PROG) $(VALIDATION)
	$(Q)for t in $(VALIDATION); do echo "== $${t#$(BUILD)/}"; TEST_SAY=1 OPENBLAS_NUM_THREADS=1 CK_FORK=no $$t | grep '^  ' || exit 1; done
	$(Q)HOLOGRAD="$(abspath $(PROG))" sh tools/validation.sh
.PHONY: validation
