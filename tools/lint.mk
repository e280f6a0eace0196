## lint: symbol prefixes, layering, headers, formatting, cppcheck, -Wconversion -Werror; installs nothing
lint:
	$(Q)$(MAKE) --no-print-directory -s BUILD=build-lint WERROR=1 lint-objects
	$(Q)CC="$(CC)" CPPFLAGS='$(CPPFLAGS)' sh tools/lint.sh build-lint
lint-objects: $(PROG) $(call obj,$(TESTSRC) $(BENCHSRC))
.PHONY: lint lint-objects
