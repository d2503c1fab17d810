package adminapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
)

func infoRoutes() []route {
	live := handleRaw("/livez", "Whether doemu is alive", nil, alive{}, "application/json", (*api).live)
	ready := handleRaw("/readyz", "Whether code is loaded and serves", nil, readiness{}, "application/json", (*api).ready)
	ready.also = []int{http.StatusServiceUnavailable}
	live.open, ready.open = true, true
	return []route{
		live, ready,
		handleRaw("openapi.json", "This document", nil, map[string]any{}, "application/json", serveOpenAPI),
		handleRaw("/metrics", "Metrics in the format of Prometheus", nil, "", "text/plain", (*api).serveMetrics),
		handle(http.MethodGet, "info", "What runs: doemu, the project, its Workers and their bindings", (*api).info),
		handle(http.MethodPost, "reload", "Build the code of all Workers again", (*api).reload),
		handle(http.MethodPost, "scheduled", "Run a Worker's scheduled handler, as a cron trigger does", (*api).scheduled),
	}
}

type info struct {
	Version  string `json:"version"`
	Project  string `json:"project" description:"The name of the Worker that answers HTTP"`
	StateDir string `json:"stateDir" description:"Where objects keep their state; empty in memory"`
	// Started is the machine's time, whatever the emulator's clock shows.
	Started moment   `json:"startedAt" description:"When this doemu started, by the machine's clock: another one has another journal"`
	Clock   Clock    `json:"clock"`
	Workers []worker `json:"workers"`
}

type worker struct {
	Name              string    `json:"name"`
	Config            string    `json:"config" description:"The configuration file"`
	Environment       string    `json:"environment,omitempty"`
	CompatibilityDate string    `json:"compatibilityDate"`
	Generation        int       `json:"generation" description:"The build that serves; 0 if none has started"`
	Error             string    `json:"error,omitempty" description:"Why the newest build does not serve"`
	Crons             []string  `json:"crons"`
	Classes           []class   `json:"classes"`
	Bindings          []binding `json:"bindings"`
}

// class is a Durable Object class of a Worker.
type class struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Storage   string `json:"storage" enum:"sqlite,kv"`
}

// binding is a member of a Worker's env. Values of variables are not told: they may be secret.
type binding struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// To is what it leads to.
	To string `json:"to,omitempty"`
	// Entrypoint and Props are those of a service, if it has them.
	Entrypoint string          `json:"entrypoint,omitempty"`
	Props      json.RawMessage `json:"props,omitempty"`
}

func (a *api) info(context.Context, struct{}) (info, error) {
	i := info{Version: a.options.Version, StateDir: a.emulator.StateDir(), Started: moment{a.started}, Clock: a.clockView(), Workers: []worker{}}
	for _, s := range a.emulator.Services() {
		i.Workers = append(i.Workers, workerView(s))
	}
	if len(i.Workers) > 0 {
		i.Project = i.Workers[0].Name
	}
	return i, nil
}

func workerView(s *emulator.Service) worker {
	p := s.Project()
	w := worker{
		Name: p.Name, Config: p.UserConfigPath, Environment: p.Env, CompatibilityDate: p.CompatibilityDate,
		Crons: append([]string{}, p.Crons...), Classes: []class{}, Bindings: bindings(p),
	}
	if g := s.Generation(); g != nil {
		w.Generation = g.Number
	}
	if err := s.Failed(); err != nil {
		w.Error = err.Error()
	}
	for _, c := range p.Classes {
		view := class{c.Name, c.UniqueKey, "kv"}
		if c.SQLite {
			view.Storage = "sqlite"
		}
		w.Classes = append(w.Classes, view)
	}
	return w
}

func bindings(p *config.Project) []binding {
	all := []binding{}
	for _, b := range p.DurableObjects {
		all = append(all, binding{Name: b.Name, Type: "durable_object_namespace", To: b.UniqueKey})
	}
	for _, b := range p.Services {
		all = append(all, binding{Name: b.Name, Type: "service", To: b.Service, Entrypoint: b.Entrypoint, Props: b.Props})
	}
	for _, v := range p.Vars {
		all = append(all, binding{Name: v.Name, Type: "variable"})
	}
	for _, b := range p.Unsupported {
		all = append(all, binding{Name: b.Name, Type: b.Kind})
	}
	return all
}

type alive struct {
	Status string `json:"status" enum:"alive"`
}

func (a *api) live(w http.ResponseWriter, _ *http.Request) error {
	write(w, http.StatusOK, alive{"alive"})
	return nil
}

type readiness struct {
	Status     string `json:"status" enum:"ready,degraded,starting" description:"degraded: the last build failed, the one before it serves"`
	Generation int    `json:"generation,omitempty"`
	Reason     string `json:"reason,omitempty"`
}

// ready tells of the builds: those of the first Worker, and what failed in any.
func (a *api) ready(w http.ResponseWriter, _ *http.Request) error {
	services := a.emulator.Services()
	if len(services) == 0 {
		return durable.ErrAtRest
	}
	r := readiness{Status: "ready"}
	if g := services[0].Generation(); g != nil {
		r.Generation = g.Number
	}
	for _, s := range services {
		if err := s.Failed(); err != nil && r.Reason == "" {
			r.Reason = err.Error()
		}
	}
	status := http.StatusOK
	switch {
	case r.Generation == 0:
		r.Status, status = "starting", http.StatusServiceUnavailable
	case r.Reason != "":
		r.Status = "degraded"
	}
	write(w, status, r)
	return nil
}

type reloadResult struct {
	Workers []worker `json:"workers"`
}

func (a *api) reload(ctx context.Context, _ struct{}) (reloadResult, error) {
	result := reloadResult{Workers: []worker{}}
	var errs []error
	for _, s := range a.emulator.Services() {
		reload := a.options.Reload
		if reload == nil {
			reload = func(ctx context.Context, s *emulator.Service) error {
				_, err := s.Reload(ctx)
				return err
			}
		}
		if err := reload(ctx, s); err != nil {
			errs = append(errs, err)
		}
		result.Workers = append(result.Workers, workerView(s))
	}
	if len(errs) > 0 {
		return result, refuse(http.StatusUnprocessableEntity, "%v\nThe code from before goes on serving.", errors.Join(errs...))
	}
	return result, nil
}

type scheduledRequest struct {
	Worker string   `json:"worker,omitempty" description:"The first one if not given"`
	Cron   string   `json:"cron,omitempty" description:"The expression that the handler is told"`
	At     *instant `json:"at,omitempty" description:"The time that the handler is told; now if not given"`
}

type scheduledResult struct {
	Outcome string `json:"outcome" enum:"ok,exception"`
	NoRetry bool   `json:"noRetry"`
}

func (a *api) scheduled(ctx context.Context, in scheduledRequest) (result scheduledResult, err error) {
	services := a.emulator.Services()
	if len(services) == 0 {
		return result, durable.ErrAtRest
	}
	s := services[0]
	if in.Worker != "" {
		if s, err = a.service(in.Worker); err != nil {
			return result, err
		}
	}
	var at time.Time
	if at = a.emulator.Clock().Now(); in.At != nil {
		at = in.At.Time
	}
	outcome, err := s.Scheduled(ctx, in.Cron, at)
	if err != nil {
		return result, err
	}
	return result, json.Unmarshal(outcome, &result)
}
