#!/usr/bin/env bash
# Builds the base image and the components' images from the repository's root.
#
#   infra/images/build.sh [--builder podman|buildah|docker] [--base IMAGE] [--prefix NAME] [--tag TAG]
#                         [component ...] [-- more options of the builder]
#
# Without components: all of them. Behind a private index or certificate authority, hand pip's settings over as secrets:
#   infra/images/build.sh -- --secret id=pip_conf,src=pip.conf --secret id=ca_certificates,src=ca.crt
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

find_builder() {
    local candidate
    for candidate in podman buildah docker; do
        if "$candidate" info >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    fail "none of podman, buildah and docker works here (a docker client needs its engine)."
}

builder='' base='' prefix=small-korean-vlm tag=latest
components=()
while (($#)); do
    case $1 in
    --builder) builder=$2 && shift 2 ;;
    --base) base=$2 && shift 2 ;;
    --prefix) prefix=$2 && shift 2 ;;
    --tag) tag=$2 && shift 2 ;;
    --) shift && break ;;
    -*) fail "unknown option $1; the options are listed at the top of $0." ;;
    *) components+=("$1") && shift ;;
    esac
done

if ((${#components[@]} == 0)); then
    for file in infra/images/*.Dockerfile; do
        name=$(basename "$file" .Dockerfile)
        [[ $name == base ]] || components+=("$name")
    done
fi
for component in "${components[@]}"; do
    [[ -f infra/images/$component.Dockerfile ]] || fail "no infra/images/$component.Dockerfile."
done
builder=${builder:-$(find_builder)}

"$builder" build --file infra/images/base.Dockerfile --tag "$prefix/base:$tag" \
    ${base:+--build-arg "BASE=$base"} "$@" .
for component in "${components[@]}"; do
    "$builder" build --file "infra/images/$component.Dockerfile" --tag "$prefix/$component:$tag" \
        --build-arg "BASE=$prefix/base:$tag" "$@" .
done
