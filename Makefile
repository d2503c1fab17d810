# The commands of the repository. `make check` is what has to pass before a commit.

.PHONY: build test race lint cross check archives npm release vendor engine web screenshots bench soak

GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.14.0

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/doemu ./cmd/doemu

test:
	go test ./...

race:
	go test -race ./...

lint:
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go vet ./...
	$(GOLANGCI) run

# A static binary for every system that doemu runs on.
cross:
	for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
	  echo $$target; CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -trimpath -o /dev/null ./cmd/doemu || exit 1; \
	done

check: lint test cross
	go mod tidy -diff

# What is released, in dist: archives of the binaries, their checksums and the completions of shells; the npm packages.
DIST ?= dist
archives:
	.ci/release $(VERSION) $(DIST)

release: archives npm
	cd $(DIST) && sha256sum doemu_* npm/*.tgz > SHA256SUMS

# The npm packages, in dist/npm: doemu, and one with the binary for each platform.
VERSION ?= 0.0.0-dev
NPM ?= $(DIST)/npm
npm:
	cd adminapi/client && rm -rf dist && npm ci --no-audit --no-fund && npm run build && node scripts/pack.mjs $(abspath $(NPM)) $(VERSION) $(PLATFORMS)

# What of npm runs inside the isolates, bundled anew.
vendor:
	emulator/platform/vendored/build.sh

# The JavaScript engine: QuickJS to WebAssembly, and that to Go. Debian's clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32
# and the submodule are needed for the first half.
engine:
	git submodule update --init emulator/isolate/internal/quickjs/source/quickjs-ng
	emulator/isolate/internal/quickjs/build.sh
	go run ./emulator/isolate/internal/translate -o emulator/isolate/internal/module/module.go emulator/isolate/internal/quickjs/quickjs.wasm

# The page: its types from the API's document, and its built form, which is committed.
web:
	cd web && npm ci --no-audit --no-fund --ignore-scripts && npm run --silent schema && npm run --silent check && npm run --silent test && npm run --silent build

# The pictures of the page in docs, by its test in a browser: NODE_PATH has to lead to playwright-core and axe-core.
CHROMIUM ?= $(shell command -v chromium)
screenshots: build
	node web/test/browser/main.cjs bin/doemu $(CHROMIUM) --screenshots docs/screenshots

# A minute of random requests, messages, alarms, evictions, reloads and failures; 100,000 calls with callbacks.
soak:
	go test -race -run TestSoak -timeout 10m -v ./emulator -soak 60s
	go test -run TestRPC_steady -timeout 10m -v ./fixtures -calls 100000
	go test -run TestAlarms_atOnce -timeout 20m -v ./emulator -alarms 10000

bench:
	go test -run '^$$' -bench . ./...
