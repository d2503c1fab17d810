package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/registry"
	"github.com/doemu/doemu/hotreload"
)

// devFlags are the flags of doemu dev; those that wrangler dev has mean the same.
type devFlags struct {
	hostFlags
	watchPoll bool
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
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: completeDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			tellWranglerFlags(c.err, cmd.Flags(), wranglerDevFlags)
			return dev(ctx, c, cmd, f, append(args, "")[0])
		},
	}
	f.hostFlags.add(cmd.Flags(), hostDefaults{adminPort: 8788, logLevel: "log", registry: registry.DefaultDir()})
	addWranglerFlags(cmd.Flags(), wranglerDevFlags)
	cmd.Flags().BoolVar(&f.watchPoll, "watch-poll", false, "look at files instead of waiting for the system to tell of changes")
	return cmd
}

// pollInterval is how often --watch-poll looks.
const pollInterval = 300 * time.Millisecond

func dev(ctx context.Context, c *console, cmd *cobra.Command, f *devFlags, path string) error {
	screen, err := newScreen(c.out, f.logLevel)
	if err != nil {
		return err
	}
	defer screen.close()
	return f.host(ctx, cmd, screen, path, func(h *hosted) error {
		connections := connectionsOf(h.emulator)
		screen.banner(h.emulator, h.urls, h.adminURL, h.took)
		ctx, quit := context.WithCancel(ctx)
		defer quit()
		stopWatching, err := h.emulator.WatchSessions(func() {
			now := connectionsOf(h.emulator)
			screen.connected(connections, now)
			connections = now
		})
		if err != nil {
			screen.line("Other sessions that come and go are not shown: " + err.Error())
		}
		defer stopWatching()
		for _, s := range h.emulator.Services() {
			f.watch(ctx, screen, h, s)
		}
		reloadAll := func() {
			for _, s := range h.emulator.Services() {
				_ = h.reload(ctx, s) // the screen has shown the error
			}
		}
		restore := screen.hotKeys(ctx, c.in, hotKeys{h.url, h.adminURL, reloadAll, quit})
		defer restore()
		<-ctx.Done()
		return nil
	})
}

// watch reloads a Worker when its files change.
func (f *devFlags) watch(ctx context.Context, screen *screen, h *hosted, s *emulator.Service) {
	watcher := &hotreload.Watcher{Files: s.Files, Changed: func(string) { _ = h.reload(ctx, s) }, Since: h.read} // the screen has shown the error
	if f.watchPoll {
		watcher.Poll = pollInterval
	}
	go func() {
		if err := watcher.Run(ctx); err != nil {
			screen.line("Files cannot be watched (" + err.Error() + "). Try --watch-poll.")
		}
	}()
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
