package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/doemu/doemu/emulator/config"
)

// notRunningError says that there is no doemu to ask.
type notRunningError struct{ error }

// adminFlags say which running doemu a command asks.
type adminFlags struct {
	adminURL, config, persistTo string
	json                        bool
}

func (f *adminFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.adminURL, "admin-url", os.Getenv("DOEMU_ADMIN_URL"), "admin API of the doemu to ask; found by the project's state if not given (DOEMU_ADMIN_URL)")
	flags.StringVarP(&f.config, "config", "c", "", "configuration file of the project that runs")
	flags.StringVar(&f.persistTo, "persist-to", "", "directory in which it keeps state, instead of .wrangler/state")
	flags.BoolVar(&f.json, "json", false, "print the result as JSON")
}

// admin is the admin API of a running doemu.
type admin struct{ url string }

// find finds the doemu that runs.
func (f *adminFlags) find() (*admin, error) {
	if f.adminURL != "" {
		return &admin{strings.TrimRight(f.adminURL, "/")}, nil
	}
	state, err := f.stateDir()
	if err != nil {
		return nil, err
	}
	r, err := whoRuns(state)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, notRunningError{fmt.Errorf("no doemu runs on the state in %s: start one with doemu dev, or name it with --admin-url", state)}
	}
	return &admin{r.AdminURL}, nil
}

func (f *adminFlags) stateDir() (string, error) {
	if f.persistTo != "" {
		return filepath.Abs(f.persistTo)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	project, _, err := config.Load(config.Options{WorkDir: dir, ConfigPath: f.config, Environ: os.Environ()})
	if err != nil {
		return "", fmt.Errorf("%w\nTo ask a doemu that runs elsewhere, name it with --admin-url", err)
	}
	return project.StateDir, nil
}

// call calls the API and decodes the result.
func (a *admin) call(ctx context.Context, method, path string, body, result any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+"/api/v1/"+path, bytes.NewReader(text))
	if err != nil {
		return usageError{fmt.Errorf("--admin-url: %w", err)}
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return notRunningError{fmt.Errorf("no doemu answers at %s: %w", a.url, errors.Unwrap(err))}
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", a.url, err)
	}
	var envelope struct {
		Success bool
		Errors  []struct{ Message string }
		Result  json.RawMessage
	}
	if err := json.Unmarshal(answer, &envelope); err != nil {
		return fmt.Errorf("%s is not the admin API of a doemu: it answers %s %.200q", a.url, res.Status, answer)
	}
	if !envelope.Success {
		if len(envelope.Errors) == 0 {
			return errors.New(res.Status)
		}
		return errors.New(envelope.Errors[0].Message)
	}
	return json.Unmarshal(envelope.Result, result)
}
