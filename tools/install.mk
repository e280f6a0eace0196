DATA     = $(DESTDIR)$(PREFIX)/share/holograd
MANPAGES = $(wildcard docs/man/*.1)
## install: program, library, headers, data, examples, man page; PREFIX=/usr/local DESTDIR=
install: $(PROG)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DATA)
	install -m 755 $(PROG) $(DESTDIR)$(PREFIX)/bin/holograd
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/libholograd.a
	for d in include data examples; do (cd $$d && find . -type f ! -name '.*' | while read -r f; do \
	  case $$d in include) to=$(DESTDIR)$(PREFIX)/include ;; *) to=$(DATA)/$$d ;; esac; \
	  install -D -m 644 "$$f" "$$to/$$f" || exit 1; done) || exit 1; done
	for m in $(MANPAGES); do install -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man1/$${m##*/} || exit 1; done
## uninstall: remove what install put there
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/holograd $(DESTDIR)$(PREFIX)/lib/libholograd.a
	rm -f $(patsubst docs/man/%,$(DESTDIR)$(PREFIX)/share/man/man1/%,$(MANPAGES))
	rm -rf $(DATA) $(DESTDIR)$(PREFIX)/include/holograd
.PHONY: install uninstall
