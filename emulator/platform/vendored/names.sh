#!/usr/bin/env bash
# Writes ../node/names.json: what the Node modules of workerd export, at a date at which all of them are there.
# WORKERD is the binary.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
cp names.mjs "$work"
cat > "$work/config.capnp" <<'CAPNP'
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "names", esModule = embed "names.mjs")], compatibilityDate = "2026-11-01"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
CAPNP
mkfifo "$work/control"
"$WORKERD" serve "$work/config.capnp" --control-fd=3 3<>"$work/control" &
pid=$!
read -r line < "$work/control"
port=$(sed 's/.*"port":\([0-9]*\).*/\1/' <<<"$line")
curl -sf "http://127.0.0.1:$port/" > "$work/names.json"
mv "$work/names.json" ../node/names.json
