#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# lint.sh BUILD  The rules that a compiler does not know.  BUILD was made with -Werror.
set -u
build=$1
CC=${CC:-cc}
status=0
bad() {
  echo "lint: $*" >&2
  status=1
}
for tool in clang-format cppcheck nm git; do
  command -v $tool >/dev/null || {
    echo "lint: $tool is missing; install it (apt-get install clang-format cppcheck binutils git)" >&2
    exit 1
  }
done
# forbid TEXT PATTERN FILE...  No line of these files may match.
forbid() {
  text=$1 pattern=$2
  shift 2
  [ $# -gt 0 ] || return 0
  found=$(grep -nE -- "$pattern" "$@" /dev/null) || return 0
  bad "$text"
  printf '%s\n' "$found" >&2
}
files() { git ls-files -co --exclude-standard -- "$@" | sort | while read -r f; do [ -f "$f" ] && echo "$f"; done; }
without() { grep -vE "$1" || true; }

sources=$(files 'src/*.c' 'src/*.h' 'include/*.h' 'tests/*.c' 'tests/*.h' 'bench/*.c' 'examples/*.c')
sh tools/check-symbols.sh "$build"/src/*/*.o || status=1

# Direction of dependencies: common <- {ads, nqs} <- files <- {api, cli}.
forbid "common knows nothing of the others" '^#include "(ads|nqs|files|cli)/' $(files 'src/common/*')
forbid "ads sees only common" '^#include "(nqs|files|cli)/' $(files 'src/ads/*')
forbid "nqs sees only common" '^#include "(ads|files|cli)/' $(files 'src/nqs/*')
forbid "files does not see cli" '^#include "cli/' $(files 'src/files/*')
forbid "only api itself and its tests see api" '^#include "api/' $(files 'src/*' 'tests/*.c' | without '^(src/api|tests/unit/test_api)')
forbid "api does not see cli" '^#include "cli/' $(files 'src/api/*')
forbid "examples see the installed headers alone" '^#include "' $(files 'examples/*.c')
forbid "installed headers include none of ours" '^#include "' $(files 'include/*.h')
# Third-party types live in one file each.
forbid "only common/ode.c includes SUNDIALS" '#include <(cvodes|nvector|sun|sundials)' $(echo "$sources" | without '^src/common/ode\.c$')
forbid "only json*.c and field*.c look into cJSON" '(->|\.)(child|valuestring|valuedouble|valueint)\b|#include <cjson/|cJSON_[A-Z]' \
  $(files 'src/*.c' 'src/*.h' | without '^src/common/(json|field)[a-z_]*\.[ch]$|^src/common/build\.c$')
forbid "only common/linalg.c calls BLAS and LAPACK" '\b(cblas_|LAPACKE_|[dz](gemm|gemv|syrk|herk|trsm|potrf|potrs|gesvd|gesdd|syev|heev|syevd|heevd|gelsd|geqrf|posv)_\()' \
  $(files 'src/*.c' | without '^src/common/linalg\.c$')
forbid "only common/comm.c includes MPI" '#include <mpi' $(echo "$sources" | without '^src/common/comm\.c$')
# The library neither prints, exits, reads the environment nor the clock for numbers.
library=$(files 'src/common/*.c' 'src/ads/*.c' 'src/nqs/*.c' 'src/files/*.c' 'src/api/*.c')
forbid "no exit, abort, getenv, setlocale or rand below cli" '\b(exit|abort|getenv|setlocale|s?rand|gsl_rng_env_setup)\(' $library
forbid "no printf to stdout below cli" '\b(printf|puts|putchar)\(' $library
forbid "never a shell" '\b(system|popen)\(' $sources
forbid "no network" '\b(socket|connect|getaddrinfo|gethostby[a-z]+)\(|#include <(sys/socket|netdb|netinet/|arpa/|curl/)' $sources
forbid "no fast-math" 'ffast-math|Ofast' Makefile $(files 'tools/*.mk')
# One mutable file-scope variable in all, in cli/main.c.
forbid "no mutable globals" '^static (volatile )?(int|long|double|size_t|char \*|sig_atomic_t) [a-z_]+( = [^(]*)?;' \
  $(files 'src/*.c' | without '^src/cli/main\.c$')
# Every file says its licence, is not long, and names no machine's private folders.
rules=$(echo "$sources" | without '_list\.h$' | xargs awk 'FNR == 1 && !/SPDX-License-Identifier: GPL-3.0-or-later/ { print FILENAME ": first line must be the SPDX line" }
  FNR == 701 { print FILENAME ": longer than 700 lines; split it" }')
[ -z "$rules" ] || bad "$rules"
forbid "a path of somebody's machine" '/(wor[k]|roo[t]|hom[e]/[a-z]+)/|shared/(physic[s]|referenc[e])' \
  $(files | without '^LICENSE$')
# Headers stand alone, but for lists, bodies and levels, which are included into something.
for h in $(files 'src/*.h' 'include/*.h' | without '_(list|body|levels)\.h$'); do
  # shellcheck disable=SC2086
  $CC $CPPFLAGS -std=c17 -Wall -Wextra -Werror -fsyntax-only -x c "$h" || bad "$h: is not self-contained"
done
unformatted=$(echo "$sources" | without '_list\.h$' | xargs clang-format --dry-run -Werror 2>&1) ||
  bad "run clang-format -i" $(echo "$unformatted" | sed -n 's/^\([^ :]*\):.*/\1/p' | sort -u)
# It takes fabs() in a compound literal for a statement, and a vector for one number.
# shellcheck disable=SC2086
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
  -j "$(nproc)" -Iinclude -Isrc -D__GNUC__=12 --suppress=missingIncludeSystem --suppress=unknownMacro \
  --suppress=ignoredReturnValue --suppress=shiftTooManyBitsSigned \
  $(files 'src/*.c') || bad "cppcheck"
# Pages: links, index, messages, versions.
sh tools/check-docs.sh || status=1
exit $status
