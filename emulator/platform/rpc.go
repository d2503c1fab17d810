package platform

import (
	"encoding/json"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

// Invocation is what somebody asks of an object, an entrypoint or an exported value in another isolate:
// to call a method or a function, or to give a property.
//
// https://developers.cloudflare.com/workers/runtime-apis/rpc/
type Invocation struct {
	// Path is a name, or several as a JSON array where it begins with a bracket.
	Path string
	// Get asks for a property; otherwise something is called.
	Get bool
	// Args are the arguments, as an array; undefined for none.
	Args Payload
	Lineage
}

// Name is the path as people write it.
func (inv *Invocation) Name() string {
	var names []string
	if !strings.HasPrefix(inv.Path, "[") || json.Unmarshal([]byte(inv.Path), &names) != nil {
		return inv.Path
	}
	return strings.Join(names, ".")
}

// mostDepth is how many calls between Workers and objects may lead to another.
const mostDepth = 32

// errDepth is Cloudflare's error for calls that go round in circles.
var errDepth = isolate.Errorf("Error", "Subrequest depth limit exceeded. This request recursed through Workers too many times. "+
	"This can happen e.g. if you have a Worker or Durable Object that calls other Workers or objects recursively.")

// errSubrequests is Cloudflare's error for an event that asks others too often.
// https://developers.cloudflare.com/workers/platform/limits/#subrequests
var errSubrequests = isolate.Errorf("Error", "Too many subrequests by single Worker invocation. To configure this limit, refer to "+
	"https://developers.cloudflare.com/workers/wrangler/configuration/#limits")

// deeper is the depth of a call that a turn makes. The limit ends calls that go round in circles, which
// would take all memory.
func (r *Realm) deeper(t *isolate.Turn) (depth int, err error) {
	if depth = t.Depth() + 1; depth > mostDepth && !r.AnyDepth {
		return 0, errDepth
	}
	return depth, nil
}

// countRequest counts a request or a call that a turn makes of others.
func (r *Realm) countRequest(t *isolate.Turn) error {
	flow := t.Flow()
	if r.Subrequests == 0 || flow == nil {
		return nil
	}
	if flow.Requests++; flow.Requests > r.Subrequests {
		return errSubrequests
	}
	return nil
}

// Callable takes invocations. Reply is called once, from any goroutine; Call itself does not wait. The
// payload of a reply belongs to who gets it.
type Callable interface {
	Call(inv *Invocation, reply func(Payload, error))
}

// Target is what stubs of services and objects lead to.
type Target interface {
	Fetcher
	Callable
}

// Local is implemented by what may lead back into the isolate that calls it.
type Local interface {
	// Within tells whether an isolate of this loop takes the invocations.
	Within(l *isolate.Loop) bool
}

// The kinds of pins that others ask for.
const (
	// PinRequest is an event that somebody waits for.
	PinRequest = "request"
	// PinOwn is a call that an isolate makes of itself.
	PinOwn = "own rpc"
	// PinTimer is a timer; its detail is the line that set it.
	PinTimer = "timer"
	// PinFetch is a request to elsewhere; its detail is the URL.
	PinFetch = "fetch"
	// PinResponse is a body that is read or written.
	PinResponse = "response"
)

// Invoke makes the call that a waiting op asks for, once what was written is durable. The op's
// arguments from first on are path, get, args, and the numbers of the args' refs.
func Invoke(c *isolate.Call, first int, to Callable) (isolate.Value, error) {
	if c.Turn() == nil {
		return isolate.Value{}, errGlobalScope
	}
	r := realmOf(c)
	depth, err := r.deeper(c.Turn())
	if _, stub := to.(heldCall); err == nil && !stub {
		err = r.countRequest(c.Turn())
	}
	if err != nil {
		return Refuse(c, first, err)
	}
	inv := &Invocation{Path: c.String(first), Get: c.Bool(first + 1), Lineage: child(c.Turn())}
	inv.Depth = depth
	if args := c.Bytes(first + 2); args != nil {
		inv.Args.Value = isolate.Bytes(args)
		inv.Args.charge = r.chargeTurn(c, len(args)+messageCost)
	}
	numbers := c.String(first + 3)
	kind := "rpc"
	if local, ok := to.(Local); ok && local.Within(c.Turn().Loop()) {
		kind = PinOwn
	}
	resolver := c.Resolver(kind, inv.Path)
	c.Turn().Send(func() {
		r.send(&inv.Args, numbers)
		to.Call(inv, func(result Payload, err error) {
			switch {
			case err != nil:
				resolver.Reject(err)
			case len(result.Refs) == 0 && result.Dispose == nil:
				size := len(result.Value.Data())
				if size < largeResult {
					resolver.Resolve(r.receive(&result))
					return
				}
				charge := r.charge(size)
				resolver.ResolveWith(func(*isolate.Turn) isolate.Value {
					defer charge.free()
					return r.receive(&result)
				})
			default:
				n, ok := r.expect(&result)
				if !ok {
					result.Drop()
					return
				}
				resolver.ResolveWith(func(*isolate.Turn) isolate.Value {
					return r.receive(take(r, r.expected, n))
				})
			}
		})
	})
	return isolate.Undefined(), nil
}

// largeResult is how many bytes a result has that is counted while it waits for the caller's turn.
const largeResult = 4 << 10

// Refuse is the result of an op of Invoke's form that makes no call: what the arguments hold is let go of.
func Refuse(c *isolate.Call, first int, why error) (isolate.Value, error) {
	var args Payload
	realmOf(c).send(&args, c.String(first+3))
	args.Drop()
	return isolate.Value{}, why
}

// expect keeps a payload until the turn that receives it, or until the realm is closed.
func (r *Realm) expect(p *Payload) (number int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed != nil {
		return 0, false
	}
	if r.expected == nil {
		r.expected = map[int]*Payload{}
	}
	r.last++
	r.expected[r.last] = p
	return r.last, true
}

// Deliver gives an invocation to a target of the isolate: an object, an entrypoint; see Handle. Reply is
// called when the answer may leave, or when the realm is closed.
func (r *Realm) Deliver(t *isolate.Turn, target int, inv *Invocation, reply func(Payload, error)) error {
	return r.deliver(t, keep(r, &r.invocations, reply), false, target, inv)
}

func (r *Realm) deliver(t *isolate.Turn, id int, exported bool, target int, inv *Invocation) error {
	return t.Deliver(t.Isolate().Engine().Event("rpc.deliver"), isolate.Int(id), isolate.Bool(exported), isolate.Int(target),
		isolate.String(inv.Path), isolate.Bool(inv.Get), r.receive(&inv.Args))
}

func rpcOps() []isolate.Op {
	answer := func(c *isolate.Call) func(Payload, error) {
		r := realmOf(c)
		return take(r, r.invocations, c.Int(0))
	}
	return []isolate.Op{
		{Name: "rpc.return", Run: func(c *isolate.Call) (isolate.Value, error) {
			r, result, numbers := realmOf(c), Payload{Value: c.Value(1)}, c.String(2)
			reply := answer(c)
			if reply == nil {
				r.send(&result, numbers)
				result.Drop()
				return isolate.Undefined(), nil
			}
			c.Turn().Send(func() {
				r.send(&result, numbers)
				reply(result, nil)
			})
			return isolate.Undefined(), nil
		}},
		{Name: "rpc.throw", Run: func(c *isolate.Call) (isolate.Value, error) {
			err := &isolate.Error{Class: c.String(1), Message: c.String(2), Props: c.String(3), Thrown: c.Bytes(4), Stack: c.String(5)}
			if stack := realmOf(c).Stack; stack != nil {
				err.Stack = stack(err.Stack)
			}
			if reply := answer(c); reply != nil {
				c.Turn().Send(func() { reply(Payload{}, err) })
			}
			return isolate.Undefined(), nil
		}},
		{Name: "rpc.call", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			switch ref := look(r, r.refs, c.Int(0)).(type) {
			case Stub:
				return Invoke(c, 1, callOf(r, ref))
			case serviceRef:
				return Invoke(c, 1, ref.to)
			}
			return Refuse(c, 1, errNoRef)
		}},
	}
}
