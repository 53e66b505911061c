// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package terraformcli

import (
	"errors"
	"os"
	"syscall"
)

// sharingViolation is the Windows error ERROR_SHARING_VIOLATION.
const sharingViolation = syscall.Errno(32)

// tryLock locks the file by opening it without sharing.
func tryLock(path string) (unlock func(), err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const noSharing = 0
	file, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, noSharing, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errLocked
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return func() { _ = syscall.CloseHandle(file) }, nil
}
