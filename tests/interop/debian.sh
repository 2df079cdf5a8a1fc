# What the languages' `prepare` and other steps share. Sourced, by bash.

# Installs the Debian packages that are not there, as root or with sudo, and removes none; fails naming what is missing.
need_packages() {
    local package missing=()
    for package in "$@"; do
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    printf 'installing %s\n' "${missing[*]}" >&2
    as_root apt-get update -qq >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove "${missing[@]}" >&2 &&
        return 0
    printf 'missing, and not to be installed from here: %s\n' "${missing[*]}" >&2
    printf 'on Debian and Ubuntu: apt-get install %s\n' "${missing[*]}" >&2
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The version of an installed Debian package, as its authors number it.
upstream_version() {
    dpkg-query --show --showformat='${source:Upstream-Version}' "$1" | sed 's/[+~].*//'
}

# make_program FILE COMMAND…: a program that runs the command, with its own arguments behind.
make_program() {
    local file=$1
    shift
    printf '#!/bin/sh\nexec%s "$@"\n' "$(printf ' %q' "$@")" >"$file"
    chmod +x "$file"
}

# need_python_environment DIRECTORY REQUIREMENTS: a virtual environment with what PyPI has of the file.
need_python_environment() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3 python3-venv || return 1
    "$1/bin/python" -c 'import pip' 2>/dev/null || python3 -m venv --clear "$1" || return 1
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
}
