## gallery: run every example, draw its results into docs/img and write docs/gallery.md (EXAMPLES="02 16": only these)
gallery: $(PROG)
	$(Q)HOLOGRAD="$(abspath $(PROG))" OPENBLAS_NUM_THREADS=1 python3 tools/gallery.py $(EXAMPLES)
## gallery-text: only docs/gallery.md, from the examples' READMEs and expected numbers
gallery-text:
	$(Q)python3 tools/gallery.py --text
.PHONY: gallery gallery-text
