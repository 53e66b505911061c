// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// maxPage is the greatest number of items that Lambda puts into one page,
// whatever greater number MaxItems asks for.
const maxPage = 50

// pageSize returns how many items c asks for at most. MaxItems may be from 1
// to most.
func (c *call) pageSize(v *violations, most int) (int, error) {
	if !c.query.Has("MaxItems") {
		return maxPage, nil
	}
	n, err := strconv.Atoi(c.query.Get("MaxItems"))
	if err != nil {
		return 0, unreadable("MaxItems is not a number")
	}
	v.number("maxItems", &n, 1, most)
	return min(n, maxPage), nil
}

// page sorts items by key, which differs for each of them, and returns those
// that follow the Marker of c, at most size of them, and the marker of the
// page behind them, empty where there is none. A marker holds the key of the
// last item before it: it stays good while items come and go.
func page[T any](c *call, items []T, size int, key func(T) string) ([]T, string, error) {
	after, err := base64.RawURLEncoding.DecodeString(c.query.Get("Marker"))
	if err != nil {
		return nil, "", invalidParameter("The marker is invalid.")
	}
	items = slices.DeleteFunc(items, func(t T) bool { return key(t) <= string(after) })
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	if len(items) <= size {
		return items, "", nil
	}
	items = items[:size]
	return items, base64.RawURLEncoding.EncodeToString([]byte(key(items[size-1]))), nil
}
