// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// FunctionConfigs is a function of a region with its configurations.
type FunctionConfigs struct {
	lambdaapi.Function

	Configs []lambdaapi.Config // sorted by ARN
	Denied  error              // "access denied" error of List, nil for none; Configs is empty then

	deleted bool
}

// maxLists is the maximum number of concurrent Lists of a region. It equals
// Terraform's default parallelism.
const maxLists = 10

// ReadRegion returns the functions of a region with the given prefix, sorted by
// name, and their configurations. It uses no cached results, and calls List only for
// these functions. It omits a function that is deleted meanwhile.
func (s *Session) ReadRegion(ctx context.Context, region, prefix string) ([]FunctionConfigs, error) {
	var functions []FunctionConfigs
	for f, err := range s.client.Functions(ctx, region) {
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(f.Name, prefix) {
			functions = append(functions, FunctionConfigs{Function: f})
		}
	}
	slices.SortFunc(functions, func(a, b FunctionConfigs) int { return cmp.Compare(a.Name, b.Name) })
	// Pages overlap if functions are created meanwhile.
	functions = slices.CompactFunc(functions, func(a, b FunctionConfigs) bool { return a.Name == b.Name })

	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxLists)
	for i := range functions {
		group.Go(func() error { return s.readConfigs(ctx, region, &functions[i]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(functions, func(f FunctionConfigs) bool { return f.deleted }), nil
}

// readConfigs reads the configurations of f. It sends the name of f, which is in the
// account of the credentials. Some implementations of List do not find an ARN, so
// that each function would seem to be deleted.
func (s *Session) readConfigs(ctx context.Context, region string, f *FunctionConfigs) error {
	t := lambdaapi.Target{Region: region, Function: functionref.Ref{Name: f.Name}}
	for config, err := range s.Configs(ctx, t) { // an error comes last
		switch {
		case errors.Is(err, lambdaapi.ErrNoFunction):
			f.deleted = true
		case lambdaapi.IsAccessDenied(err):
			f.Configs, f.Denied = nil, err
		case err != nil:
			return err
		default:
			f.Configs = append(f.Configs, config)
		}
	}
	slices.SortFunc(f.Configs, byARN)
	return nil
}
