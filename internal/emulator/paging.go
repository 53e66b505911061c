// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// maxPage is the maximum number of items in one page, even if MaxItems is larger.
const maxPage = 50

// pageSize returns the number of items per page that c requests. Valid values of MaxItems
// are 1 to most.
func (c *call) pageSize(v *violations, most int) (int, error) {
	if !c.query.Has("MaxItems") {
		return maxPage, nil
	}
	n, err := strconv.Atoi(c.query.Get("MaxItems"))
	if err != nil {
		return 0, serializationError("MaxItems is not a number")
	}
	v.checkNumber("maxItems", &n, 1, most)
	return min(n, maxPage), nil
}

// paginate returns the page of c and the marker of the next page, which is empty on the
// last page. It sorts items by key, which must be unique, and modifies the slice. A
// marker is the last key of the previous page, so that it remains valid if items are
// added or deleted.
func paginate[T any](c *call, items []T, size int, key func(T) string) ([]T, string, error) {
	last, err := base64.RawURLEncoding.DecodeString(c.query.Get("Marker"))
	if err != nil {
		return nil, "", invalidParameter("The marker is invalid.")
	}
	items = slices.DeleteFunc(items, func(t T) bool { return key(t) <= string(last) })
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	if len(items) <= size {
		return items, "", nil
	}
	items = items[:size]
	return items, base64.RawURLEncoding.EncodeToString([]byte(key(items[size-1]))), nil
}
