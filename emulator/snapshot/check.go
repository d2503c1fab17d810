package snapshot

import (
	"fmt"
	"maps"
)

// DamagedError says why a snapshot cannot be used.
type DamagedError struct {
	Name, Namespace, Object string
	Reason                  error
}

// Error says what is wrong, and that nothing was done.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("the snapshot %s is damaged, and nothing was restored: object %s of %s: %v", e.Name, e.Object, e.Namespace, e.Reason)
}

// Unwrap gives the reason.
func (e *DamagedError) Unwrap() error { return e.Reason }

// Check tells by a [DamagedError] whether the storage of all objects is there and as it was saved.
func (s *Snapshot) Check() error {
	if s.dir == "" {
		return nil // nobody else has it
	}
	return s.each(func(n *Namespace, id string) error {
		if n.Sums != nil {
			return s.Copies(n.Key).Verify(id, n.Sums)
		}
		return s.Copies(n.Key).Check(id, false)
	})
}

// checkTaken tells whether what comes from elsewhere is databases. That it is what the sums say was seen before.
func (s *Snapshot) checkTaken() error {
	return s.each(func(n *Namespace, id string) error { return s.Copies(n.Key).Check(id, n.Sums != nil) })
}

func (s *Snapshot) each(check func(n *Namespace, id string) error) error {
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		for _, o := range n.Objects {
			if err := check(n, o.ID); err != nil {
				return &DamagedError{s.Name, n.Key, o.ID, err}
			}
		}
	}
	return nil
}

// sum notes the sums of all files.
func (s *Snapshot) sum() error {
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		if n.Sums != nil {
			continue
		}
		sums := map[string]string{}
		for _, o := range n.Objects {
			of, err := s.Copies(n.Key).Sums(o.ID)
			if err != nil {
				return err
			}
			maps.Copy(sums, of)
		}
		n.Sums = sums
	}
	return nil
}
