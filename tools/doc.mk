## apidoc: reference of the public headers by Doxygen, into $(BUILD)/apidoc/html; any warning is an error
apidoc:
	@command -v doxygen >/dev/null || { echo "apidoc: doxygen is missing: apt-get install doxygen" >&2; exit 1; }
	@mkdir -p $(BUILD)
	$(Q)BUILD=$(BUILD) doxygen docs/Doxyfile
.PHONY: apidoc
## schemas: refresh data/schema/KIND.json and the tables of docs/formats.md, which are printed by the program
schemas: $(PROG)
	$(Q)sh tools/schemas.sh $(PROG) data/schema
	$(Q)sh tools/gen-formats.sh $(PROG) docs/formats.md > $(BUILD)/formats.md && mv $(BUILD)/formats.md docs/formats.md
.PHONY: schemas
