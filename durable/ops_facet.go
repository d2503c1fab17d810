package durable

import (
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// facetOps are behind ctx.facets.
func facetOps() []isolate.Op {
	running := func(c *isolate.Call) (platform.Target, error) {
		if o := objectOf(c).runningFacet(c.String(0)); o != nil {
			return part{o}, nil
		}
		return nil, errGone
	}
	return []isolate.Op{
		{Name: "facet.check", Run: func(c *isolate.Call) (isolate.Value, error) {
			if o := objectOf(c); o.facet != nil && o.facet.depth+1 >= mostFacetDepth {
				return isolate.Value{}, errFacetDepth
			}
			return isolate.Undefined(), nil
		}},
		{Name: "facet.running", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Bool(objectOf(c).runningFacet(c.String(0)) != nil), nil
		}},
		{Name: "facet.start", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			class, err := o.class.Facet(c.String(1))
			if err != nil {
				return isolate.Value{}, err
			}
			f := facet{class: class, props: isolate.Undefined(), ctxID: o.id, named: o.Name()}
			if props := c.Bytes(2); props != nil {
				f.props = isolate.Bytes(props)
			}
			if !c.IsUndefined(3) {
				f.ctxID, f.named, f.isText = c.String(3), c.String(4), c.Bool(5)
			} else if o.facet != nil {
				f.ctxID, f.named, f.isText = o.facet.ctxID, o.facet.named, o.facet.isText
			}
			return isolate.Undefined(), o.startFacet(c.String(0), f)
		}},
		{Name: "facet.call", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			to, err := running(c)
			if err != nil {
				return platform.Refuse(c, 1, err)
			}
			return platform.Invoke(c, 1, to)
		}},
		{Name: "facet.fetcher", Run: func(c *isolate.Call) (isolate.Value, error) {
			to, err := running(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return isolate.Int(c.Owner().(realmOwner).Realm().AddFetcher(to)), nil
		}},
		{Name: "facet.abort", Run: func(c *isolate.Call) (isolate.Value, error) {
			o, name, why := objectOf(c), c.String(0), thrown(c, 1)
			why.Thrown = c.Bytes(4)
			return isolate.Undefined(), toJS(o.abortFacet(name, why, false))
		}},
		{Name: "facet.delete", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), toJS(objectOf(c).abortFacet(c.String(0), errFacetDeleted, true))
		}},
	}
}
