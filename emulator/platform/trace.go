package platform

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
)

// Tail takes what is written down of events. It may be nil: nobody wants to see them.
type Tail func(TraceItem)

// TraceItem is what Tail Workers get to see of one event; src/worker/tail.ts makes JavaScript's of it.
// Times are in milliseconds since 1970.
//
// https://developers.cloudflare.com/workers/runtime-apis/handlers/tail/
type TraceItem struct {
	ScriptName      string  `json:"scriptName"`
	Entrypoint      string  `json:"entrypoint,omitempty"`
	DurableObjectID string  `json:"durableObjectId,omitempty"`
	ExecutionModel  string  `json:"executionModel"` // stateless or durableObject
	Outcome         string  `json:"outcome"`
	EventTimestamp  int64   `json:"eventTimestamp"`
	WallTime        float64 `json:"wallTime"`
	// Kind says what Event is: fetch, rpc, scheduled, alarm, queue or socket.
	Kind       string           `json:"kind"`
	Event      map[string]any   `json:"event"`
	Logs       []traceLog       `json:"logs"`
	Exceptions []traceException `json:"exceptions"`
	// Truncated tells that there was more to be written down.
	Truncated bool `json:"truncated"`
}

type traceLog struct {
	Timestamp int64           `json:"timestamp"`
	Level     string          `json:"level"`
	Message   json.RawMessage `json:"message"`
	ErrorInfo json.RawMessage `json:"errorInfo,omitempty"`
}

type traceException struct {
	Timestamp int64  `json:"timestamp"`
	Name      string `json:"name"`
	Message   string `json:"message"`
	Stack     string `json:"stack,omitempty"`
}

// Trace is an event that is being written down. All its methods do nothing on nil. It is safe for use by
// many goroutines.
type Trace struct {
	now  func() time.Time
	done Tail

	mu   sync.Mutex
	item TraceItem
	open int // the event itself, and each waitUntil
	used int // bytes of what is written down
	full bool
}

// mostTraced is how many bytes of lines and exceptions a trace holds, tracedCost what any of them counts beside its texts.
const (
	mostTraced = 256 << 10
	tracedCost = 64
)

// tooMuchTraced is what a trace has instead of further lines, in Cloudflare's words.
const tooMuchTraced = `["Log size limit exceeded: More than 256KB of data (across console.log statements, exception, request metadata and headers) was logged during a single request. Subsequent data for this request will not be recorded in logs, appear when tailing this Worker's logs, or in Tail Workers."]`

// room counts what is to be written down; the first time that there is no room for it a line says so. The lock is held.
func (tr *Trace) room(size int) bool {
	if tr.used += size + tracedCost; tr.used <= mostTraced {
		return true
	}
	if !tr.full {
		tr.full = true
		tr.item.Truncated = true
		tr.item.Logs = append(tr.item.Logs, traceLog{Timestamp: tr.now().UnixMilli(), Level: "warn", Message: json.RawMessage(tooMuchTraced)})
	}
	return false
}

// Trace begins to write an event down; nil for a nil tail. The tail gets it when the event and its waitUntil
// have ended.
func (done Tail) Trace(item TraceItem, now func() time.Time) *Trace {
	if done == nil {
		return nil
	}
	item.EventTimestamp = now().UnixMilli()
	item.Logs, item.Exceptions = []traceLog{}, []traceException{}
	return &Trace{now: now, done: done, item: item, open: 1}
}

// RequestEvent is the event of a request.
func RequestEvent(req *Request) map[string]any {
	headers := map[string]string{}
	for _, h := range req.Headers {
		headers[h.Name] = h.Value
	}
	request := map[string]any{"url": req.URL, "method": req.Method, "headers": headers}
	if req.CF != nil {
		request["cf"] = json.RawMessage(req.CF)
	}
	return map[string]any{"request": request}
}

// CallEvent is the event of a call.
func CallEvent(inv *Invocation) map[string]any { return map[string]any{"rpcMethod": inv.Name()} }

// ScheduledEvent is the event of a cron trigger, whose payload is JSON.
func ScheduledEvent(payload []byte) map[string]any {
	var event struct {
		Time float64 `json:"time"`
		Cron string  `json:"cron"`
	}
	// The payload is the emulator's own.
	_ = json.Unmarshal(payload, &event)
	return map[string]any{"scheduledTime": event.Time, "cron": event.Cron}
}

// Respond notes the answer to a request; nil for none.
func (tr *Trace) Respond(res *Response) {
	if tr == nil || res == nil {
		return
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.item.Event["response"] = map[string]int{"status": res.Status}
}

// End notes how the event itself ended. The error of a handler is an exception; that of a method is its
// answer.
func (tr *Trace) End(err error, ofHandler bool) {
	if tr == nil {
		return
	}
	if err != nil && ofHandler && !Departed(err) {
		tr.throwError(err)
	}
	tr.mu.Lock()
	if Departed(err) {
		tr.item.Outcome = "canceled"
	}
	if tr.item.Outcome == "" {
		tr.item.Outcome = "ok"
	}
	tr.mu.Unlock()
	tr.release()
}

// EndEvent is End for an event whose outcome is JSON.
func (tr *Trace) EndEvent(outcome []byte) {
	var result struct{ Outcome string }
	var err error
	if json.Unmarshal(outcome, &result) == nil && result.Outcome == "exception" {
		err = isolate.Errorf("Error", "the handler threw")
	}
	tr.End(err, true)
}

func (tr *Trace) throwError(err error) {
	var handler *HandlerError
	var js *isolate.Error
	switch {
	case errors.As(err, &handler):
		places := max(0, strings.Index(handler.Stack, "    at "))
		tr.Throw(handler.Thrown.Class, handler.Thrown.Message, handler.Stack[places:])
	case errors.As(err, &js) && js.Class != "":
		tr.Throw(js.Class, js.Message, js.Stack)
	default:
		tr.Throw("Error", err.Error(), "")
	}
}

// Throw notes an exception, which is the outcome.
func (tr *Trace) Throw(name, message, stack string) {
	if tr == nil {
		return
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.item.Outcome = "exception"
	if !tr.full && tr.room(len(name)+len(message)+len(stack)) {
		tr.item.Exceptions = append(tr.item.Exceptions, traceException{tr.now().UnixMilli(), name, message, stack})
	}
}

func (tr *Trace) log(level, message, errorInfo string) {
	if tr == nil || message == "" {
		return
	}
	line := traceLog{Level: level, Message: json.RawMessage(message)}
	if errorInfo != "" {
		line.ErrorInfo = json.RawMessage(errorInfo)
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	line.Timestamp = tr.now().UnixMilli()
	if !tr.full && tr.room(len(message)+len(errorInfo)) {
		tr.item.Logs = append(tr.item.Logs, line)
	}
}

// hold keeps the trace open until release.
func (tr *Trace) hold() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.open++
}

func (tr *Trace) release() {
	tr.mu.Lock()
	tr.open--
	over := tr.open == 0
	tr.item.WallTime = float64(tr.now().UnixMilli() - tr.item.EventTimestamp)
	item := tr.item
	tr.mu.Unlock()
	if over {
		tr.done(item)
	}
}

// traceOf is the trace of the event that a call from JavaScript belongs to, or nil.
func traceOf(c *isolate.Call) *Trace {
	if c.Turn() == nil || c.Turn().Flow() == nil {
		return nil
	}
	tr, _ := c.Turn().Flow().Trace.(*Trace)
	return tr
}
