// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"io"
	"net/http"
)

// handleControl adds what is below /_emulator/.
func (e *Emulator) handleControl() {
	e.mux.HandleFunc("GET /_emulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(mustMarshal(e.Requests())) // it fails where the client has left
	})
	e.mux.HandleFunc("DELETE /_emulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		e.ClearRequests()
		w.WriteHeader(http.StatusNoContent)
	})
	e.mux.HandleFunc("POST /_emulator/faults", func(w http.ResponseWriter, r *http.Request) {
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
	})
	e.mux.HandleFunc("DELETE /_emulator/faults", func(w http.ResponseWriter, _ *http.Request) {
		e.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	e.mux.HandleFunc("/_emulator/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "there are GET and DELETE /_emulator/requests, POST and DELETE /_emulator/faults", http.StatusNotFound)
	})
}
