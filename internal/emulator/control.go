// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"io"
	"net/http"
)

const controlPath = "/_emulator/"

// serveControl serves the requests below controlPath.
func (e *Emulator) serveControl(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET " + controlPath + "health":
		w.WriteHeader(http.StatusNoContent)
	case "GET " + controlPath + "requests":
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(mustMarshal(e.Requests())) // fails only if the client is disconnected
	case "DELETE " + controlPath + "requests":
		e.ClearRequests()
		w.WriteHeader(http.StatusNoContent)
	case "POST " + controlPath + "faults":
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		var f Fault
		if err == nil {
			f, err = parseFault(data)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		e.AddFault(f)
		w.WriteHeader(http.StatusNoContent)
	case "DELETE " + controlPath + "faults":
		e.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	default:
		http.Error(w, "not found: use GET /_emulator/health, GET or DELETE /_emulator/requests, "+
			"or POST or DELETE /_emulator/faults", http.StatusNotFound)
	}
}
