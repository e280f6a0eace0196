# SPDX-License-Identifier: GPL-3.0-or-later
FUZZ_SECONDS ?= 20
FUZZ_BUILD   := build-fuzz
FUZZ_FLAGS   := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
FUZZ_MAKE    := $(MAKE) --no-print-directory -s BUILD=$(FUZZ_BUILD) CC=clang CFLAGS='-O1 -g1 -Wno-pass-failed $(FUZZ_FLAGS)' CPPFLAGS=-DCOM_NO_CLONES
## fuzz: libFuzzer on every reader, FUZZ_SECONDS=20 each, FAMILY= one of them; needs clang
fuzz:
	$(Q)$(FUZZ_MAKE) LDFLAGS='-fsanitize=fuzzer,address,undefined' $(FUZZ_BUILD)/fuzz
	$(Q)$(MAKE) --no-print-directory -s all
	$(Q)sh tools/fuzz.sh $(FUZZ_BUILD) $(abspath $(PROG)) $(FUZZ_SECONDS) $(FAMILY)
## fuzz-table: the table of docs/reliability.md from the log of all sessions in build-fuzz
fuzz-table:
	@awk -f tools/fuzz-table.awk $(FUZZ_BUILD)/fuzz.log
## check-clang: clang without a warning, and the command line but for inference under its sanitizers
check-clang:
	$(Q)$(FUZZ_MAKE) LDFLAGS='-fsanitize=address,undefined' WERROR=1 all
	$(Q)clang $(CPPFLAGS) -std=c17 $(WARN) -Werror -fsyntax-only $(TESTSRC) $(BENCHSRC)
	$(Q)$(TEST_ENV) HOLOGRAD="$(abspath $(FUZZ_BUILD)/holograd)" sh tests/cli/run.sh
FUZZSRC := $(wildcard tests/fuzz/*.c)
$(BUILD)/fuzz: $(call obj,$(FUZZSRC) $(filter-out src/cli/main.c,$(CLISRC))) $(LIB)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
-include $(patsubst %.o,%.d,$(call obj,$(FUZZSRC)))
.PHONY: fuzz fuzz-table check-clang
