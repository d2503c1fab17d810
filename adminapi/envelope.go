package adminapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// envelope is the form of Cloudflare's own API.
// https://developers.cloudflare.com/api/
type envelope struct {
	Success    bool        `json:"success"`
	Errors     []apiError  `json:"errors"`
	Messages   []string    `json:"messages"`
	Result     any         `json:"result"`
	ResultInfo *resultInfo `json:"result_info,omitempty"`
}

type apiError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// resultInfo describes a page of a list; the cursor gives the next one, and is empty at the end.
type resultInfo struct {
	Count  int    `json:"count"`
	Cursor string `json:"cursor"`
}

func succeed(w http.ResponseWriter, result any) {
	write(w, http.StatusOK, envelope{Success: true, Errors: []apiError{}, Messages: []string{}, Result: result})
}

func succeedList(w http.ResponseWriter, list any, info resultInfo) {
	write(w, http.StatusOK, envelope{Success: true, Errors: []apiError{}, Messages: []string{}, Result: list, ResultInfo: &info})
}

// fail answers with an error; its code is the status behind a 10.
func fail(w http.ResponseWriter, status int, message string) {
	write(w, status, envelope{Errors: []apiError{{10_000 + status, message}}, Messages: []string{}})
}

func write(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	// The client that cannot be written to has gone.
	_ = encoder.Encode(v)
}

// mostBody is how large the body of a request may be.
const mostBody = 32 << 20

func capBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		next.ServeHTTP(w, r)
	})
}

// read decodes the body of a request; an empty one leaves v as it is. If it is not right, it answers
// and gives false.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if errors.Is(err, io.EOF) {
		return true
	}
	if err == nil && decoder.More() {
		err = errors.New("there is more than one value")
	}
	if err == nil {
		return true
	}
	status := http.StatusBadRequest
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
	}
	fail(w, status, fmt.Sprintf("The body is not the JSON that %s takes: %v.", r.URL.Path, err))
	return false
}

// count reads a number from the query.
func count[T int | uint64](w http.ResponseWriter, r *http.Request, name string, otherwise T) (T, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		fail(w, http.StatusBadRequest, fmt.Sprintf("%s is %q, but must be a whole number.", name, text))
		return 0, false
	}
	return T(n), true
}

// moment is a time in the API's form.
type moment struct{ time.Time }

// MarshalJSON implements json.Marshaler: RFC 3339 with milliseconds.
func (m moment) MarshalJSON() ([]byte, error) {
	return []byte(m.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}
