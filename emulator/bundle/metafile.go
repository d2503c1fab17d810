package bundle

import (
	"encoding/json"
	"fmt"
)

// metafile is the part of esbuild's metafile that is used.
//
// https://esbuild.github.io/api/#metafile
type metafile struct {
	Inputs map[string]struct {
		Format string `json:"format"`
	} `json:"inputs"`
	Outputs map[string]output `json:"outputs"`
}

type output struct {
	EntryPoint string   `json:"entryPoint"`
	Exports    []string `json:"exports"`
}

func readMetafile(text string) (*metafile, error) {
	var m metafile
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, fmt.Errorf("read metafile of the build: %w", err)
	}
	return &m, nil
}

// entry returns the output of the entry point.
func (m *metafile) entry() output {
	for _, o := range m.Outputs {
		if o.EntryPoint != "" {
			return o
		}
	}
	return output{}
}
