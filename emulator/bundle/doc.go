// Package bundle turns the sources of a Worker into the modules that run: with
// esbuild and wrangler's options, or file by file for projects that do their
// own bundling. Everything stays in memory.
//
// The engine is QuickJS, not V8, and reads ES2023 plus most of what came
// later. What it cannot parse would make the whole module fail, so esbuild
// lowers it; see engineTarget.
//
// https://developers.cloudflare.com/workers/wrangler/bundling/
package bundle
