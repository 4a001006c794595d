#!/bin/sh
# Installs the Debian packages of the tools that are missing, where apt-get is there and allowed (root, or sudo without
# a password). Elsewhere it says exactly what is missing and how to get it, and lets the caller go on.
set -u

tools="iverilog verilator yosys make g++"
missing=""
for tool in $tools; do
  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
[ -z "$missing" ] && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root="no"; fi
fi

if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != "no" ]; then
  echo "installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  $as_root apt-get update -qq >/dev/null 2>&1
  # shellcheck disable=SC2086 (a list of package names)
  $as_root apt-get install -y -qq --no-install-recommends $missing libc6-dev >/dev/null 2>&1
fi

still=""
for tool in $missing; do
  command -v "$tool" >/dev/null 2>&1 || still="$still $tool"
done
if [ -n "$still" ]; then
  echo "missing:$still" >&2
  echo "  Debian, Ubuntu: sudo apt-get install$still" >&2
  echo "  elsewhere: Icarus Verilog 11+, Verilator 5.006+, Yosys 0.23+, GNU make, a C++20 compiler" >&2
  echo "  what needs them is left out; everything else goes on" >&2
fi
exit 0
