package main

import (
	"embed"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/envtypes"
)

// toolFiles are what a new project has beside its template: for TypeScript, vitest and containers.
//
//go:embed template
var toolFiles embed.FS

// initTools writes the files by which a new project is checked, tested and run in a container, and the types of its
// env.
func initTools(dir, name string) error {
	release := "*"
	if version != "dev" {
		release = "^" + version
	}
	entries, err := toolFiles.ReadDir("template")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		text, err := toolFiles.ReadFile(path.Join("template", entry.Name()))
		if err != nil {
			return err
		}
		filled := strings.NewReplacer("NAME", name, "VERSION", release).Replace(string(text))
		if err := writeNew(filepath.Join(dir, entry.Name()), []byte(filled)); err != nil {
			return err
		}
	}
	if err := writeNew(filepath.Join(dir, ".gitignore"), []byte("node_modules/\n.wrangler/\n.dev.vars*\n.env*\n")); err != nil {
		return err
	}
	types := filepath.Join(dir, typesFile)
	made, err := envtypes.Generate(envtypes.Options{
		Workers: []config.Options{{WorkDir: dir, Path: dir, Environ: os.Environ(), Now: time.Now()}}, Output: types, Interface: "Env",
	})
	if err != nil {
		return err
	}
	return writeNew(types, []byte(header("doemu types", made.Text)+made.Text+"\n"))
}
