package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/hotreload"
)

// devFlags are the flags of doemu dev; those that wrangler dev has mean the same.
type devFlags struct {
	config, env, ip, persistTo, logLevel string
	envFiles, vars                       []string
	port, adminPort                      int
	compatibilityDate                    string
	ephemeral, watchPoll                 bool
}

func devCommand(c *console) *cobra.Command {
	f := &devFlags{}
	cmd := &cobra.Command{
		Use:   "dev [path]",
		Short: "Run a project and reload it as it is edited",
		Example: `  doemu dev                      the project in this directory
  doemu dev fixtures/chat        another one
  doemu dev --port 3000 --var GREETING:hello`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return dev(ctx, c, f, append(args, "")[0], cmd.Flags().Changed)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.config, "config", "c", "", "configuration file")
	flags.StringVarP(&f.env, "env", "e", "", "environment of the configuration")
	flags.StringVar(&f.ip, "ip", "127.0.0.1", "address to listen on")
	flags.IntVar(&f.port, "port", 8787, "port of the Worker; 0 for any")
	flags.IntVar(&f.adminPort, "admin-port", 8788, "port of the admin API; 0 for any")
	flags.StringVar(&f.persistTo, "persist-to", "", "directory to keep state in, instead of .wrangler/state")
	flags.BoolVar(&f.ephemeral, "ephemeral", false, "keep all state in memory")
	flags.StringArrayVar(&f.vars, "var", nil, "a variable as NAME:VALUE")
	flags.StringArrayVar(&f.envFiles, "env-file", nil, "file with variables, instead of .dev.vars and .env")
	flags.StringVar(&f.compatibilityDate, "compatibility-date", "", "compatibility date, instead of the configuration's")
	flags.StringVar(&f.logLevel, "log-level", "log", "least important messages to show: debug, info, log, warn, error or none")
	flags.BoolVar(&f.watchPoll, "watch-poll", false, "look at files instead of waiting for the system to tell of changes")
	return cmd
}

// pollInterval is how often --watch-poll looks.
const pollInterval = 300 * time.Millisecond

func dev(ctx context.Context, c *console, f *devFlags, path string, asked func(flag string) bool) error {
	began := time.Now()
	screen, err := newScreen(c, f.logLevel)
	if err != nil {
		return usageError{err}
	}
	defer screen.close()
	options, err := f.options(path)
	if err != nil {
		return err
	}
	options.Log = screen.logger()
	options.BuildLog = func(line string) { screen.line("[custom build] " + line) }

	// Ports first: a port that is taken is known at once, and a browser that comes early waits.
	worker, err := listen(f.ip, f.port, asked("port"), "--port")
	if err != nil {
		return err
	}
	defer worker.Close()
	admin, err := listen("127.0.0.1", f.adminPort, asked("admin-port"), "--admin-port")
	if err != nil {
		return err
	}
	defer admin.Close()

	e, diagnostics, err := emulator.New(ctx, options)
	screen.diagnostics(diagnostics)
	if err != nil {
		screen.failure(err)
		return shownError{err}
	}
	stopListening := e.Journal().Listen(screen.event)
	state := &reloadState{}
	servers := []*http.Server{
		{Handler: e, ReadHeaderTimeout: 30 * time.Second},
		{Handler: adminapi.New(func() adminapi.Status {
			return adminapi.Status{Generation: e.Generation().Number, Failed: state.failed()}
		}), ReadHeaderTimeout: 10 * time.Second},
	}
	go serve(servers[0], worker, screen)
	go serve(servers[1], admin, screen)
	screen.banner(e, "http://"+shownAddress(worker), "http://"+shownAddress(admin), time.Since(began))

	reload := func() {
		began := time.Now()
		diagnostics, err := e.Reload(ctx)
		state.set(err)
		screen.diagnostics(diagnostics)
		if err != nil {
			screen.failure(err)
			screen.line("The code from before goes on serving.")
			return
		}
		screen.reloaded(e.Generation().Number, time.Since(began))
	}
	watcher := &hotreload.Watcher{Files: e.Files, Changed: func(string) { reload() }}
	if f.watchPoll {
		watcher.Poll = pollInterval
	}
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	go func() {
		if err := watcher.Run(ctx); err != nil {
			screen.line("Files cannot be watched (" + err.Error() + "). Try --watch-poll.")
		}
	}()
	restore := screen.hotKeys(ctx, c.in, hotKeys{"http://" + shownAddress(worker), reload, quit})
	<-ctx.Done()
	restore()
	screen.line("Shutting down")
	stopListening()
	for _, s := range servers {
		s.Close()
	}
	if err := e.Close(); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

func (f *devFlags) options(path string) (emulator.Options, error) {
	dir, err := os.Getwd()
	if err != nil {
		return emulator.Options{}, err
	}
	if f.persistTo != "" && f.ephemeral {
		return emulator.Options{}, usageError{errors.New("--persist-to and --ephemeral exclude each other")}
	}
	state := f.persistTo
	if state != "" {
		if state, err = filepath.Abs(state); err != nil {
			return emulator.Options{}, err
		}
	}
	return emulator.Options{
		Config: config.Options{
			WorkDir: dir, Path: path, ConfigPath: f.config, Env: f.env, EnvFiles: f.envFiles, Vars: f.vars,
			CompatibilityDate: f.compatibilityDate, Environ: os.Environ(),
		},
		StateDir: state, Ephemeral: f.ephemeral, CacheDir: emulator.CacheDir(),
	}, nil
}

// errorText is an error as the screen shows it.
func errorText(err error, color bool) string {
	var build *bundle.BuildError
	var project *config.Error
	switch {
	case errors.As(err, &build):
		return build.Render(color)
	case errors.As(err, &project):
		return project.Render(color)
	}
	return config.Render(config.SeverityError, err.Error(), color)
}
