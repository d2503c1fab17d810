package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/doemu/doemu/emulator/config"
)

// notRunningError says that there is no doemu to ask.
type notRunningError struct{ error }

// adminFlags say which running doemu a command asks, or on which state it works when none runs.
type adminFlags struct {
	adminURL, token, config, persistTo string
	json                               bool
}

func (f *adminFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.adminURL, "admin-url", "", "admin API of the doemu to ask; found by the project's state if not given")
	flags.StringVar(&f.token, "admin-token", "", "token that it asks for")
	flags.StringVarP(&f.config, "config", "c", "", "configuration file of the project that runs")
	flags.StringVar(&f.persistTo, "persist-to", "", "directory in which it keeps state, instead of .wrangler/state")
	flags.BoolVar(&f.json, "json", false, "print the result as JSON")
}

// admin is the admin API of a running doemu, or of one that this process is for as long as the command takes.
type admin struct {
	url, token string
	client     *http.Client
	progress   *progress // from the first request to the end of the command
	close      func() error
}

// remote is the admin API of a doemu that runs.
func (f *adminFlags) remote(url string) *admin {
	return &admin{url: strings.TrimRight(url, "/"), token: f.token, client: http.DefaultClient, close: func() error { return nil }}
}

// find finds the doemu that runs.
func (f *adminFlags) find(context.Context) (*admin, error) {
	if f.adminURL != "" {
		return f.remote(f.adminURL), nil
	}
	state, _, err := f.state()
	if err != nil {
		return nil, err
	}
	return f.findOn(state)
}

// findOn finds the doemu that runs on a state directory.
func (f *adminFlags) findOn(state string) (*admin, error) {
	r, err := whoRuns(state)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, notRunningError{fmt.Errorf("no doemu runs on the state in %s: start one with doemu dev, or name it with --admin-url", state)}
	}
	return f.remote(r.AdminURL), nil
}

// state is the state directory, and the classes of the project as far as it can be read.
func (f *adminFlags) state() (dir string, classes []config.Class, err error) {
	work, err := os.Getwd()
	if err != nil {
		return "", nil, err
	}
	project, _, err := config.Load(config.Options{WorkDir: work, ConfigPath: f.config, Environ: os.Environ(), Now: time.Now()})
	if err == nil {
		dir, classes = project.StateDir, project.Classes
	}
	switch {
	case f.persistTo != "":
		dir, err = filepath.Abs(f.persistTo) // the state tells by itself what the project would
	case err != nil:
		err = fmt.Errorf("%w\nTo ask a doemu that runs elsewhere, name it with --admin-url; for a state directory, with --persist-to", err)
	}
	return dir, classes, err
}

// call calls the API and decodes the result.
func (a *admin) call(ctx context.Context, method, path string, body, result any) error {
	answer, err := a.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer.Result, result)
}

// list gets all pages of a list, up to a number of items; 0 for all.
func (a *admin) list(ctx context.Context, path string, query url.Values, limit int) (items []json.RawMessage, err error) {
	const mostPage = 10_000
	items = []json.RawMessage{}
	for {
		size := mostPage
		if limit > 0 {
			size = min(limit-len(items), mostPage)
		}
		query.Set("limit", strconv.Itoa(size))
		answer, err := a.send(ctx, http.MethodGet, path+"?"+query.Encode(), nil)
		if err != nil {
			return nil, err
		}
		var page []json.RawMessage
		if err := json.Unmarshal(answer.Result, &page); err != nil {
			return nil, err
		}
		items = append(items, page...)
		if answer.ResultInfo.Cursor == "" || limit > 0 && len(items) >= limit {
			return items, nil
		}
		query.Set("cursor", answer.ResultInfo.Cursor)
	}
}

// adminAnswer is an answer of the API.
type adminAnswer struct {
	Success    bool
	Errors     []struct{ Message string }
	Result     json.RawMessage
	ResultInfo struct{ Cursor string } `json:"result_info"`
}

func (a *admin) send(ctx context.Context, method, path string, body any) (answer adminAnswer, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return answer, err
	}
	res, err := a.open(ctx, method, "/api/v1/"+path, "application/json", bytes.NewReader(text))
	if err != nil {
		return answer, err
	}
	defer res.Body.Close()
	return a.answer(res)
}

// answer reads an answer of the API.
func (a *admin) answer(res *http.Response) (answer adminAnswer, err error) {
	got, err := a.read(res)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		return answer, fmt.Errorf("%s is not the admin API of a doemu: it answers %d %.200q", a.url, res.StatusCode, got)
	}
	switch {
	case answer.Success:
		return answer, nil
	case len(answer.Errors) == 0:
		return answer, errors.New(http.StatusText(res.StatusCode))
	}
	return answer, errors.New(answer.Errors[0].Message)
}

func (a *admin) read(res *http.Response) ([]byte, error) {
	got, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", a.url, err)
	}
	return got, nil
}

// request sends a request to a path and gives what is answered.
func (a *admin) request(ctx context.Context, method, path string, body io.Reader) (status int, answer []byte, err error) {
	res, err := a.open(ctx, method, path, "application/json", body)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = a.read(res)
	return res.StatusCode, answer, err
}

// open sends a request to a path; the caller closes the answer's body.
func (a *admin) open(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, body)
	if err != nil {
		return nil, usageError{fmt.Errorf("--admin-url: %w", err)}
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	a.progress.begin()
	res, err := a.client.Do(req)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, notRunningError{fmt.Errorf("no doemu answers at %s: %w", a.url, errors.Unwrap(err))}
	}
	return res, nil
}
