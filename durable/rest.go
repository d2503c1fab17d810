package durable

import (
	"errors"

	"github.com/doemu/doemu/durable/storage"
)

// ErrAtRest is for what takes code where nothing runs.
var ErrAtRest = errors.New("nothing runs on this state, and this takes the code of the object: start it with doemu dev")

// OpenNamespaceAtRest opens a namespace whose objects are looked at and edited while nothing runs on its
// state. The class says what its storage is and has no code: no object starts, and alarms are known but do not
// run. No file is made or changed before something is written.
func OpenNamespaceAtRest(around *Surroundings, uniqueKey string, class *Class) (*Namespace, error) {
	n, err := openNamespace(around, uniqueKey, storage.OpenNamespaceAtRest)
	if err != nil {
		return nil, err
	}
	n.atRest = true
	n.SetClass(class)
	if err := n.Start(); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// nameAtRest is the object's name. One that has none here is asked for the name that wrangler has kept: it takes a
// look into the object, so that it is only done where nothing else will tell the name later.
func (n *Namespace) nameAtRest(hex string, g *glance) string {
	if n.atRest && g.name == "" && n.files.MayHaveTable(hex, storage.WranglersNames) {
		g.name = n.wranglersName(hex)
	}
	return g.name
}
