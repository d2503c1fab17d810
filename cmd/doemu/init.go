package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doemu/doemu/fixtures"
)

func initCommand(c *console) *cobra.Command {
	var template string
	cmd := &cobra.Command{
		Use:   "init [dir]",
		Short: "Write a small project to begin with",
		Long:  "Writes a small TypeScript project with a Durable Object into a directory that is empty or new.\n\nTemplates:\n" + describedTemplates(),
		Example: `  doemu init my-app && cd my-app && doemu dev
  doemu init my-chat --template chat`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: completeDirectory,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := append(args, ".")[0]
			if err := initProject(dir, template); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "The project %s is in %s. What it does, and what to try, is in its README.md.\n\n", template, dir)
			if dir != "." {
				fmt.Fprintf(c.out, "  cd %s\n", dir)
			}
			fmt.Fprintln(c.out, "  doemu dev")
			return nil
		},
	}
	cmd.Flags().StringVar(&template, "template", "counter", "what to begin with: "+strings.Join(fixtures.Names(), ", "))
	// Only a second registration of the same flag fails.
	_ = cmd.RegisterFlagCompletionFunc("template", cobra.FixedCompletions(fixtures.Names(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// describedTemplates lists the templates with what their README says first.
func describedTemplates() string {
	var b strings.Builder
	for _, name := range fixtures.Names() {
		about := ""
		if files, err := fixtures.Files(name); err == nil {
			if readme, err := fs.ReadFile(files, "README.md"); err == nil {
				about = strings.SplitN(string(readme)+"\n\n\n", "\n", 4)[2]
			}
		}
		about, _, _ = strings.Cut(about, ". ")
		fmt.Fprintf(&b, "  %-12s %s\n", name, strings.TrimSuffix(about, "."))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// initProject writes the project of a template.
func initProject(dir, template string) error {
	if !slices.Contains(fixtures.Names(), template) {
		return usageError{fmt.Errorf("there is no template %q, only: %s", template, strings.Join(fixtures.Names(), ", "))}
	}
	files, err := fixtures.Files(template)
	if err != nil {
		return err
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(full, 0o777); err != nil {
		return fmt.Errorf("make the project's directory: %w", err)
	}
	there, err := os.ReadDir(full)
	if err != nil {
		return fmt.Errorf("look into the project's directory: %w", err)
	}
	for _, entry := range there {
		if entry.Name() != ".git" {
			return fmt.Errorf("%s is not empty: it has %s. Name a new directory, as in: doemu init %s", dir, entry.Name(), template)
		}
	}
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		switch path {
		case "wrangler.jsonc":
			text = bytes.Replace(text, []byte(`"name": "`+template+`"`), []byte(`"name": "`+workerName(full, template)+`"`), 1)
		case "README.md":
			text = append(bytes.ReplaceAll(text, []byte("doemu dev fixtures/"+template), []byte("doemu dev")), initReadme...)
		}
		return writeNew(filepath.Join(full, filepath.FromSlash(path)), text)
	})
	if err != nil {
		return err
	}
	return initTools(full, workerName(full, template))
}

// initReadme comes after what the template's README says.
const initReadme = `
## Commands

    doemu dev               # run it here, and reload it as it is edited
    npm install && npm test # its tests, in vitest: each has a world of its own
    docker compose up       # run it in a container, beside other services
    npx wrangler deploy     # put it on Cloudflare, unchanged
`

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

var notInWorkerNames = regexp.MustCompile(`[^a-z0-9]+`)

// workerName makes the name of a Worker from that of its directory: letters, digits and dashes, no longer
// than the label of a host name.
func workerName(dir, otherwise string) string {
	name := notInWorkerNames.ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-")
	name = strings.Trim(name[:min(len(name), 63)], "-")
	if name == "" {
		return otherwise
	}
	return name
}
