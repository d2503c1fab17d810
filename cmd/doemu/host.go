package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/hotreload"
)

// hostFlags are those of the commands that serve projects.
type hostFlags struct {
	projectFlags
	ip, logLevel, registry string
	port                   portFlag
	eviction               string
	admin                  adminListenFlags
}

// hostDefaults are what the commands that serve projects begin with.
type hostDefaults struct {
	freePorts bool // any, whatever the configuration says
	adminPort int
	logLevel  string
	registry  string
}

func (f *hostFlags) add(flags *pflag.FlagSet, defaults hostDefaults) {
	f.projectFlags.add(flags, string(emulator.ProductionLimits))
	flags.StringVar(&f.clock, "clock", realClock, "real, or frozen: time passes only when doemu clock makes it")
	flags.StringVar(&f.eviction, "eviction", "prod", "when idle objects leave memory: prod (after 10s, as on Cloudflare), fast (at once), never, or a duration")
	flags.StringVar(&f.ip, "ip", "127.0.0.1", "address to listen on")
	f.port.free = defaults.freePorts
	port := "port of the Worker, 8787 or the next free one if not given; 0 for any"
	if defaults.freePorts {
		port = "port of the Worker, any free one if not given"
	}
	flags.Var(&f.port, "port", port+". With -c several times that of the first; NAME=PORT is for another one")
	flags.StringVar(&f.registry, "registry", defaults.registry, "directory by which running sessions find each other's Workers; empty to be on its own")
	f.admin.add(flags, defaults.adminPort)
	flags.StringVar(&f.logLevel, "log-level", defaults.logLevel, "least important messages to show: debug, info, log, warn, error or none")
}

// hosted is what runs: projects, and the servers in front of them.
type hosted struct {
	emulator *emulator.Emulator
	url      string            // of the first Worker
	urls     map[string]string // of the Workers that answer HTTP, by their names
	adminURL string
	read     time.Time     // when the files began to be read
	took     time.Duration // to start
	reload   func(ctx context.Context, s *emulator.Service) error
}

// host starts projects, calls during, and ends them when it returns, with all state on disk.
func (f *hostFlags) host(ctx context.Context, cmd *cobra.Command, v view, path string, during func(h *hosted) error) error {
	began := time.Now()
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
	options.Log, options.Registry = v.logger(), f.registry
	if f.registry != "" && !cmd.Flags().Changed("registry") {
		// In a container there may be no place for it, and no other session either.
		if err := os.MkdirAll(f.registry, 0o700); err != nil {
			options.Log.Info("other sessions are not looked for", "err", err)
			options.Registry = ""
		}
	}

	// Ports first: a port that is taken is known at once, and a browser that comes early waits.
	workers, err := f.port.listenAll(f.ip, readProjects(options.Workers))
	if err != nil {
		return err
	}
	defer closeAll(workers)
	admin, err := listen(f.admin.ip, f.admin.port, cmd.Flags().Changed("admin-port"), "--admin-port")
	if err != nil {
		return err
	}
	defer admin.Close()

	starts := newProgress(cmd.ErrOrStderr(), "starting; the first time, the engine is compiled for this machine")
	options.BuildLog = func(line string) {
		starts.end() // the build tells by itself how far it is
		v.buildLine(line)
	}
	starts.begin()
	// What was written just before the start has been read.
	read := time.Now().Add(hotreload.Coarse)
	e, diagnostics, err := emulator.New(ctx, options)
	starts.end()
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
	h := &hosted{
		emulator: e, read: read, urls: map[string]string{},
		url: "http://" + shownAddress(workers[0]), adminURL: "http://" + shownAddress(admin),
	}
	for n, l := range workers {
		h.urls[e.Services()[n].Project().Name] = "http://" + shownAddress(l)
	}
	withdraw := func() error { return nil }
	if dir := e.StateDir(); dir != "" {
		// The state directory is the one that --persist-to names; wrangler's version is below it.
		withdraw, err = announce(filepath.Dir(dir), running{
			URL: h.url, AdminURL: h.adminURL, Project: e.Services()[0].Project().Name, Workers: h.urls,
		})
		if err != nil {
			return errors.Join(err, e.Close())
		}
	}
	stopListening := e.Journal().Listen(v.event)
	h.reload = func(ctx context.Context, s *emulator.Service) error {
		began := time.Now()
		diagnostics, err := s.Reload(ctx)
		v.diagnostics(diagnostics)
		if err != nil {
			v.reloadFailed(err)
			return err
		}
		v.findings(e.Findings())
		v.reloaded(s.Project().Name, s.Generation().Number, time.Since(began))
		return nil
	}
	adminOptions := f.admin.options()
	adminOptions.Reload = h.reload
	adminOptions.ListenWorld = func() (net.Listener, error) { return net.Listen("tcp", net.JoinHostPort(f.ip, "0")) }
	adminOptions.Listeners = map[string]string{"admin": shownAddress(admin)}
	for n, l := range workers {
		adminOptions.Listeners[e.Services()[n].Project().Name] = shownAddress(l)
	}
	servers := []*http.Server{
		{Handler: adminapi.New(e, adminOptions), ReadHeaderTimeout: 10 * time.Second},
	}
	go serveHTTP(servers[0], admin, v)
	for n, l := range workers {
		s := &http.Server{Handler: adminapi.WorkerPort(e, e.Services()[n], adminOptions), ReadHeaderTimeout: 30 * time.Second}
		servers = append(servers, s)
		go serveHTTP(s, l, v)
	}
	for _, s := range e.Services() {
		if err := s.Failed(); err != nil {
			v.failure(err)
		}
	}
	v.findings(e.Findings())
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
