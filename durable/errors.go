package durable

import (
	"encoding/json"
	"errors"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
)

// flags are the properties that tell a caller what kind of failure an error is.
// https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
type flags struct {
	Remote             bool `json:"remote,omitempty"`
	DurableObjectReset bool `json:"durableObjectReset,omitempty"`
	Retryable          bool `json:"retryable,omitempty"`
	Overloaded         bool `json:"overloaded,omitempty"`
}

// flagged is an error with such properties.
func flagged(class, message string, f flags) *isolate.Error {
	props, err := json.Marshal(f)
	if err != nil {
		panic(err) // a struct of booleans always has a JSON form
	}
	return &isolate.Error{Class: class, Message: message, Props: string(props)}
}

// What callers get when an object is reset, in the words of workerd or Cloudflare's network.
var (
	errCPU = flagged("Error", "Durable Object exceeded its CPU time limit and was reset.",
		flags{DurableObjectReset: true})
	errMemory = flagged("Error", "Durable Object's isolate exceeded its memory limit and was reset.",
		flags{DurableObjectReset: true, Overloaded: true})
	errCodeUpdated = flagged("Error", "Durable Object reset because its code was updated.",
		flags{DurableObjectReset: true, Retryable: true})
	errOverloaded = flagged("Error", "Durable Object is overloaded. Too many requests queued.", flags{Overloaded: true})
	errGone       = flagged("Error", "Network connection lost.", flags{Retryable: true})

	errAlarmTime = flagged("Error", "Alarm exceeded its allowed execution time",
		flags{DurableObjectReset: true, Overloaded: true})
	errEventTime = flagged("Error", "Actor exceeded event execution time and was disconnected.",
		flags{DurableObjectReset: true, Retryable: true})
	errSectionTime = flagged("Error", "A call to blockConcurrencyWhile() in a Durable Object waited for too long. "+
		"The call was canceled and the Durable Object was reset.", flags{DurableObjectReset: true, Overloaded: true})
)

// fetchError is what a caller of fetch() sees of an error: what a program threw that reset the object says that it comes
// from elsewhere, which callers of methods do not see.
func fetchError(err error) error {
	thrown, ok := err.(*isolate.Error)
	if !ok || thrown.Props != `{"durableObjectReset":true}` || thrown == errCPU {
		return err
	}
	remote := *thrown
	remote.Props = `{"remote":true,"durableObjectReset":true}`
	return &remote
}

// resetError is what callers see of a failure that broke an isolate.
func resetError(err error) error {
	var js *isolate.Error
	switch err = toJS(err); {
	case errors.As(err, &js):
		return js
	case errors.Is(err, isolate.ErrCPULimit):
		return errCPU
	case errors.Is(err, isolate.ErrMemoryLimit):
		return errMemory
	}
	reset := flagged("Error", "internal error; "+err.Error(), flags{DurableObjectReset: true})
	reset.Cause = internalError{err}
	return reset
}

// internalError is the cause of a reset by no fault of the program.
type internalError struct{ error }

func isInternal(err error) bool {
	var internal internalError
	var stored *storage.Error
	return errors.As(err, &internal) || errors.As(err, &stored) && (stored.ResetProperty || stored.Internal) || err == errCodeUpdated || err == errGone
}
