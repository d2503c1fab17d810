package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/fixtures"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	dir, state := counterProject(t), t.TempDir()
	wrangler := t.TempDir()
	if err := os.CopyFS(filepath.Join(wrangler, "v3", "do"), os.DirFS(filepath.Join("testdata", "wrangler"))); err != nil {
		t.Fatal(err)
	}
	const unnamed = "c44c2204ca403bbb462b89a42cdfec16000d7b0fbf88265600e25882a6196c6e"
	_, stop := runDev(t, dir, state, "--eviction", "never", "--clock", "frozen", "--at", "2026-01-02T03:04:05Z")
	for _, object := range []string{"lobby", "lounge", "two words", "--flag"} {
		if code, out, errors := doemu(t, "storage", "put", "--persist-to", state, "--", "Counter", object, "a key", "1"); code != exitDone {
			t.Fatalf("got %s%s", out, errors)
		}
	}
	wantVerbs(t, state, []verbTest{
		{"snapshot save before", "", exitDone, "saved before"},
		{"objects rpc Counter lobby add 1", "", exitDone, "1"},
	})
	const (
		files       = ":0"
		nothingElse = ":4"
		extensions  = ":8"
		directories = ":16"
	)
	tests := []struct{ state, args, want string }{ // the last argument is behind the last |
		{state, "objects ls|", "Counter\tcounters-Counter " + nothingElse},
		{state, "objects ls|count", "counters-Counter\tCounter " + nothingElse},
		{state, "objects ls|Room", nothingElse},
		{state, "objects ls Counter|", nothingElse},
		{state, "objects get Counter|lo", "lobby\tSTATE lounge\tevicted " + nothingElse},
		{state, "objects get counters-Counter|two", "two words\tevicted " + nothingElse},
		{state, "objects get Nothing|", nothingElse},
		{state, "objects rpc Counter|lou", "lounge\tevicted " + nothingElse},
		{state, "objects rpc Counter lobby|", nothingElse},
		{state, "storage get Counter lobby|", "a key\tnumber value\tnumber " + nothingElse},
		{state, "storage put Counter lobby|v", "value\tnumber " + nothingElse},
		{state, "storage rm Counter nobody|", nothingElse},
		{state, "sql Counter|lob", "lobby\tSTATE " + nothingElse},
		{state, "alarm fire|", "Counter\tcounters-Counter " + nothingElse},
		{state, "alarm set Counter|lou", "lounge\tevicted " + nothingElse},
		{state, "reset Counter|lou", "lounge\tevicted " + nothingElse},
		{state, "snapshot restore|", "before\tTIME " + nothingElse},
		{state, "snapshot diff before|be", "before\tTIME " + nothingElse},
		{state, "snapshot rm before|", nothingElse},
		{state, "snapshot export before|", files},
		{state, "snapshot import|", "gz " + extensions},
		{state, "snapshot save --object|", "Counter\tcounters-Counter :6"},
		{state, "snapshot save --object|Counter/lou", "Counter/lounge\tevicted " + nothingElse},
		{wrangler, "objects get Counter|", "lobby\tevicted " + unnamed + "\tevicted " + nothingElse},
		{wrangler, "storage get Counter lobby|", "map\tMap value\tnumber when\tDate " + nothingElse},
		{t.TempDir(), "objects ls|", nothingElse},
		{state, "objects ls --state|h", "active idle hibernated evicted " + nothingElse},
		{state, "dev|", directories},
		{state, "dev --persist-to|", directories},
		{state, "doctor|", directories},
		{state, "dev --limits|", "production workerd off " + nothingElse},
		{state, "dev --config|", "json jsonc toml " + extensions},
		{state, "sql -c|", "json jsonc toml " + extensions},
		{state, "storage ls --config|", "json jsonc toml " + extensions},
		{state, "init --template|cha", strings.Join(fixtures.Names(), " ") + " " + nothingElse},
		{state, "test --env-file|", files},
	}
	check := func(now string) {
		t.Helper()
		for _, test := range tests {
			args, begun, _ := strings.Cut(test.args, "|")
			all := append([]string{"__complete", "--persist-to=" + test.state}, strings.Fields(args)...)
			if strings.HasPrefix(args, "init") {
				all = append(all[:1], all[2:]...) // has no such flag
			}
			_, out, errors := doemu(t, append(all, begun)...)
			got := strings.Join(strings.Split(strings.TrimSpace(out), "\n"), " ")
			if want := strings.NewReplacer("STATE", now, "TIME", "2026-01-02 03:04:05.000").Replace(test.want); got != want || !strings.HasPrefix(errors, "Completion ended with directive") {
				t.Errorf("doemu %s: got %q and %q, want %q", test.args, got, errors, want)
			}
		}
	}
	check("idle")
	stop()
	check("evicted")
}

// A doemu that does not answer does not keep the shell waiting.
func TestComplete_slow(t *testing.T) {
	t.Parallel()
	server := slowServer(t)
	began := time.Now()
	code, out, _ := doemu(t, "__complete", "objects", "ls", "--admin-url", server, "")
	if took := time.Since(began); code != exitDone || out != ":4\n" || took > 20*completionTime {
		t.Errorf("got %d %q after %s", code, out, took)
	}
}

// slowServer never answers.
func slowServer(t *testing.T) (url string) {
	t.Helper()
	ended := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-ended }))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(ended) })
	return s.URL
}
