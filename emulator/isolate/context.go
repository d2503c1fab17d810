package isolate

// CarryContext makes the call's first three arguments, functions, what decides how a context follows
// promises in this heap and in those that are made of it. Until then promises pay nothing for it.
//
//   - The first takes a function that a promise will call later, and gives the one to call instead:
//     it is where `then`, `await` and the `then` of a thenable remember the context of now.
//   - The second takes a promise that is rejected and has no handler.
//   - The third takes a number where import() is called, the same below zero before its module is
//     evaluated, and 0 after that.
func (c *Call) CarryContext() error {
	for n := range 3 {
		if tagOf(c.raw(n)) != tagObject {
			return Errorf("TypeError", "argument %d is not a function", n+1)
		}
	}
	if c.isolate.setContextHooks(c.argv) {
		return Errorf("Error", "contexts are carried already")
	}
	return nil
}
