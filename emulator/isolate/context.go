package isolate

import "github.com/doemu/doemu/emulator/isolate/internal/quickjs"

// CarryContext makes the call's first four arguments, functions, what decides how a context follows
// promises in this heap and in those that are made of it. Until then promises pay nothing for it.
//
//   - The first takes a function that a promise will call later, and gives the one to call instead:
//     it is where `then` and `await` remember the context of now.
//   - The second takes an object that a promise is resolved with, and gives the one to take instead.
//   - The third takes a promise that is rejected and has no handler.
//   - The fourth takes a number where import() is called, the same below zero before its module is
//     evaluated, and 0 after that.
func (c *Call) CarryContext() error {
	for n := range quickjs.ContextHookCount {
		if tagOf(c.raw(n)) != tagObject {
			return Errorf("TypeError", "argument %d is not a function", n+1)
		}
	}
	// The first tells the engine that there are hooks, so it comes last.
	for n := quickjs.ContextHookCount - 1; n >= 0; n-- {
		at := uint32(quickjs.ContextHooks + 8*n)
		if before := c.isolate.load64(at); tagOf(before) == tagObject {
			return Errorf("Error", "contexts are carried already")
		}
		c.isolate.store64(at, c.isolate.hold(c.raw(n)).raw)
	}
	return nil
}
