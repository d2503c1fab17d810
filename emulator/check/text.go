package check

import (
	"path/filepath"
	"strings"

	"github.com/doemu/doemu/emulator/config"
)

// indent puts the lines after the first where those of a finding stand.
func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

// configName is how messages call the configuration file.
func configName(p *config.Project) string { return filepath.Base(p.ConfigPath) }

// seen is a place in the configuration as seen from its directory.
func seen(p *config.Project, pos config.Position) config.Position {
	pos.File = configName(p)
	return pos
}

// shown is seen as text.
func shown(p *config.Project, pos config.Position) string { return seen(p, pos).String() }
