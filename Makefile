# holograd.  `make help` lists the targets; local choices go into config.mk.
-include config.mk
VERSION := 0.1.0
CC      ?= cc
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build$(if $(filter 1,$(ASAN)),-asan)$(if $(filter 1,$(TSAN)),-tsan)$(if $(filter 1,$(COVERAGE)),-cov)$(if $(filter 1,$(MPI)),-mpi)
Q       := $(if $(filter 1,$(V)),,@)
PKGS    := gsl libcjson openblas
PKG_CONFIG ?= pkg-config
all: # the default goal, whatever is included first

# `make deps check` on a fresh machine: what deps installs must be there before anything else is looked at.
REST := $(filter-out deps,$(MAKECMDGOALS))
ifneq ($(and $(filter deps,$(MAKECMDGOALS)),$(REST)),)
include tools/deps-first.mk
else

# Sanitizers at the level that their manuals name; it compiles in two thirds of the time, and line numbers are all they need.
CFLAGS ?= $(if $(filter 1,$(ASAN) $(TSAN)),-O1 -g1,-O2 -g)
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes $(if $(WERROR),-Werror)
override CFLAGS += -std=c17 $(WARN) -ffp-contract=off -fPIC -pthread -MMD -MP
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null || echo missing)
ifneq ($(and $(filter missing,$(PKG_CFLAGS)),$(or $(filter-out deps help clean,$(MAKECMDGOALS)),$(if $(MAKECMDGOALS),,all))),)
$(error libraries are missing: run `make deps` (or install what tools/deps.sh names))
endif
override CPPFLAGS += -D_XOPEN_SOURCE=700 -Iinclude -Isrc $(filter-out missing,$(PKG_CFLAGS))
# gsl.pc names -lgslcblas; substitute OpenBLAS.  Debian's SUNDIALS 6.4 has no .pc file, so name its libraries.
SUNDIALS_LIBS ?= -lsundials_cvodes -lsundials_nvecserial
LDLIBS += $(shell $(PKG_CONFIG) --define-variable=GSL_CBLAS_LIB=-lopenblas --libs $(PKGS) 2>/dev/null) $(SUNDIALS_LIBS) -lm -pthread
TESTLIBS := $(shell $(PKG_CONFIG) --libs check 2>/dev/null)
# The tests are many programs, and gold links them in half of the time.
TEST_LD := $(shell $(CC) -fuse-ld=gold -Wl,--version >/dev/null 2>&1 && echo -fuse-ld=gold)
ifeq ($(ASAN),1)
override CFLAGS   += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
override CPPFLAGS += -DCOM_NO_CLONES
override LDFLAGS  += -fsanitize=address,undefined
endif
ifeq ($(TSAN),1)
override CFLAGS   += -fsanitize=thread
override CPPFLAGS += -DCOM_NO_CLONES
override LDFLAGS  += -fsanitize=thread
endif
ifeq ($(COVERAGE),1)
# Counters only where they are read.
$(BUILD)/src/common/%.o $(BUILD)/src/ads/%.o: override CFLAGS += --coverage -O1
override CPPFLAGS += -DCOM_NO_CLONES
override LDFLAGS  += --coverage
endif
ifeq ($(MPI),1)
CC = mpicc
override CPPFLAGS += -DHOLOGRAD_MPI
endif

LIBSRC  := $(sort $(wildcard src/common/*.c src/ads/*.c src/nqs/*.c src/files/*.c src/api/*.c))
CLISRC  := $(sort $(wildcard src/cli/*.c))
TESTSRC := $(sort $(wildcard tests/unit/*.c tests/product/*.c tests/golden/*.c tests/stat/*.c))
BENCHSRC := $(sort $(wildcard bench/*.c))
obj      = $(patsubst %.c,$(BUILD)/%.o,$(1))
TESTBIN := $(patsubst %.c,$(BUILD)/%,$(TESTSRC))
BENCHBIN := $(patsubst %.c,$(BUILD)/%,$(BENCHSRC))
LIB     := $(BUILD)/libholograd.a
PROG    := $(BUILD)/holograd

## all: build the program (default); V=1 shows commands, ASAN=1 TSAN=1 COVERAGE=1 MPI=1 build variants
all: $(PROG)
$(PROG): $(call obj,$(CLISRC)) $(LIB)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(LIB): $(call obj,$(LIBSRC))
	@echo "  AR    $@"
	$(Q)rm -f $@ && ar rcsD $@ $^
# The vector kernels: full optimisation and fused multiply-add; everything else keeps -ffp-contract=off.
$(BUILD)/%_simd.o: %_simd.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(if $(COVERAGE),,-O3 -ffp-contract=fast) -c $< -o $@
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@
# The one object that knows the commit; rebuilt when it changes.
GIT := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
$(BUILD)/git.txt: FORCE
	@mkdir -p $(@D); echo '$(GIT)' | cmp -s - $@ || echo '$(GIT)' > $@
$(BUILD)/src/common/build.o: $(BUILD)/git.txt
$(BUILD)/src/common/build.o: override CPPFLAGS += -DHOLOGRAD_VERSION='"$(VERSION)"' \
  -DHOLOGRAD_CFLAGS='"$(filter-out -M% -ffile-prefix-map=%,$(CFLAGS))"' -DHOLOGRAD_GIT='"$(GIT)"' -DHOLOGRAD_DATADIR='"$(PREFIX)/share/holograd"'
$(BUILD)/src/cli/cmd_list.o: override CPPFLAGS += -DHOLOGRAD_DATADIR='"$(PREFIX)/share/holograd"'
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIB)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) $(TEST_LD) $^ $(LDLIBS) $(TESTLIBS) -o $@
$(BUILD)/bench/%: $(BUILD)/bench/%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@
.PRECIOUS: $(BUILD)/%.o

## deps: install the Debian packages that are missing (sudo only if needed)
deps:
	$(Q)sh tools/deps.sh
include $(sort $(filter-out tools/deps-first.mk,$(wildcard tools/*.mk)))
## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{printf "  %-14s %s\n", $$1, $$2}'
## clean: remove the build folders
clean:
	rm -rf $(BUILD) build-asan build-tsan build-cov build-mpi build-lint build-fuzz build-arm64 build-O0 build-O3
-include $(wildcard $(patsubst %.o,%.d,$(call obj,$(LIBSRC) $(CLISRC) $(TESTSRC) $(BENCHSRC))))
endif
FORCE:
.PHONY: all deps help clean FORCE
.DELETE_ON_ERROR:
