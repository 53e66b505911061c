// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// loadState adds the functions in the file to lambda. It does nothing if file is empty or
// the file does not exist.
func loadState(lambda *emulator.Emulator, file string) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := lambda.LoadState(data); err != nil {
		return fmt.Errorf("cannot read %s: %w", file, err)
	}
	return nil
}

// saveState writes the state of lambda to the file. It does nothing if file is empty. If
// the process is killed, the file has either the old state or the new one.
func saveState(lambda *emulator.Emulator, file string) (err error) {
	if file == "" {
		return nil
	}
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target // os.Rename would replace the link
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	temporary := file + "." + rand.Text() + ".tmp"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(lambda.State())
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(temporary, file)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(temporary))
	}
	return err
}
