package adminapi

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"

	"github.com/doemu/doemu/emulator/platform/serialized"
)

// v8Type is the content type of values in V8's structured-clone format, which v8.Serializer of Node writes and
// v8.Deserializer reads: those that JSON cannot say are among them.
const v8Type = "application/x-v8-serialized"

func callRoutes() []route {
	const (
		call = ". The body and the answer are JSON, or with Content-Type " + v8Type + " the serialized array of the arguments, and the serialized result"
		pass = ": what stub.fetch() does. The request goes on with its method, headers and body, and the answer is the program's own, marked by " + answerHeader +
			"; WebSockets pass too. A failure is answered as everywhere"
	)
	return []route{
		handleCall(http.MethodPost, onePath+"/rpc/{method}", "Call a method of an object, as a stub does"+call, objectCallRequest{}, (*api).objectCallee),
		handleCall(http.MethodGet, onePath+"/rpc/{method}", "Get a property of an object, as a stub does", propertyOfObject{}, (*api).objectCallee),
		handleCall(http.MethodPost, servicePath+"/rpc/{method}", "Call a method of a Worker, as a service binding does"+call, serviceCallRequest{}, (*api).serviceCallee),
		handleCall(http.MethodGet, servicePath+"/rpc/{method}", "Get a property of a Worker, as a service binding does", propertyOfService{}, (*api).serviceCallee),
		handleFetch(http.MethodPost, onePath+"/fetch", "Send an object a request"+pass, (*api).objectFetcher),
		handleFetch(http.MethodGet, onePath+"/fetch", "Send an object a request without a body, or connect a WebSocket", (*api).objectFetcher),
		handleFetch(http.MethodPost, servicePath+"/fetch", "Send a Worker a request"+pass, (*api).serviceFetcher),
		handleFetch(http.MethodGet, servicePath+"/fetch", "Send a Worker a request without a body, or connect a WebSocket", (*api).serviceFetcher),
		handleRun(onePath+"/run", "Run a function in an object, fn(instance, state, ...args), as an event of its own. The body is the "+
			"serialized array of the function's source and its further arguments; the answer is the serialized result, or the response that the function "+
			"returned, marked by "+answerHeader),
		handle(http.MethodGet, servicePath+"/vars", "The variables of a Worker's env, secret ones too", (*api).vars),
		handle(http.MethodGet, servicePath+"/files", "The files that the Worker's code was made of: a change of one calls for reload", (*api).files),
	}
}

// callee is what takes a call: it gives the result serialized.
type callee func(ctx context.Context, get bool, args []byte) (result []byte, err error)

type objectCallRequest struct {
	objectPath
	callPath
}

type serviceCallRequest struct {
	servicePathOf
	callPath
}

// The same without a body.
type propertyOfObject struct {
	objectPath
	memberPath
}

type propertyOfService struct {
	servicePathOf
	memberPath
}

type memberPath struct {
	Method string `path:"method" json:"-" description:"A name, or several that lead from the receiver to the member as a JSON array"`
}

type callPath struct {
	memberPath
	Args []json.RawMessage `json:"args,omitempty" description:"The arguments, as JSON"`
}

func (c *callPath) call() *callPath { return c }

func (a *api) objectCallee(in *objectCallRequest) (callee, error) {
	t, err := a.target(in.objectPath)
	return func(ctx context.Context, get bool, args []byte) ([]byte, error) {
		return t.Invoke(ctx, t.id, t.name, in.Method, get, args)
	}, err
}

func (a *api) serviceCallee(in *serviceCallRequest) (callee, error) {
	to, err := a.entrypoint(in.servicePathOf)
	return func(ctx context.Context, get bool, args []byte) ([]byte, error) {
		return a.emulator.Ask(ctx, to, in.Method, get, args)
	}, err
}

// handleCall declares a route that calls what find gives. What it takes is a value of In, which GET has no body for.
func handleCall[In any, P interface {
	*In
	call() *callPath
}](method, path, summary string, in any, find func(*api, P) (callee, error)) route {
	r := newRoute(method, path, summary)
	r.in, r.out, r.serialized = in, envelope[value]{}, true
	r.serve = func(a *api, w http.ResponseWriter, r *http.Request) error {
		var in In
		get, v8 := r.Method == http.MethodGet, contentType(r) == v8Type || r.Header.Get("Accept") == v8Type
		read := decode
		if get || contentType(r) == v8Type {
			read = decodeParametersOnly
		}
		if err := read(r, &in); err != nil {
			return err
		}
		args, err := arguments(r, P(&in).call())
		if err != nil {
			return err
		}
		call, err := find(a, &in)
		if err != nil {
			return err
		}
		result, err := call(r.Context(), get, args)
		if err != nil {
			return failedCall(err)
		}
		if v8 {
			writeSerialized(w, result)
		} else {
			write(w, http.StatusOK, envelope[value]{Success: true, Errors: []apiError{}, Messages: []string{}, Result: valueView(result)})
		}
		return nil
	}
	return r
}

// contentType is that of a request's body, without its parameters.
func contentType(r *http.Request) string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// arguments are those of a call, serialized; nil for none.
func arguments(r *http.Request, in *callPath) ([]byte, error) {
	if contentType(r) == v8Type {
		return readSerialized(r)
	}
	if len(in.Args) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(in.Args)
	if err != nil {
		return nil, err
	}
	args, err := serialized.FromJSON(text)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "args: %v.", err)
	}
	return args, nil
}

// readSerialized reads a body that is a serialized array.
func readSerialized(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, badBody(r, err)
	}
	if !serialized.IsArray(data) {
		return nil, refuse(http.StatusBadRequest, "The body is not an array in V8's structured-clone format of version 13 to 15, which v8.serialize([…]) of Node writes.")
	}
	return data, nil
}

func writeSerialized(w http.ResponseWriter, data []byte) {
	w.Header().Set("Content-Type", v8Type)
	// The client that cannot be written to has gone.
	_, _ = w.Write(data)
}
