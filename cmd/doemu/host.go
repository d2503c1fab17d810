package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
)

// hostFlags are those of the commands that serve projects.
type hostFlags struct {
	projectFlags
	ip, logLevel    string
	port, adminPort int
	eviction        string
}

// hostDefaults are what the commands that serve projects begin with.
type hostDefaults struct {
	port, adminPort int
	logLevel        string
}

var usualHost = hostDefaults{8787, 8788, "log"}

func (f *hostFlags) add(flags *pflag.FlagSet, defaults hostDefaults) {
	f.projectFlags.add(flags, string(emulator.ProductionLimits))
	flags.StringVar(&f.clock, "clock", realClock, "real, or frozen: time passes only when doemu clock makes it")
	flags.StringVar(&f.eviction, "eviction", "prod", "when idle objects leave memory: prod (after 10s, as on Cloudflare), fast (at once), never, or a duration")
	flags.StringVar(&f.ip, "ip", "127.0.0.1", "address to listen on")
	flags.IntVar(&f.port, "port", defaults.port, "port of the Worker; 0 for any")
	flags.IntVar(&f.adminPort, "admin-port", defaults.adminPort, "port of the admin API; 0 for any")
	flags.StringVar(&f.logLevel, "log-level", defaults.logLevel, "least important messages to show: debug, info, log, warn, error or none")
}

// hosted is what runs: projects, and the two servers in front of them.
type hosted struct {
	emulator      *emulator.Emulator
	url, adminURL string
	took          time.Duration // to start
	reload        func(ctx context.Context, s *emulator.Service)
}

// host starts projects, calls during, and ends them when it returns, with all state on disk.
func (f *hostFlags) host(ctx context.Context, cmd *cobra.Command, v view, path string, during func(h *hosted) error) error {
	began := time.Now()
	options, err := f.options(path)
	if err != nil {
		return err
	}
	if options.Eviction, err = durable.ParseEviction(f.eviction); err != nil {
		return usageError{fmt.Errorf("--eviction: %w", err)}
	}
	options.Log = v.logger()
	options.BuildLog = v.buildLine

	// Ports first: a port that is taken is known at once, and a browser that comes early waits.
	asked := cmd.Flags().Changed
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
	for _, d := range diagnostics {
		v.diagnostics(d)
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v.failure(err)
		return shownError{err}
	}
	h := &hosted{emulator: e, url: "http://" + shownAddress(worker), adminURL: "http://" + shownAddress(admin)}
	withdraw := func() error { return nil }
	if dir := e.StateDir(); dir != "" {
		// The state directory is the one that --persist-to names; wrangler's version is below it.
		withdraw, err = announce(filepath.Dir(dir), running{URL: h.url, AdminURL: h.adminURL, Project: e.Services()[0].Project().Name})
		if err != nil {
			return errors.Join(err, e.Close())
		}
	}
	stopListening := e.Journal().Listen(v.event)
	h.reload = func(ctx context.Context, s *emulator.Service) {
		began := time.Now()
		diagnostics, err := s.Reload(ctx)
		v.diagnostics(diagnostics)
		if err != nil {
			v.reloadFailed(err)
			return
		}
		v.reloaded(s.Project().Name, s.Generation().Number, time.Since(began))
	}
	servers := []*http.Server{
		{Handler: e, ReadHeaderTimeout: 30 * time.Second},
		{Handler: adminapi.New(e, adminapi.Options{}), ReadHeaderTimeout: 10 * time.Second},
	}
	go serveHTTP(servers[0], worker, v)
	go serveHTTP(servers[1], admin, v)
	for _, s := range e.Services() {
		if err := s.Failed(); err != nil {
			v.failure(err)
		}
	}
	h.took = time.Since(began)
	ended := during(h)
	v.ending()
	stopListening()
	for _, s := range servers {
		s.Close()
	}
	if err := errors.Join(withdraw(), e.Close()); err != nil {
		return errors.Join(ended, fmt.Errorf("write state: %w", err))
	}
	return ended
}
