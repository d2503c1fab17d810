package adminapi

import (
	"context"
	"net/http"

	"github.com/doemu/doemu/durable"
)

func namespaceRoutes() []route {
	return []route{
		handleList("namespaces", "List the Durable Object classes, with the counts of their objects", (*api).namespaces),
		handle(http.MethodPost, "reset", "Delete an object, all objects of a namespace, or all objects", (*api).reset),
	}
}

// namespace is a Durable Object class.
type namespace struct {
	// ID is its unique key, <worker>-<Class>.
	ID     string `json:"id"`
	Worker string `json:"worker"`
	Class  string `json:"class"`
	// Storage is what the class was declared with.
	Storage    string `json:"storage" enum:"sqlite,kv"`
	Generation int    `json:"generation" description:"The build of the code that serves"`
	Objects    int    `json:"objects" description:"How many objects there are"`
	States     states `json:"states"`
	Sockets    int    `json:"sockets" description:"Hibernatable WebSockets of all objects"`
	Alarms     int    `json:"alarms"`
}

// states counts the objects in each state.
type states struct {
	Active     int `json:"active"`
	Idle       int `json:"idle"`
	Hibernated int `json:"hibernated"`
	Evicted    int `json:"evicted"`
}

func (a *api) namespaces(_ context.Context, _ struct{}) (page[namespace], error) {
	var p page[namespace]
	for _, n := range a.emulator.Namespaces() {
		info, err := n.Info()
		if err != nil {
			return p, err
		}
		view := namespace{
			ID: info.UniqueKey, Worker: info.Worker, Class: info.Class, Storage: "kv", Generation: info.Generation,
			Objects: info.Objects, Sockets: info.Sockets, Alarms: info.Alarms,
			States: states{info.States[durable.Active], info.States[durable.Idle], info.States[durable.Hibernated], info.States[durable.Evicted]},
		}
		if info.SQL {
			view.Storage = "sqlite"
		}
		p.items = append(p.items, view)
	}
	return p, nil
}

// namespace finds a namespace.
func (a *api) namespace(key string) (*durable.Namespace, error) {
	if n := a.emulator.Namespace(key); n != nil {
		return n, nil
	}
	return nil, refuse(http.StatusNotFound, "There is no namespace %s. A namespace is <worker>-<Class>; GET /api/v1/namespaces lists all.", key)
}

// objectPath names an object.
type objectPath struct {
	Namespace string `path:"namespace" json:"-" description:"<worker>-<Class>"`
	Object    string `path:"object" json:"-" description:"The 64 hex digits of the id, or name: and the URL-encoded name"`
}

// target is an object that a request names.
type target struct {
	*durable.Namespace
	id, name string // the name is "" if it was named by its id
}

// target finds the namespace and the id of an object that a request names, whether or not there is one.
func (a *api) target(p objectPath) (target, error) {
	n, err := a.namespace(p.Namespace)
	if err != nil {
		return target{}, err
	}
	id, name, err := n.Resolve(p.Object)
	if err != nil {
		return target{}, refuse(http.StatusBadRequest, "%s. An object is named by its 64 hex digits, or by name: and its URL-encoded name.", messageOf(err))
	}
	return target{n, id, name}, nil
}

type resetRequest struct {
	Namespace string `json:"namespace,omitempty"`
	Object    string `json:"object,omitempty" description:"The 64 hex digits of the id, or name: and the name"`
}

type resetResult struct {
	Deleted int `json:"deleted" description:"How many objects were deleted"`
}

func (a *api) reset(ctx context.Context, in resetRequest) (result resetResult, err error) {
	var t target
	switch {
	case in.Object != "":
		if in.Namespace == "" {
			return result, refuse(http.StatusBadRequest, "reset takes an object only with its namespace.")
		}
		t, err = a.target(objectPath(in))
	case in.Namespace != "":
		t.Namespace, err = a.namespace(in.Namespace)
	}
	if err != nil {
		return result, err
	}
	result.Deleted, err = a.emulator.Reset(ctx, t.Namespace, t.id)
	return result, err
}
