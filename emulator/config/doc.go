// Package config reads a Workers project: its wrangler.json, wrangler.jsonc or
// wrangler.toml, the chosen environment, and the variables of .dev.vars and
// .env files. The result is one immutable Project. What is wrong or doubtful in
// the files is said in wrangler's own words.
//
// The package reads no environment variables, no clock and no working
// directory by itself: all of them are in Options.
//
// https://developers.cloudflare.com/workers/wrangler/configuration/
package config
