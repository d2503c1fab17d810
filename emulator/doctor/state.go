package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/machine"
)

// stateDir is where the state would be, or "" for none.
func (e *exam) stateDir() string {
	switch {
	case e.options.Emulator.Ephemeral:
		return ""
	case e.options.Emulator.StateDir != "":
		return e.options.Emulator.StateDir
	case len(e.projects) > 0:
		return e.projects[0].StateDir
	}
	return ""
}

// state looks at the state directory.
func (e *exam) state(context.Context) (found []check.Finding) {
	dir := e.stateDir()
	if dir == "" {
		return nil
	}
	root := filepath.Join(dir, "v3")
	if _, err := os.Stat(root); err != nil {
		return writable("directory in which state would be", existing(root))
	}
	found = append(writable("state directory", root), e.held(dir, root)...)
	found = append(found, e.namespaces(filepath.Join(root, "do"))...)
	recorded, err := emulator.RecordedMigrations(dir)
	if err != nil {
		return append(found, failed(err.Error(), "Remove the file: it only serves to tell of changed migrations."))
	}
	for _, p := range e.projects {
		found = append(found, check.Migrations(p, recorded[p.Name])...)
	}
	return found
}

// existing is a directory or, if it is not there, the nearest above it that is.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// writable tells whether files can be made in a directory.
func writable(what, dir string) []check.Finding {
	if err := machine.Writable(dir); err != nil {
		return []check.Finding{failed(fmt.Sprintf("The %s cannot be written to: %v", what, err), "Change its owner or its permissions, choose another with --persist-to, or keep state in memory with --ephemeral.")}
	}
	return nil
}

// held tells who holds the state directory.
func (e *exam) held(dir, root string) []check.Finding {
	locked, err := storage.Holder(root)
	switch {
	case err != nil:
		return []check.Finding{failed(fmt.Sprintf("The state directory cannot be locked: %v", err), "Choose one on a local disk with --persist-to.")}
	case locked == nil:
		return nil
	}
	if e.options.Running != nil {
		r, err := e.options.Running(dir)
		switch {
		case err != nil:
			return []check.Finding{warned(err.Error(), "Stop the doemu that runs, and start it again.")}
		case r != nil:
			return []check.Finding{noted(fmt.Sprintf("doemu runs on this state: process %d, %s, with the admin API on %s.", r.PID, r.URL, r.AdminURL), "")}
		}
	}
	return []check.Finding{warned(sentence(locked), "")}
}

// classDir is the directory of a class of a Worker: names of classes have no hyphen.
var classDir = regexp.MustCompile(`^(.+)-([A-Za-z_$][A-Za-z0-9_$]*)$`)

// namespaces looks at the directories of the classes.
func (e *exam) namespaces(dir string) (found []check.Finding) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return []check.Finding{failed(fmt.Sprintf("The state cannot be read: %v", err), "Change its owner or its permissions.")}
	}
	for _, entry := range entries {
		part := classDir.FindStringSubmatch(entry.Name())
		if !entry.IsDir() || part == nil {
			continue
		}
		objects, damaged := databases(filepath.Join(dir, entry.Name()))
		found = append(found, damaged...)
		n := slices.IndexFunc(e.projects, func(p *config.Project) bool { return p.Name == part[1] })
		if objects == 0 || n < 0 || slices.ContainsFunc(e.projects[n].Classes, func(c config.Class) bool { return c.Name == part[2] }) {
			continue
		}
		found = append(found, orphaned(e.projects[n], part[2], objects, filepath.Join(dir, entry.Name())))
	}
	return found
}

// orphaned tells of objects whose class the project does not have.
func orphaned(p *config.Project, class string, objects int, dir string) check.Finding {
	many := fmt.Sprintf("%d objects", objects)
	if objects == 1 {
		many = "1 object"
	}
	f := warned(fmt.Sprintf("The state has %s of the class %s, which %s does not have.", many, class, p.Name),
		fmt.Sprintf("If the class is gone for good, delete %s.", dir))
	for _, m := range p.Migrations {
		for _, r := range m.RenamedClasses {
			if r.From == class {
				f.Text = fmt.Sprintf("The state has %s of the class %s, which the migration %q renames to %s: locally state does not move, with wrangler neither.", many, class, m.Tag, r.To)
				f.Fix = fmt.Sprintf("To keep them, rename %s to %s-%s: ids that come from names are others then. To drop them, delete it.", dir, p.Name, r.To)
			}
		}
	}
	return f
}

// header is how every SQLite database begins.
var header = []byte("SQLite format 3\x00")

// mostDamaged is how many files are told of.
const mostDamaged = 5

// databases counts the objects in a directory, and tells of files that cannot be read or are no databases.
func databases(dir string) (objects int, found []check.Finding) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, []check.Finding{failed(fmt.Sprintf("The state cannot be read: %v", err), "Change its owner or its permissions.")}
	}
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), ".sqlite")
		if !ok {
			continue
		}
		if name != "metadata" && !strings.Contains(name, ".") {
			objects++
		}
		file := filepath.Join(dir, entry.Name())
		if err := database(file); err != nil && len(found) < mostDamaged {
			found = append(found, failed(fmt.Sprintf("%s: %v", file, err), "Its object cannot start. Restore the file, or delete it and those that begin as it does."))
		}
	}
	return objects, found
}

// database tells whether a file can be opened for writing and begins as a database does.
func database(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	begin := make([]byte, len(header))
	switch n, err := io.ReadFull(f, begin); {
	case n == 0: // SQLite has made it and written nothing yet
	case err != nil, !bytes.Equal(begin, header):
		return errors.New("this is no SQLite database")
	}
	return nil
}
