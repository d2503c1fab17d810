package adminapi

import "net/http"

type runRequest struct{ objectPath }

func handleRun(path, summary string) route {
	r := newRoute(http.MethodPost, path, summary)
	r.in, r.out, r.contentType, r.serialized = runRequest{}, binary(""), v8Type, true
	r.serve = func(a *api, w http.ResponseWriter, r *http.Request) error {
		var in runRequest
		if err := decodeParametersOnly(r, &in); err != nil {
			return err
		}
		t, err := a.target(in.objectPath)
		if err != nil {
			return err
		}
		message, err := readSerialized(r)
		if err != nil {
			return err
		}
		result, response, err := t.Run(r.Context(), t.id, t.name, message)
		if err != nil {
			return failedCall(err)
		}
		if response != nil {
			w.Header().Set(answerHeader, "program")
			a.emulator.Respond(w, r, response)
			return nil
		}
		writeSerialized(w, result)
		return nil
	}
	return r
}
