package adminapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/swaggest/jsonschema-go"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/id"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/snapshot"
)

// envelope is the form of Cloudflare's own API.
// https://developers.cloudflare.com/api/
type envelope[T any] struct {
	Success  bool       `json:"success"`
	Errors   []apiError `json:"errors"`
	Messages []string   `json:"messages"`
	Result   T          `json:"result"`
}

// list is the envelope of a page of a list.
type list[T any] struct {
	Success    bool       `json:"success"`
	Errors     []apiError `json:"errors"`
	Messages   []string   `json:"messages"`
	Result     []T        `json:"result"`
	ResultInfo resultInfo `json:"result_info"`
}

// failed is the envelope of an error.
type failed struct {
	Success  bool       `json:"success"`
	Errors   []apiError `json:"errors"`
	Messages []string   `json:"messages"`
	Result   *struct{}  `json:"result"`
}

type apiError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	// Thrown is what a program threw, if that is what went wrong.
	Thrown *thrown `json:"thrown,omitempty"`
}

// resultInfo describes a page of a list; the cursor gives the next one, and is empty at the end.
type resultInfo struct {
	Count  int    `json:"count"`
	Cursor string `json:"cursor"`
}

// refusal is an error with its status.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

func refuse(status int, format string, args ...any) error {
	return newRefusal(status, format, args...)
}

func newRefusal(status int, format string, args ...any) *refusal {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// statuses are those of errors that say what is wrong by themselves.
var statuses = []struct {
	err    error
	status int
}{
	{durable.ErrNoObject, http.StatusNotFound},
	{durable.ErrNoFacet, http.StatusNotFound},
	{durable.ErrNotRunning, http.StatusNotFound},
	{durable.ErrNoAlarm, http.StatusNotFound},
	{durable.ErrNoSocket, http.StatusNotFound},
	{snapshot.ErrNone, http.StatusNotFound},
	{durable.ErrAlarmRuns, http.StatusConflict},
	{durable.ErrAtRest, http.StatusServiceUnavailable},
	{snapshot.ErrTaken, http.StatusConflict},
	{emulator.ErrNoWorlds, http.StatusConflict},
	{durable.ErrInTransaction, http.StatusConflict},
	{context.DeadlineExceeded, http.StatusGatewayTimeout},
}

// statusOf is the status that an error is answered with.
func statusOf(err error) int {
	var refused *refusal
	var pinned *durable.PinnedError
	var stuck *clock.StuckError
	var stored *storage.Error
	var bad *snapshot.BadArchiveError
	var damaged *snapshot.DamagedError
	switch {
	case errors.As(err, &refused):
		return refused.status
	case errors.As(err, &bad):
		return http.StatusBadRequest
	case errors.As(err, &pinned), errors.As(err, &stuck):
		return http.StatusConflict
	case errors.As(err, &stored), errors.As(err, &damaged):
		return http.StatusUnprocessableEntity
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return s.status
		}
	}
	return http.StatusInternalServerError
}

// messageOf is what an error says: of one that a program would meet, without the class.
func messageOf(err error) string {
	var stored *storage.Error
	var named *id.Error
	switch {
	case errors.As(err, &stored):
		return stored.Message
	case errors.As(err, &named):
		return named.Message
	}
	return err.Error()
}

// fail answers with an error; its code is the status behind a 10.
func fail(w http.ResponseWriter, err error) {
	status := statusOf(err)
	view := apiError{Code: 10_000 + status, Message: messageOf(err)}
	var call callError
	if errors.As(err, &call) {
		view.Thrown = thrownView(call.ThrownError)
	}
	write(w, status, failed{Errors: []apiError{view}, Messages: []string{}})
}

func write(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	// The client that cannot be written to has gone.
	_ = encoder.Encode(v)
}

// moment is a time in the API's form.
type moment struct{ time.Time }

// MarshalJSON implements json.Marshaler: RFC 3339 with milliseconds.
func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(m.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// JSONSchema implements jsonschema.Exposer.
func (moment) JSONSchema() (s jsonschema.Schema, err error) {
	s.AddType(jsonschema.String)
	return *s.WithFormat("date-time"), nil
}

// momentOrNull is the time, or nil for none.
func momentOrNull(t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	return &moment{t}
}

// instant is a time that somebody asks for: RFC 3339, a date, or a number of milliseconds since 1970.
type instant struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (i *instant) UnmarshalJSON(text []byte) (err error) {
	written := string(text)
	// A string loses its quotes; a number is milliseconds since 1970.
	_ = json.Unmarshal(text, &written)
	i.Time, err = clock.ParseTime(written)
	return err
}

// JSONSchema implements jsonschema.Exposer.
func (instant) JSONSchema() (s jsonschema.Schema, err error) {
	s.AddType(jsonschema.String)
	s.AddType(jsonschema.Number)
	return *s.WithDescription("RFC 3339, a date, or milliseconds since 1970"), nil
}
