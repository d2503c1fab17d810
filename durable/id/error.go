package id

// Error is what a program sees: Class is the JavaScript class to throw, and
// Message is the exact text of the exception.
type Error struct {
	Class   string
	Message string
}

// Error returns the class and the message.
func (e *Error) Error() string { return e.Class + ": " + e.Message }

func errNotHex() error {
	return &Error{Class: "TypeError", Message: "Invalid Durable Object ID: must be 64 hex digits"}
}
