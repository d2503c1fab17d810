package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func serveCommand(c *console) *cobra.Command {
	f := &hostFlags{}
	var stopWithStdin bool
	cmd := &cobra.Command{
		Use:   "serve [path]",
		Short: "Run a project without watching it, and log JSON: for containers",
		Long: `Runs a project as doemu dev does, but does not look at its files again. The log goes to standard output,
a JSON object on each line: time, level, msg, kind, and what the event has of worker, namespace, object,
name, status, ms, error. SIGTERM ends it with all state on disk.`,
		Example: `  doemu serve /app --ip 0.0.0.0 --persist-to /state`,
		Args:    cobra.MaximumNArgs(1), ValidArgsFunction: completeDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			if stopWithStdin {
				ctx, stop = whileOpen(ctx, c.in)
				defer stop()
			}
			return serve(ctx, c, cmd, f, append(args, "")[0])
		},
	}
	f.add(cmd.Flags(), hostDefaults{adminPort: 8788, logLevel: "log"})
	cmd.Flags().BoolVar(&stopWithStdin, "stop-with-stdin", false, "end when standard input ends: with the program that started doemu, however that ends")
	return cmd
}

// whileOpen ends a context when nothing can come from in any more.
func whileOpen(ctx context.Context, in io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		// However reading ends, there is nobody left.
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	return ctx, cancel
}

func serve(ctx context.Context, c *console, cmd *cobra.Command, f *hostFlags, path string) error {
	log, err := newJSONLog(c.out, f.logLevel)
	if err != nil {
		return err
	}
	defer log.close()
	return f.host(ctx, cmd, log, path, func(h *hosted) error {
		project := h.emulator.Services()[0].Project()
		log.log.Info("ready", "kind", "start", "worker", project.Name, "url", h.url, "adminUrl", h.adminURL, "state", h.emulator.StateDir(),
			"version", version, "ms", milliseconds(h.took))
		<-ctx.Done()
		return nil
	})
}
