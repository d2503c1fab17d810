package adminapi

import (
	"context"
	"net/http"
	"time"

	"github.com/doemu/doemu/emulator/fault"
)

func faultRoutes() []route {
	return []route{
		handle(http.MethodGet, "faults", "The rules by which objects meet failures", (*api).faults),
		handle(http.MethodPut, "faults", "Set the rules, in place of those before", (*api).setFaults),
	}
}

// rule asks for failures. What is empty holds for all.
type rule struct {
	Namespace string       `json:"namespace,omitempty"`
	Object    string       `json:"object,omitempty"`
	Where     fault.Point  `json:"where"`
	What      fault.Action `json:"what"`
	Message   string       `json:"message,omitempty"`
	MS        float64      `json:"ms,omitempty" description:"Milliseconds of a delay"`
	Rate      float64      `json:"rate,omitempty" description:"How often it happens, from 0 to 1"`
	Next      int          `json:"next,omitempty" description:"How many times it happens"`
}

// activeRule is a rule that holds.
type activeRule struct {
	rule
	Met      int `json:"met" description:"How often it was looked at"`
	Happened int `json:"happened" description:"How often it failed something"`
}

type faultRules struct {
	Rules []activeRule `json:"rules"`
}

type setFaultsRequest struct {
	Rules []rule `json:"rules,omitempty"`
}

func (a *api) faults(context.Context, struct{}) (faultRules, error) {
	rules := faultRules{[]activeRule{}}
	for _, r := range a.emulator.Faults().Rules() {
		rules.Rules = append(rules.Rules, activeRule{
			rule{r.Namespace, r.Object, r.Where, r.What, r.Message, float64(r.Delay.Microseconds()) / 1000, r.Rate, r.Next}, r.Met, r.Happened,
		})
	}
	return rules, nil
}

func (a *api) setFaults(ctx context.Context, in setFaultsRequest) (faultRules, error) {
	rules := make([]fault.Rule, len(in.Rules))
	for n, r := range in.Rules {
		rules[n] = fault.Rule{
			Namespace: r.Namespace, Object: r.Object, Where: r.Where, What: r.What, Message: r.Message,
			Delay: time.Duration(r.MS * float64(time.Millisecond)), Rate: r.Rate, Next: r.Next,
		}
	}
	if err := a.emulator.Faults().Set(rules); err != nil {
		return faultRules{}, refuse(http.StatusBadRequest, "%v.", err)
	}
	return a.faults(ctx, struct{}{})
}
