#!/bin/sh
# What CONTRIBUTING.md asks of the look of things, as far as a program can see it.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

usage() {
    cat <<'USAGE'
usage: ./bootwire test --style [--all]

  clang-format  the layout of C++ and C            .clang-format
  clang-tidy    slips and traps in C++             .clang-tidy; of what changed, with --all of everything
  shellcheck    shell scripts
  flake8, mypy  the lab's Python, the tests' too   setup.cfg

All of them run, whatever the first ones find. The layout is mended by: tools/style.sh --format
USAGE
}

all='' format=''
case ${1:-} in
'') ;;
--all) all=--all ;;
--format) format=yes ;;
-h | --help) usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac

need build test fuzz style
cd "$root"

# What is ours, new files included: of a checkout what git knows or would take, of an archive all.
ours() { # PATTERN…
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "$@"
    else
        for pattern; do find . -path ./build -prune -o -path ./out -prune -o -type f -name "$pattern" -print; done
    fi | sort -u | while IFS= read -r file; do
        if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done
}

sources() { ours '*.cpp' '*.h' '*.c'; }

scripts() {
    ours '*.sh'
    ours '*' | grep -v '^tests/fuzz/corpus/' | while IFS= read -r file; do
        case $(head -c 20 "$file" | head -n 1 | tr -d '\0') in '#!/bin/sh'* | '#!/bin/bash'*) printf '%s\n' "$file" ;; esac
    done
}

if [ -n "$format" ]; then
    sources | xargs -d '\n' clang-format-19 -i
    exit 0
fi

wrong=
check() { # NAME COMMAND…
    name=$1
    shift
    since=$(date +%s)
    if "$@" >&2; then
        say "$name: nothing found ($(duration $(($(date +%s) - since))))"
    else
        wrong="$wrong${wrong:+, }$name"
    fi
}

layout() {
    if sources | xargs -d '\n' clang-format-19 --dry-run -Werror --ferror-limit=1 2>&1 | grep ': error: '; then
        say "these files are not as clang-format-19 lays them out; it is mended by: tools/style.sh --format"
        return 1
    fi
}

# GCC's flags are not clang's, and clang-tidy reads no precompiled headers of another build: a build
# folder that is configured for clang and never built.
tidy() {
    folder=$(build_folder style)
    mkdir -p "$folder"
    if ! cmake -S "$root" -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 \
        >"$folder/configure.log" 2>&1; then
        tail -n 5 "$folder/configure.log"
        return 1
    fi
    /usr/bin/python3 tools/tidy.py $all "$folder" "$cache/style/tidy"
}

shell() { scripts | sort -u | xargs -d '\n' -P "$(cores)" -n 3 shellcheck -x; }

check clang-format layout
check shellcheck shell
check flake8 /usr/bin/python3 -m flake8 bench lab tests tools
check mypy /usr/bin/python3 -m mypy --cache-dir "$cache/style/mypy"
check clang-tidy tidy
[ -z "$wrong" ] || die "style: see above what is wrong by $wrong"
