## apidoc: reference of the public headers by Doxygen, into $(BUILD)/apidoc/html; any warning is an error
apidoc:
	@command -v doxygen >/dev/null || { echo "apidoc: doxygen is missing: apt-get install doxygen" >&2; exit 1; }
	@mkdir -p $(BUILD)
	$(Q)BUILD=$(BUILD) doxygen docs/Doxyfile
.PHONY: apidoc
## schemas: refresh data/schema/KIND.json, the committed copies of `holograd schema KIND`
schemas: $(PROG)
	$(Q)sh tools/schemas.sh $(PROG) data/schema
.PHONY: schemas
