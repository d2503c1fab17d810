// Package clock is the time that an emulator lives by: everything that asks for the time, or waits
// for one, asks a [Clock].
package clock

import "time"

// Clock tells the time and calls back when one has come. It is safe for use by many goroutines.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f on a goroutine of its own once d has passed. Stop tells whether it kept f
	// from being called.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Real is the machine's clock.
type Real struct{}

// Now is the machine's time.
func (Real) Now() time.Time { return time.Now() }

// AfterFunc waits by the machine's time.
func (Real) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
