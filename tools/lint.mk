# A folder whose objects were made with WERROR=1 will do.
LINT_BUILD ?= build-lint
## lint: symbol prefixes, layering, headers, formatting, cppcheck, -Wconversion -Werror; installs nothing
lint:
	$(Q)$(MAKE) --no-print-directory -s BUILD=$(LINT_BUILD) WERROR=1 lint-objects
	$(Q)CC="$(CC)" CPPFLAGS='$(CPPFLAGS)' sh tools/lint.sh $(LINT_BUILD)
lint-objects: $(PROG) $(call obj,$(TESTSRC) $(BENCHSRC))
.PHONY: lint lint-objects
