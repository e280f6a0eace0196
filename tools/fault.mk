# SPDX-License-Identifier: GPL-3.0-or-later
FAULT_LIB := $(BUILD)/tests/fault/inject.so
$(FAULT_LIB): tests/fault/inject.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -g1 -Wall -Wextra -fPIC -shared -o $@ $< -ldl
FAULT_API := $(BUILD)/tests/fault/library
FAULT_ENV = HOLOGRAD="$(abspath $(PROG))" FAULT_LIB="$(abspath $(FAULT_LIB))" FAULT_API="$(abspath $(FAULT_API))"
## fault: memory, disk, signals, concurrent runs, hostile numbers; prints the table of docs/reliability.md (long)
fault: $(PROG) $(FAULT_LIB) $(FAULT_API)
	$(Q)$(FAULT_ENV) sh tests/fault/fault.sh
## fault-quick: a sample of the same, in a minute
fault-quick: $(PROG) $(FAULT_LIB) $(FAULT_API)
	$(Q)$(FAULT_ENV) sh tests/fault/fault.sh quick
.PHONY: fault fault-quick
