// Package fault is failures that are asked for: what an emulated network, disk or host does wrong, so
// that programs can be tried against it.
package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/emulator/random"
)

// Point is where something can fail.
type Point string

// The points.
const (
	Commit    Point = "storage.commit" // what an object has written becomes durable
	RPC       Point = "rpc"            // a method of an object is called
	Fetch     Point = "fetch"          // an object is sent a request
	Alarm     Point = "alarm"          // an alarm handler is about to run
	WebSocket Point = "websocket"      // a hibernatable WebSocket brings a message
)

// Action is what happens there.
type Action string

// The actions. What fails by Error or Reset has not begun; a Disconnect comes after the first turn of
// what was asked for, or after the commit, whose outcome the caller does not learn.
const (
	Error      Action = "error"      // it fails with an error
	Delay      Action = "delay"      // it comes later, by the emulator's clock
	Disconnect Action = "disconnect" // the connection is lost
	Reset      Action = "reset"      // the object is reset
)

// Rule asks for failures.
type Rule struct {
	// Namespace is <worker>-<Class>, or empty for all; Object an id of 64 hex digits, or name: and a
	// name, or empty for all.
	Namespace string
	Object    string
	Where     Point
	What      Action
	// Message is that of the error; empty is one that names the fault.
	Message string
	// Delay is how long a Delay takes.
	Delay time.Duration
	// Rate is how often it happens, from 0 to 1; 0 is always.
	Rate float64
	// Next is how many times it happens before the rule is over; 0 is without end.
	Next int
}

// Check tells what is wrong with a rule.
func (r Rule) Check() error {
	switch {
	case !slices.Contains([]Point{Commit, RPC, Fetch, Alarm, WebSocket}, r.Where):
		return fmt.Errorf("where is storage.commit, rpc, fetch, alarm or websocket, not %q", r.Where)
	case !slices.Contains([]Action{Error, Delay, Disconnect, Reset}, r.What):
		return fmt.Errorf("what is error, delay, disconnect or reset, not %q", r.What)
	case r.Where == Commit && r.What == Delay:
		return fmt.Errorf("storage.commit takes no delay: an object does nothing while it commits; delay what calls it")
	case r.What == Delay && r.Delay <= 0, r.What != Delay && r.Delay != 0:
		return fmt.Errorf("a delay, and nothing else, says how long it takes, in more than 0 ms")
	case r.Rate < 0 || r.Rate > 1:
		return fmt.Errorf("the rate is from 0 to 1, not %v", r.Rate)
	case r.Next < 0:
		return fmt.Errorf("next is a number of times, not %d", r.Next)
	}
	return nil
}

// Fault is a failure that is to happen.
type Fault struct {
	What    Action
	Message string
	Delay   time.Duration
}

// Faults are the rules that hold. The zero value has none; it is safe for use by many goroutines.
type Faults struct {
	// Random decides; nil is the system's randomness.
	Random *random.Source

	some atomic.Bool // whether there are rules: without any, nothing is locked

	mu    sync.Mutex
	rules []Active
}

// Active is a rule that holds.
type Active struct {
	Rule
	// Happened counts its failures, Met the times that it was looked at.
	Happened, Met int
}

// Set replaces all rules.
func (f *Faults) Set(rules []Rule) error {
	active := make([]Active, len(rules))
	for n, r := range rules {
		if err := r.Check(); err != nil {
			return fmt.Errorf("rule %d: %w", n+1, err)
		}
		active[n].Rule = r
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = active
	f.some.Store(len(active) > 0)
	return nil
}

// Rules are those that hold.
func (f *Faults) Rules() []Active {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.rules)
}

// Meet is the failure that happens to an object at a point; ok is false if none does. The first rule
// that applies decides.
func (f *Faults) Meet(where Point, namespace, object, name string) (fault Fault, ok bool) {
	if f == nil || !f.some.Load() {
		return Fault{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for n := range f.rules {
		r := &f.rules[n]
		if r.Where != where || r.over() || !r.concerns(namespace, object, name) {
			continue
		}
		r.Met++
		if r.Rate > 0 && f.random().Float64("fault", strconv.Itoa(n), string(where), object, strconv.Itoa(r.Met)) >= r.Rate {
			continue
		}
		r.Happened++
		message := r.Message
		if message == "" {
			message = "This " + string(where) + " failed because a fault was asked for."
		}
		return Fault{r.What, message, r.Delay}, true
	}
	return Fault{}, false
}

func (f *Faults) random() *random.Source {
	if f.Random == nil {
		return random.System()
	}
	return f.Random
}

func (a *Active) over() bool { return a.Next > 0 && a.Happened >= a.Next }

func (r *Rule) concerns(namespace, object, name string) bool {
	if r.Namespace != "" && r.Namespace != namespace {
		return false
	}
	if want, ok := strings.CutPrefix(r.Object, "name:"); ok {
		return want == name
	}
	return r.Object == "" || r.Object == object
}
