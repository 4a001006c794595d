#!/bin/sh
# Installs the Debian packages of the tools that are missing, where apt-get is there and allowed (root, or sudo without
# a password), without asking anything. Elsewhere it says exactly what is missing and how to get it, and lets the caller
# go on with what can be done. With the argument `tests` also those that only the tests need, or place and route.
set -u

# Each tool has its package's name, but for those of `packages`.
tools="iverilog verilator yosys make g++"
[ "${1:-}" = tests ] && tools="$tools nextpnr-ice40 icepack clang++ chromium"

missing=""
for tool in $tools; do
  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
[ -z "$missing" ] && exit 0

packages() {
  for tool in $1; do
    case $tool in
    icepack) printf ' fpga-icestorm' ;;
    clang++) printf ' clang' ;;
    *) printf ' %s' "$tool" ;;
    esac
  done
}

as_root=""
why=""
if ! command -v apt-get >/dev/null 2>&1; then
  why="there is no apt-get here"
elif [ "$(id -u)" != 0 ]; then
  as_root="sudo -n"
  sudo -n true >/dev/null 2>&1 || why="installing needs root, or sudo without a password"
fi

# shellcheck disable=SC2046 (lists of words)
install() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 \
    install -y -qq --no-install-recommends $(packages "$missing") </dev/null >"$log" 2>&1
}

if [ -z "$why" ]; then
  echo "installing:$missing"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # The package lists may be missing or old: fetch them when the first try fails.
  if ! install; then
    # shellcheck disable=SC2086
    $as_root apt-get -o DPkg::Lock::Timeout=120 update -qq </dev/null >"$log" 2>&1
    install || why="apt-get failed: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
  fi
fi

still=""
for tool in $missing; do
  command -v "$tool" >/dev/null 2>&1 || still="$still $tool"
done
[ -z "$still" ] && exit 0
{
  echo "missing:$still (${why:-installed, but not on PATH})"
  echo "  Debian, Ubuntu: sudo apt-get install$(packages "$still")"
  echo "  elsewhere: Icarus Verilog 11+, Verilator 5.006+, Yosys 0.23+, GNU make, a C++20 compiler;"
  echo "  for all tests nextpnr-ice40, IceStorm, clang and Chromium, too"
  echo "  what needs them is left out; everything else goes on"
} >&2
exit 0
