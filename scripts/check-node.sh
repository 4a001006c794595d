#!/bin/sh
# Node and npm must be there and new enough; says what is missing and how to get it.
set -eu
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  echo "bitsim needs Node.js 20.19+, 22.12+ or 24+ with npm: see https://nodejs.org/en/download" >&2
  exit 3
fi
node -e '
const [major, minor] = process.versions.node.split(".").map(Number);
const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
if (!fits) {
  console.error(`bitsim needs Node.js 20.19+, 22.12+ or 24+, not ${process.version}: see https://nodejs.org/en/download`);
  process.exit(3);
}'
