#!/usr/bin/env bash
# build.sh [OUTPUT]: makes quickjs.wasm of the QuickJS in source/quickjs-ng, the patches and face.c. The same sources and
# compiler give the same bytes.
set -euo pipefail
cd "$(dirname "$0")"
output=$(realpath "${1:-quickjs.wasm}")
for tool in clang-19 wasm-ld-19; do
  command -v $tool >/dev/null || { echo "$tool is missing: apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32" >&2; exit 1; }
done
[ -e source/quickjs-ng/quickjs.c ] || { echo "source/quickjs-ng is empty: git submodule update --init" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp source/quickjs-ng/*.[ch] source/face.c "$work"
cd "$work"
for patch in "$OLDPWD"/source/patches/*.patch; do
  patch --quiet --strip=1 < "$patch"
done
flags=(--target=wasm32-wasi -O2 -DNDEBUG -D_GNU_SOURCE -DQUICKJS_NG_BUILD -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_SIGNAL -I.
  -Wno-everything -fno-strict-aliasing -mbulk-memory -msign-ext -mnontrapping-fptoint -mmultivalue -ffunction-sections -fdata-sections)
for unit in face libregexp libunicode dtoa; do
  clang-19 "${flags[@]}" -c $unit.c -o $unit.o
done
clang-19 --target=wasm32-wasi -O2 -mexec-model=reactor face.o libregexp.o libunicode.o dtoa.o -lm -fuse-ld=lld \
  -Wl,--stack-first,-z,stack-size=2097152,--gc-sections,--strip-debug -o quickjs.wasm
install -m 644 quickjs.wasm "$output"
