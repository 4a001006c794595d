#!/bin/sh
# Node and npm must be there and as new as package.json's engines say; tells what is missing and how to get it.
set -eu
cd "$(dirname "$0")/.."
engines=$(sed -n 's/^ *"node": "\(.*\)".*/\1/p' package.json)
where="see https://nodejs.org/en/download"
for program in node npm; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "bitsim needs Node.js $engines with npm, and $program is not on PATH: $where" >&2
    exit 3
  fi
done
# Old Nodes run this too: plain ES5.
ENGINES=$engines WHERE=$where node -e '
var have = process.versions.node.split(".").map(Number);
var fits = process.env.ENGINES.split("||").some(function (range) {
  var parts = /^(\^|>=)(\d+)(?:\.(\d+))?/.exec(range.trim());
  if (!parts) throw new Error("engines.node: cannot read " + range);
  var major = Number(parts[2]), minor = Number(parts[3] || 0);
  if (have[0] === major) return have[1] >= minor;
  return parts[1] === ">=" && have[0] > major;
});
if (!fits) {
  console.error("bitsim needs Node.js " + process.env.ENGINES + ", not " + process.version + ": " + process.env.WHERE);
  process.exit(3);
}'
