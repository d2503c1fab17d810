package durable

import (
	"context"

	"github.com/doemu/doemu/emulator/platform"
)

// Invoke calls a method of an object from outside, or gets a property: see [platform.Ask].
func (n *Namespace) Invoke(ctx context.Context, hex, name, path string, get bool, args []byte) (result []byte, err error) {
	if err := n.around.Clock.Work().Admit(ctx); err != nil {
		return nil, err
	}
	return platform.Ask(ctx, n.Object(hex, name), path, get, args)
}
