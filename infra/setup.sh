#!/usr/bin/env bash
# Makes .venv from constraints.txt and pyproject.toml. Does nothing when the stamp says that it is done already.
# A half-made environment has no stamp and is made anew: pip takes a package that it was killed in for installed.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
stamp=$venv/.installed

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

find_python() {
    # 3.11 first: it is the one that constraints.txt was made with.
    # Not one from the .venv that may be about to be removed.
    local candidate PATH=":$PATH:"
    PATH=${PATH//":$PWD/$venv/bin:"/:}
    for candidate in python3.11 python3.12 python3 python; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
            2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "no Python >=3.11,<3.13 with the venv module on PATH. Install one" \
        "(Debian/Ubuntu: apt install python3 python3-venv) and run make again."
}

key() {
    cat constraints.txt pyproject.toml infra/setup.sh | git hash-object --stdin
}

command -v git >/dev/null || fail "git is missing (DVC and this setup need it). Install it and run make again."
git rev-parse --git-dir >/dev/null || fail "this folder is no git repository, and DVC keeps its records in one." \
    "Clone the project, or run 'git init' here if it came as an archive."

wanted=$(key)
[[ -x $venv/bin/python && -f $stamp && $(<"$stamp") == "$wanted" ]] && exit 0

if ! [[ -f $stamp ]] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "setup: making $venv with $python"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
rm -f "$stamp"
echo "setup: installing into $venv (2 GB; takes a few minutes the first time)"
"$venv/bin/python" -m pip install -qq --no-compile --constraint constraints.txt --editable '.[dev]' ||
    fail "pip could not install the packages (see above). Run make again to start over."
# Compiled here on all cores: pip uses one, and where PYTHONDONTWRITEBYTECODE is set each of the pipeline's many
# processes would compile torch and transformers anew (12 s of imports became 22 s). Files for other Pythons fail.
"$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1 || true
printf '%s' "$wanted" >"$stamp.new"
mv "$stamp.new" "$stamp"
echo "setup: done"
