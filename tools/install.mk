SHARE   = $(DESTDIR)$(PREFIX)/share
HEADERS = $(wildcard src/common/*.h src/ads/*.h src/nqs/*.h)
MANPAGE = $(BUILD)/holograd.1
PC      = $(BUILD)/holograd.pc
$(MANPAGE): $(PROG) tools/gen-man.sh
	$(Q)sh tools/gen-man.sh $(abspath $(PROG)) > $@
$(PC): FORCE
	$(Q)printf '%s\n' 'prefix=$(PREFIX)' 'Name: holograd' 'Version: $(VERSION)' \
	  'Description: holographic metrics learned from boundary data' \
	  'Cflags: -I$${prefix}/include -I$${prefix}/include/holograd' 'Libs: -L$${prefix}/lib -lholograd $(LDLIBS)' > $@
## man: the man page, made of the program's help
man: $(MANPAGE)
## install: program, library, headers, pkg-config file, data, examples, man page; PREFIX=/usr/local DESTDIR=
install: $(PROG) $(MANPAGE) $(PC)
	install -D -m 755 $(PROG) $(DESTDIR)$(PREFIX)/bin/holograd
	install -D -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/libholograd.a
	install -D -m 644 $(PC) $(DESTDIR)$(PREFIX)/lib/pkgconfig/holograd.pc
	install -D -m 644 $(MANPAGE) $(SHARE)/man/man1/holograd.1
	for h in $(HEADERS:src/%=%); do install -D -m 644 src/$$h $(DESTDIR)$(PREFIX)/include/holograd/$$h || exit 1; done
	install -m 644 include/holograd/*.h $(DESTDIR)$(PREFIX)/include/holograd
	find data examples -type f ! -name '.*' | while read -r f; do install -D -m 644 "$$f" "$(SHARE)/holograd/$$f" || exit 1; done
## uninstall: remove what install put there
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/holograd $(DESTDIR)$(PREFIX)/lib/libholograd.a
	rm -f $(DESTDIR)$(PREFIX)/lib/pkgconfig/holograd.pc $(SHARE)/man/man1/holograd.1
	rm -rf $(SHARE)/holograd $(DESTDIR)$(PREFIX)/include/holograd
.PHONY: man install uninstall
