package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Kind says how a module is evaluated.
type Kind string

// The kinds of modules. A Script is a Worker in the service-worker format.
const (
	ESModule     Kind = "ESModule"
	CommonJS     Kind = "CommonJS"
	Text         Kind = "Text"
	Data         Kind = "Data"
	JSON         Kind = "JSON"
	CompiledWasm Kind = "CompiledWasm"
	Script       Kind = "Script"
)

// Format is the way in which a Worker is written.
type Format string

// The formats: an entry point with a default export, or a script that calls
// addEventListener.
const (
	Modules       Format = "modules"
	ServiceWorker Format = "service-worker"
)

// Module is one module of a Worker. Name is what imports resolve to: a path
// with slashes, relative to the directory of the entry module.
type Module struct {
	Name   string
	Kind   Kind
	Source []byte
	// SourceMap is a source map (version 3), or nil.
	SourceMap []byte
	// File is the absolute path of the file that the module is a copy of, or
	// "" for what esbuild made.
	File string
}

// Bundle is a Worker that can run. It is not changed after Build.
type Bundle struct {
	Format Format
	// Modules start with the entry module.
	Modules []Module
	// Entry is the name of the entry module.
	Entry string
	// Globals are, in the service-worker format, the imported text, data and
	// WebAssembly files: global variables with the module's name.
	Globals []Module
	// Exports are the names that the entry module exports, sorted.
	Exports []string
	// Inputs are the absolute paths of all files that were read, sorted.
	Inputs []string
	// Warnings are doubts that did not stop the build.
	Warnings []Message
	// Hash identifies the code: equal bundles have equal hashes.
	Hash string
	// Root is the directory that source maps are relative to.
	Root string
}

// Module returns the module with this name, or nil.
func (b *Bundle) Module(name string) *Module {
	for i := range b.Modules {
		if b.Modules[i].Name == name {
			return &b.Modules[i]
		}
	}
	return nil
}

func (b *Bundle) seal() {
	hash := sha256.New()
	for _, list := range [][]Module{b.Modules, b.Globals} {
		for _, m := range list {
			fmt.Fprintf(hash, "%s\x00%s\x00%d\x00", m.Name, m.Kind, len(m.Source))
			hash.Write(m.Source)
		}
	}
	hash.Write([]byte(b.Format))
	b.Hash = hex.EncodeToString(hash.Sum(nil))
}
