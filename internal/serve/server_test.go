// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

type key struct{}

// The framework's server would keep everything that the context of an RPC has.
func TestServerLetsGoOfContexts(t *testing.T) {
	t.Parallel()
	server := serve.Server(provider.New("test"))()
	value := new([1 << 10]byte)
	gone := weak.Make(value)
	func() {
		ctx := context.WithValue(t.Context(), key{}, value)
		_, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: "none"})
		if err != nil {
			t.Fatal(err)
		}
	}()
	value = nil
	runtime.GC()
	if gone.Value() != nil {
		t.Error("what the context of an RPC had is still held after it")
	}
	runtime.KeepAlive(server)
}
