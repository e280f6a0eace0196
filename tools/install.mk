# Where things go; a distribution sets LIBDIR=/usr/lib/TRIPLET and perhaps the others.
LIBDIR  ?= $(PREFIX)/lib
SHARE   := $(PREFIX)/share
DOCDIR  ?= $(SHARE)/doc/holograd
ZSHDIR  ?= $(SHARE)/zsh/site-functions
SONAME  := libholograd.so.$(firstword $(subst ., ,$(VERSION)))
SOFILE  := libholograd.so.$(VERSION)
SHLIB   := $(BUILD)/$(SOFILE)
STATIC  := $(BUILD)/public/libholograd.a
MANPAGE := $(BUILD)/holograd.1
PC      := $(BUILD)/holograd.pc
COMPLETE := $(addprefix $(BUILD)/completion.,bash zsh fish)
PUBLIC_HEADERS := $(wildcard include/holograd/*.h)

# Both libraries export what include/holograd declares and nothing else.
$(BUILD)/public.names: $(PUBLIC_HEADERS) tools/install.mk
	@mkdir -p $(@D)
	$(Q)cat $(PUBLIC_HEADERS) | tr '\n' ' ' | grep -o 'HOLOGRAD_API [^(;]*(' | sed -n 's/.*[ *]\(holograd_[a-z_]*\)($$/\1/p' | sort > $@
$(BUILD)/public.map: $(BUILD)/public.names
	$(Q)(echo '{ global:'; sed 's/$$/;/' $<; echo 'local: *; };') > $@
$(SHLIB): $(call obj,$(LIBSRC)) $(BUILD)/public.map
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(BUILD)/public.map \
	  $(call obj,$(LIBSRC)) $(LDLIBS) -o $@
	$(Q)ln -sf $(SOFILE) $(BUILD)/$(SONAME) && ln -sf $(SONAME) $(BUILD)/libholograd.so
$(STATIC): $(call obj,$(LIBSRC)) $(BUILD)/public.names
	@echo "  AR    $@"
	@mkdir -p $(@D)
	$(Q)$(LD) -r -o $(BUILD)/public/holograd.o $(call obj,$(LIBSRC))
	$(Q)$(OBJCOPY) --keep-global-symbols=$(BUILD)/public.names $(BUILD)/public/holograd.o
	$(Q)rm -f $@ && ar rcsD $@ $(BUILD)/public/holograd.o
OBJCOPY ?= objcopy

$(MANPAGE): $(PROG) tools/gen-man.sh
	$(Q)sh tools/gen-man.sh "$(abspath $(PROG))" > $@
$(BUILD)/completion.%: $(PROG)
	$(Q)$(PROG) completion $* > $@
# gsl.pc would bring a second CBLAS, so GSL stands under Libs.private; SUNDIALS 6 has no .pc file.
$(PC): FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))' \
	  'includedir=$${prefix}/include' 'datadir=$${prefix}/share/holograd' '' 'Name: holograd' 'Version: $(VERSION)' \
	  'Description: holographic metrics learned from boundary data' 'Cflags: -I$${includedir}' \
	  'Libs: -L$${libdir} -lholograd' 'Requires.private: libcjson openblas' \
	  'Libs.private: -lgsl $(SUNDIALS_LIBS) -lm -pthread' > $@

## lib: libholograd.so and libholograd.a, exporting the public functions only
lib: $(SHLIB) $(STATIC)
## man: the man page, made of the program's help
man: $(MANPAGE)
## completion: completion scripts for bash, zsh and fish
completion: $(COMPLETE)

DEST  = "$(DESTDIR)$(1)"
## install: program, libraries, headers, pkg-config file, data, examples, docs, man page, completions; PREFIX=/usr/local DESTDIR= LIBDIR=
install: install-prog install-lib install-dev install-data
install-prog: $(PROG) $(MANPAGE) $(COMPLETE)
	install -D -m 755 $(PROG) $(call DEST,$(PREFIX)/bin/holograd)
	install -D -m 644 $(MANPAGE) $(call DEST,$(SHARE)/man/man1/holograd.1)
	install -D -m 644 $(BUILD)/completion.bash $(call DEST,$(SHARE)/bash-completion/completions/holograd)
	install -D -m 644 $(BUILD)/completion.zsh $(call DEST,$(ZSHDIR)/_holograd)
	install -D -m 644 $(BUILD)/completion.fish $(call DEST,$(SHARE)/fish/vendor_completions.d/holograd.fish)
install-lib: $(SHLIB)
	install -D -m 644 $(SHLIB) $(call DEST,$(LIBDIR)/$(SOFILE))
	ln -sf $(SOFILE) $(call DEST,$(LIBDIR)/$(SONAME))
install-dev: $(STATIC) $(PC)
	install -D -m 644 $(STATIC) $(call DEST,$(LIBDIR)/libholograd.a)
	ln -sf $(SONAME) $(call DEST,$(LIBDIR)/libholograd.so)
	install -D -m 644 $(PC) $(call DEST,$(LIBDIR)/pkgconfig/holograd.pc)
	install -d $(call DEST,$(PREFIX)/include/holograd)
	install -m 644 $(PUBLIC_HEADERS) $(call DEST,$(PREFIX)/include/holograd)
install-data:
	sh tools/install-tree.sh data $(call DEST,$(SHARE)/holograd/data)
	sh tools/install-tree.sh examples $(call DEST,$(SHARE)/holograd/examples)
	sh tools/install-tree.sh docs $(call DEST,$(DOCDIR)/docs)
	install -m 644 README.md CHANGELOG.md CONTRIBUTING.md CITATION.cff $(call DEST,$(DOCDIR))
	ln -sfn $(SHARE)/holograd/data $(call DEST,$(DOCDIR)/data)
	ln -sfn $(SHARE)/holograd/examples $(call DEST,$(DOCDIR)/examples)
## uninstall: remove what install put there
uninstall:
	rm -f $(call DEST,$(PREFIX)/bin/holograd) $(call DEST,$(SHARE)/man/man1/holograd.1) \
	  $(call DEST,$(SHARE)/bash-completion/completions/holograd) $(call DEST,$(ZSHDIR)/_holograd) \
	  $(call DEST,$(SHARE)/fish/vendor_completions.d/holograd.fish) $(call DEST,$(LIBDIR)/$(SOFILE)) \
	  $(call DEST,$(LIBDIR)/$(SONAME)) $(call DEST,$(LIBDIR)/libholograd.so) $(call DEST,$(LIBDIR)/libholograd.a) \
	  $(call DEST,$(LIBDIR)/pkgconfig/holograd.pc)
	rm -rf $(call DEST,$(SHARE)/holograd) $(call DEST,$(DOCDIR)) $(call DEST,$(PREFIX)/include/holograd)
.PHONY: lib man completion install install-prog install-lib install-dev install-data uninstall
## deb: Debian source and binary packages into $(BUILD)/deb (needs debhelper)
deb:
	$(Q)sh tools/deb.sh $(VERSION) $(BUILD)/deb
.PHONY: deb
