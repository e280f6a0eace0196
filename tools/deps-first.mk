# `make deps GOAL...`, in any order and with any -j: first the packages, then a fresh make that sees them.
.PHONY: deps $(REST)
deps:
	$(Q)sh tools/deps.sh
$(firstword $(REST)): deps
	+$(Q)$(MAKE) --no-print-directory $(REST)
$(filter-out $(firstword $(REST)),$(REST)): $(firstword $(REST))
	@:
