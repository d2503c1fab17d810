package check

import (
	"fmt"

	"github.com/doemu/doemu/emulator/config"
)

// checkAssets tells that assets are not served, and what requests for them get instead.
// https://developers.cloudflare.com/workers/static-assets/
func checkAssets(p *config.Project) []Finding {
	a := p.Assets
	if a == nil || a.Directory == "" && p.Main != "" {
		return nil // without a directory there are none, which the configuration has told
	}
	where := ""
	if a.Directory != "" {
		where = " in " + relativeTo(p.Dir, a.Directory)
	}
	instead := "Requests for them reach the Worker."
	switch {
	case p.Main == "":
		instead = "The project has no script, so all requests are answered with 404."
	case a.Binding != "":
		instead = fmt.Sprintf("Requests for them reach the Worker, and env.%s throws when it is used.", a.Binding)
	}
	return []Finding{{
		Severity: Warning, Pos: a.Pos,
		Text: fmt.Sprintf("The assets%s are not served: doemu has no static assets yet. %s", where, instead),
	}}
}
