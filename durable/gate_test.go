package durable

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
)

// One who wants a single object does not wait for those of another who wants thousands.
func TestGate_turns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		var mu sync.Mutex
		var order []string
		inside, most := 0, 0
		want := func(who string) {
			leave := g.enter(who)
			mu.Lock()
			order = append(order, who)
			inside++
			most = max(most, inside)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			inside--
			mu.Unlock()
			leave()
		}
		for range 1000 {
			go want("many")
		}
		synctest.Wait()
		go want("one")
		go want("two")
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		mu.Lock()
		seen := slices.Clone(order)
		mu.Unlock()
		if !slices.Contains(seen, "one") || !slices.Contains(seen, "two") {
			t.Errorf("got %d in, without the others", len(seen))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(order) != 1002 || most != mostInside() || g.turns.Len() != 0 || len(g.lines) != 0 || g.inside != 0 {
			t.Errorf("got %d in, %d at a time, %d lines left, want 1002, %d and none", len(order), most, len(g.lines), mostInside())
		}
	})
}

func TestCrowd_awaitRoom(t *testing.T) {
	t.Parallel()
	never := func() bool { return false }
	fill := func(c *crowd) []*Object {
		var all []*Object
		for range 40 {
			o := &Object{namespace: &Namespace{}}
			o.loop = isolate.NewLoop(isolate.Hooks{}, nil, 0) // which has nothing to do
			c.enter(o)
			all = append(all, o)
		}
		return all
	}
	short := func() (uint64, bool) { return leastMemory - 1, true }
	enough := func() (uint64, bool) { return leastMemory, true }
	for _, test := range []struct {
		name  string
		most  int
		free  func() (uint64, bool)
		alone bool
		leave bool
		want  error
		took  time.Duration
	}{
		{"room", 100, enough, false, false, nil, 0},
		{"not known", 100, func() (uint64, bool) { return 0, false }, false, false, nil, 0},
		{"crowded", 40, enough, false, false, nil, 2 * crowdedTime},
		{"crowded, one leaves", 40, enough, false, true, nil, crowdedTime / 2},
		{"short", 100, short, false, false, errOverloaded, roomTime + crowdedTime},
		{"short, alone", 100, short, true, false, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c crowd
				all := fill(&c)
				if test.leave {
					time.AfterFunc(crowdedTime/2, func() { c.leave(all[0]) })
				}
				alone := never
				if test.alone {
					alone = func() bool { return true }
				}
				began := time.Now()
				err := c.awaitRoom(test.most, test.free, alone)
				if took := time.Since(began); err != test.want || took != test.took {
					t.Errorf("got %v after %v, want %v after %v", err, took, test.want, test.took)
				}
				synctest.Wait()
			})
		})
	}
}
