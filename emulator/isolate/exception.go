package isolate

import (
	"encoding/json"
	"fmt"
)

// Exception is what JavaScript threw.
type Exception struct {
	Name    string `json:"name"`    // the error's class; "" for a thrown value that is no error
	Message string `json:"message"` // its message, or the value as text
	Stack   string `json:"stack"`   // lines of "    at function (file:line:column)"
	// Interrupted tells that [Isolate.Interrupt] ended the code.
	Interrupted bool `json:"-"`
}

func (e *Exception) Error() string {
	if e.Name == "" {
		return "uncaught " + e.Message
	}
	return e.Name + ": " + e.Message
}

// exception takes the pending exception out of the engine.
func (i *Isolate) exception() error {
	raw := i.pending()
	if i.interrupted.Load() {
		i.free(raw)
		return &Exception{Name: "InternalError", Message: "interrupted", Interrupted: true}
	}
	e := i.describe(raw)
	i.free(raw)
	return e
}

// describe tells what a thrown value says, in the words that the platform finds for it.
func (i *Isolate) describe(raw uint64) error {
	described := i.callRaw(i.roots.Describe, scratchInner, i.hold(raw).raw)
	if !isString(described) {
		i.free(described)
		if i.mem.Exceeded() {
			return ErrMemoryLimit
		}
		return &Exception{Name: "Error", Message: "an exception that cannot be described"}
	}
	text := i.text(described)
	i.free(described)
	e := &Exception{}
	if err := json.Unmarshal([]byte(text), e); err != nil {
		return fmt.Errorf("read description of exception: %w", err)
	}
	return e
}

// rejection is a promise that was rejected and has no handler.
type rejection struct{ promise, reason uint64 }

// trackRejection keeps rejected promises until the turn ends, or until they get a handler; and those
// that got one later than that.
func (i *Isolate) trackRejection(promise, reason uint64, handled bool) {
	if !handled {
		i.rejections = append(i.rejections, rejection{i.hold(promise).raw, i.hold(reason).raw})
		return
	}
	for n, r := range i.rejections {
		if r.promise == promise {
			i.rejections = append(i.rejections[:n], i.rejections[n+1:]...)
			i.free(r.promise)
			i.free(r.reason)
			return
		}
	}
	if _, known := i.engine.events[EventHandled]; known {
		i.handled = append(i.handled, i.hold(promise).raw)
	}
}

// forgetReason drops the rejections with a reason that is told otherwise.
func (i *Isolate) forgetReason(reason uint64) {
	kept := i.rejections[:0]
	for _, r := range i.rejections {
		if r.reason == reason {
			i.free(r.promise)
			i.free(r.reason)
		} else {
			kept = append(kept, r)
		}
	}
	i.rejections = kept
}
