package platform

import (
	"embed"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

//go:embed src
var source embed.FS

// Source is TypeScript of another package that runs in every isolate: it is bundled behind the
// platform, whose modules it imports as doemu-internal:platform/<path>.
type Source struct {
	Name  string
	Files fs.FS
	Entry string
}

const internalPrefix = "doemu-internal:"

// Bundle makes one script of the platform and further sources.
func Bundle(extra ...Source) ([]byte, error) {
	files, err := fs.Sub(source, "src")
	if err != nil {
		return nil, err
	}
	sources := map[string]fs.FS{"platform": files}
	entry := "import \"" + internalPrefix + "platform/main.ts\";\n"
	for _, s := range extra {
		sources[s.Name] = s.Files
		entry += fmt.Sprintf("import %q;\n", internalPrefix+s.Name+"/"+s.Entry)
	}
	entry += "import \"" + internalPrefix + "platform/finish.ts\";\n"
	result := api.Build(api.BuildOptions{
		Stdin:       &api.StdinOptions{Contents: entry, Sourcefile: "doemu:platform", Loader: api.LoaderTS},
		Bundle:      true,
		Format:      api.FormatIIFE,
		Target:      api.ES2023,
		TreeShaking: api.TreeShakingFalse,
		Plugins:     []api.Plugin{internalFiles(sources)},
		LogLevel:    api.LogLevelSilent,
		Write:       false,
	})
	if len(result.Errors) > 0 {
		texts := api.FormatMessages(result.Errors, api.FormatMessagesOptions{Kind: api.ErrorMessage})
		return nil, errors.New("bundle the platform: " + strings.Join(texts, "\n"))
	}
	return result.OutputFiles[0].Contents, nil
}

// HashSources writes everything that Bundle would read into h.
func HashSources(h hash.Hash, extra ...Source) error {
	files, err := fs.Sub(source, "src")
	if err != nil {
		return err
	}
	for _, s := range append([]Source{{Name: "platform", Files: files}}, extra...) {
		err := fs.WalkDir(s.Files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(s.Files, name)
			fmt.Fprintln(h, s.Name, name, len(b))
			h.Write(b)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// internalFiles lets esbuild read the embedded sources.
func internalFiles(sources map[string]fs.FS) api.Plugin {
	const namespace = "doemu"
	return api.Plugin{Name: namespace, Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: "^" + internalPrefix}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: strings.TrimPrefix(a.Path, internalPrefix), Namespace: namespace}, nil
		})
		b.OnResolve(api.OnResolveOptions{Filter: `^\.\.?/`, Namespace: namespace}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: path.Join(path.Dir(a.Importer), a.Path), Namespace: namespace}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: namespace}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			name, file, _ := strings.Cut(a.Path, "/")
			files, ok := sources[name]
			if !ok {
				return api.OnLoadResult{}, fmt.Errorf("no source named %q", name)
			}
			text, err := fs.ReadFile(files, file)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			contents, loader := string(text), api.LoaderTS
			if strings.HasSuffix(file, ".js") {
				loader = api.LoaderJS
			}
			return api.OnLoadResult{Contents: &contents, Loader: loader}, nil
		})
	}}
}
