package adminapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/platform"
)

const servicePath = "services/{worker}"

// servicePathOf names an entrypoint of a Worker.
type servicePathOf struct {
	Worker     string `path:"worker" json:"-"`
	Entrypoint string `query:"entrypoint" json:"-" description:"The name of an export; the default export if not given"`
	Props      string `query:"props" json:"-" description:"ctx.props, as JSON"`
}

// service finds a Worker.
func (a *api) service(name string) (*emulator.Service, error) {
	if s := a.emulator.Service(name); s != nil {
		return s, nil
	}
	var names []string
	for _, s := range a.emulator.Services() {
		names = append(names, s.Project().Name)
	}
	slices.Sort(names)
	return nil, refuse(http.StatusNotFound, "There is no Worker %s. There are: %v.", name, names)
}

// entrypoint finds an entrypoint of a Worker.
func (a *api) entrypoint(in servicePathOf) (platform.Target, error) {
	s, err := a.service(in.Worker)
	if err != nil {
		return nil, err
	}
	if s.Generation() != nil && !s.Exports(in.Entrypoint) {
		return nil, refuse(http.StatusNotFound, "The Worker %s exports no entrypoint %q.", in.Worker, in.Entrypoint)
	}
	var props []byte
	if in.Props != "" {
		if !json.Valid([]byte(in.Props)) {
			return nil, refuse(http.StatusBadRequest, "props is not JSON.")
		}
		props = []byte(in.Props)
	}
	return s.Entrypoint(in.Entrypoint, props), nil
}

// workerPath names a Worker.
type workerPath struct {
	Worker string `path:"worker" json:"-"`
}

type vars struct {
	Vars map[string]any `json:"vars"`
}

// vars gives the values of variables: who calls a program from outside stands where its code does.
func (a *api) vars(_ context.Context, in workerPath) (v vars, err error) {
	s, err := a.service(in.Worker)
	if err != nil {
		return v, err
	}
	v.Vars = map[string]any{}
	for _, variable := range s.Project().Vars {
		value := any(variable.Text)
		if variable.Value != nil {
			value = variable.Value
		}
		v.Vars[variable.Name] = value
	}
	return v, nil
}

type files struct {
	Files []string `json:"files"`
}

func (a *api) files(_ context.Context, in workerPath) (f files, err error) {
	s, err := a.service(in.Worker)
	if err != nil {
		return f, err
	}
	f.Files = append([]string{}, s.Files()...)
	slices.Sort(f.Files)
	return f, nil
}
