package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
)

// projectFlags say which projects a command runs and where it keeps their state; those that wrangler
// has mean the same.
type projectFlags struct {
	configs, envFiles, vars           []string
	env, persistTo, compatibilityDate string
	limits                            string
	ephemeral                         bool
	seedFlags
	clock string
}

func (f *projectFlags) add(flags *pflag.FlagSet, limits string) {
	flags.StringArrayVarP(&f.configs, "config", "c", nil, "configuration file; given more than once, the Workers run together and the first answers HTTP")
	flags.StringVarP(&f.env, "env", "e", "", "environment of the configuration")
	flags.StringVar(&f.persistTo, "persist-to", "", "directory to keep state in, instead of .wrangler/state")
	flags.BoolVar(&f.ephemeral, "ephemeral", false, "keep all state in memory")
	flags.StringArrayVar(&f.vars, "var", nil, "a variable as NAME:VALUE")
	flags.StringArrayVar(&f.envFiles, "env-file", nil, "file with variables, instead of .dev.vars and .env")
	flags.StringVar(&f.compatibilityDate, "compatibility-date", "", "compatibility date, instead of the configuration's")
	f.seedFlags.add(flags)
	f.clock = realClock
	flags.StringVar(&f.limits, "limits", limits, "limits of storage: production, workerd or off")
}

// options are the emulator's for the project at a path, or for the configurations that were named.
func (f *projectFlags) options(path string) (emulator.Options, error) {
	dir, err := os.Getwd()
	if err != nil {
		return emulator.Options{}, err
	}
	if f.persistTo != "" && f.ephemeral {
		return emulator.Options{}, usageError{errors.New("--persist-to and --ephemeral exclude each other")}
	}
	limits := emulator.LimitProfile(f.limits)
	switch limits {
	case emulator.ProductionLimits, emulator.WorkerdLimits, emulator.NoLimits:
	default:
		return emulator.Options{}, usageError{fmt.Errorf("--limits is production, workerd or off, not %q", f.limits)}
	}
	state := f.persistTo
	if state != "" {
		if state, err = filepath.Abs(state); err != nil {
			return emulator.Options{}, err
		}
	}
	configs := f.configs
	if len(configs) == 0 {
		configs = []string{""}
	}
	options := emulator.Options{StateDir: state, Ephemeral: f.ephemeral, Limits: limits}
	if err := f.apply(&options, f.clock); err != nil {
		return emulator.Options{}, err
	}
	for _, file := range configs {
		options.Workers = append(options.Workers, config.Options{
			WorkDir: dir, Path: path, ConfigPath: file, Env: f.env, EnvFiles: f.envFiles, Vars: f.vars,
			CompatibilityDate: f.compatibilityDate, Environ: os.Environ(),
		})
	}
	return options, nil
}
