#!/bin/sh
# Writes with wrangler what doemu types has to write: generate.sh WRANGLER, which is the path of wrangler's bin/wrangler.js.
set -eu
wrangler=$1
cd "$(dirname "$0")"
export CI=1 WRANGLER_SEND_METRICS=false
types() { # the file, the project, then flags
  to=$1 dir=$2
  shift 2
  (cd "$dir" && node "$wrangler" types golden.d.ts --include-runtime=false "$@" >/dev/null 2>&1) && grep -v '^// ' "$dir/golden.d.ts" > "$to"
  rm "$dir/golden.d.ts"
}
mkdir -p golden
for fixture in ../../../fixtures/*/wrangler.jsonc; do
  fixture=$(dirname "$fixture")
  types "golden/fixture-$(basename "$fixture").d.ts" "$fixture"
done
types golden/everything.d.ts projects/everything
types golden/everything-staging.d.ts projects/everything --env staging
types golden/everything-loose.d.ts projects/everything --strict-vars=false --env-interface MyEnv --include-main-module=false
types golden/pair.d.ts projects/pair -c wrangler.jsonc -c back.jsonc
types golden/pair-alone.d.ts projects/pair --strict-vars=false
types golden/old.d.ts projects/old
