package main

import (
	"cmp"
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
	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/registry"
	"github.com/doemu/doemu/hotreload"
)

// devFlags are the flags of doemu dev; those that wrangler dev has mean the same.
type devFlags struct {
	projectFlags
	ip, logLevel, registry string
	port                   portFlag
	watchPoll              bool
	eviction               string
	admin                  adminListenFlags
}

func devCommand(c *console) *cobra.Command {
	f := &devFlags{}
	cmd := &cobra.Command{
		Use:   "dev [path]",
		Short: "Run a project and reload it as it is edited",
		Example: `  doemu dev                      the project in this directory
  doemu dev fixtures/chat        another one
  doemu dev --port 3000 --var GREETING:hello
  doemu dev -c api/wrangler.jsonc -c auth/wrangler.jsonc --port auth=3001
                                 two Workers, each with a port of its own`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return dev(ctx, c, f, append(args, "")[0], cmd.Flags().Changed)
		},
	}
	flags := cmd.Flags()
	f.projectFlags.add(flags, string(emulator.ProductionLimits))
	flags.StringVar(&f.clock, "clock", realClock, "real, or frozen: time passes only when doemu clock makes it")
	flags.StringVar(&f.eviction, "eviction", "prod", "when idle objects leave memory: prod (after 10s, as on Cloudflare), fast (at once), never, or a duration")
	flags.StringVar(&f.ip, "ip", "127.0.0.1", "address to listen on")
	flags.Var(&f.port, "port", "port of the Worker, 8787 or the next free one if not given; 0 for any. With -c several times that of the first; NAME=PORT is for another one")
	flags.StringVar(&f.registry, "registry", cmp.Or(os.Getenv("DOEMU_REGISTRY"), registry.DefaultDir()), "directory by which running sessions find each other's Workers; empty to be on its own (DOEMU_REGISTRY)")
	f.admin.add(flags)
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
	if err := f.admin.check(); err != nil {
		return err
	}
	options, err := f.options(path)
	if err != nil {
		return err
	}
	if options.Eviction, err = durable.ParseEviction(f.eviction); err != nil {
		return usageError{fmt.Errorf("--eviction: %w", err)}
	}
	options.Log, options.Registry = screen.logger(), f.registry
	options.BuildLog = func(line string) { screen.line("[custom build] " + line) }

	// Ports first: a port that is taken is known at once, and a browser that comes early waits.
	workers, err := f.port.listenAll(f.ip, readProjects(options.Workers))
	if err != nil {
		return err
	}
	defer closeAll(workers)
	url := func(worker int) string { return "http://" + shownAddress(workers[worker]) }
	admin, err := listen(f.admin.ip, f.admin.port, asked("admin-port"), "--admin-port")
	if err != nil {
		return err
	}
	defer admin.Close()

	e, diagnostics, err := emulator.New(ctx, options)
	for _, d := range diagnostics {
		screen.diagnostics(d)
	}
	if err != nil {
		screen.failure(err)
		return shownError{err}
	}
	read := time.Now()
	urls := map[string]string{}
	for n := range workers {
		urls[e.Services()[n].Project().Name] = url(n)
	}
	withdraw := func() error { return nil }
	if dir := e.StateDir(); dir != "" {
		// The state directory is the one that --persist-to names; wrangler's version is below it.
		withdraw, err = announce(filepath.Dir(dir), running{
			URL: url(0), AdminURL: "http://" + shownAddress(admin), Project: e.Services()[0].Project().Name, Workers: urls,
		})
		if err != nil {
			return errors.Join(err, e.Close())
		}
	}
	stopListening := e.Journal().Listen(screen.event)
	reload := func(ctx context.Context, s *emulator.Service) error {
		began := time.Now()
		diagnostics, err := s.Reload(ctx)
		screen.diagnostics(diagnostics)
		if err != nil {
			screen.failure(err)
			screen.line("The code from before goes on serving.")
			return err
		}
		screen.reloaded(s.Project().Name, s.Generation().Number, time.Since(began))
		return nil
	}
	adminOptions := f.admin.options()
	adminOptions.Reload = reload
	servers := []*http.Server{
		{Handler: adminapi.New(e, adminOptions), ReadHeaderTimeout: 10 * time.Second},
	}
	go serve(servers[0], admin, screen)
	for n, l := range workers {
		s := &http.Server{Handler: adminapi.Explorer(e, e.Services()[n]), ReadHeaderTimeout: 30 * time.Second}
		servers = append(servers, s)
		go serve(s, l, screen)
	}
	for _, s := range e.Services() {
		if err := s.Failed(); err != nil {
			screen.failure(err)
		}
	}
	connections := connectionsOf(e)
	screen.banner(e, urls, "http://"+shownAddress(admin), time.Since(began))

	ctx, quit := context.WithCancel(ctx)
	defer quit()
	stopWatching, err := e.WatchSessions(func() {
		now := connectionsOf(e)
		screen.connected(connections, now)
		connections = now
	})
	if err != nil {
		screen.line("Other sessions that come and go are not shown: " + err.Error())
	}
	defer stopWatching()
	for _, s := range e.Services() {
		watcher := &hotreload.Watcher{Files: s.Files, Changed: func(string) { _ = reload(ctx, s) }, Since: read} // the screen has shown the error
		if f.watchPoll {
			watcher.Poll = pollInterval
		}
		go func() {
			if err := watcher.Run(ctx); err != nil {
				screen.line("Files cannot be watched (" + err.Error() + "). Try --watch-poll.")
			}
		}()
	}
	reloadAll := func() {
		for _, s := range e.Services() {
			_ = reload(ctx, s) // the screen has shown the error
		}
	}
	restore := screen.hotKeys(ctx, c.in, hotKeys{url(0), reloadAll, quit})
	<-ctx.Done()
	restore()
	screen.line("Shutting down")
	stopListening()
	for _, s := range servers {
		s.Close()
	}
	if err := errors.Join(withdraw(), e.Close()); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// readProjects reads the configurations for what must be known before the Workers are built. One that
// cannot be read is passed over: building says why.
func readProjects(workers []config.Options) []*config.Project {
	var projects []*config.Project
	for _, options := range workers {
		options.Now = time.Now()
		project, _, err := config.Load(options)
		if err != nil {
			project = &config.Project{}
		}
		projects = append(projects, project)
	}
	return projects
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
