package adminapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/doemu/doemu/emulator/platform"
)

// callError is what a program threw at a call from outside.
type callError struct{ *platform.ThrownError }

func (e callError) Error() string { return "The call failed: " + e.ThrownError.Error() }

// failedCall is the error of a call as it is answered.
func failedCall(err error) error {
	var thrown *platform.ThrownError
	if errors.As(err, &thrown) {
		return callError{thrown}
	}
	return err
}

// thrown is what a program threw.
type thrown struct {
	Name       string         `json:"name" description:"Of the error, such as TypeError; empty for a thrown value that is no error"`
	Message    string         `json:"message"`
	Stack      string         `json:"stack,omitempty" description:"Lines of where it was thrown, in the user's files"`
	Properties map[string]any `json:"properties,omitempty" description:"Further ones, such as remote, retryable or overloaded"`
	Value      string         `json:"value,omitempty" description:"What was thrown in V8's structured-clone format, as base64, where that is known"`
}

func thrownView(e *platform.ThrownError) *thrown {
	t := &thrown{Name: e.Class, Message: e.Message, Stack: strings.TrimRight(e.Stack, "\n"), Value: base64.StdEncoding.EncodeToString(e.Value)}
	// The platform writes the text: without it the rest is still told.
	_ = json.Unmarshal([]byte(e.Properties), &t.Properties)
	return t
}
