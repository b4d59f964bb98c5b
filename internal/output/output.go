// Package output writes the files that our tools produce. It never destroys the file at a path: it writes through pipes
// and devices, follows links, and keeps a file's mode and owner.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Stdout is the path that stands for standard output.
const Stdout = "-"

// temporaryName is the pattern of a file that takes another one's place once it is complete.
const temporaryName = ".output-*"

// maxLinks is how many symbolic links are followed, as many as Linux follows (path_resolution(7)).
const maxLinks = 40

// IsStdout reports whether path names standard output: "-", or another name of the same file, such as /dev/stdout.
func IsStdout(path string, stdout io.Writer) bool {
	if path == Stdout {
		return true
	}
	if s, ok := stdout.(*Stream); ok {
		stdout = s.w
	}
	file, ok := stdout.(*os.File)
	if !ok {
		return false
	}
	ours, err := file.Stat()
	named, err2 := os.Stat(path)
	return err == nil && err2 == nil && os.SameFile(ours, named)
}

// Check reports whether Write can be expected to succeed. A tool calls it before a run of minutes, not after it.
// It opens nothing: the reader of a FIFO would see that as an output without content.
func Check(path string) error {
	if path == Stdout {
		return nil
	}
	about, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		target, err := resolve(path)
		if err != nil {
			return err
		}
		return access(directory(target), unix.W_OK|unix.X_OK)
	case err != nil:
		return err
	case about.IsDir():
		return fmt.Errorf("%s is a directory", path)
	case about.Mode()&fs.ModeSocket != 0:
		return fmt.Errorf("%s is a socket, which cannot be opened", path)
	}
	return access(path, unix.W_OK)
}

func access(path string, mode uint32) error {
	if err := unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "write to", Path: path, Err: err}
	}
	return nil
}

// Write makes content the content of path. A regular file is replaced in one step, so that a full disk leaves the old
// content. A file with several hard links is overwritten instead, because replacing it would leave the other names
// with the old content; so is a file with another owner, or in another owner's directory. Write waits until a FIFO
// has a reader.
func Write(path string, content []byte, stdout io.Writer) error {
	if IsStdout(path, stdout) {
		_, err := stdout.Write(content)
		return err
	}
	about, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && !about.Mode().IsRegular() {
		return overwrite(path, content)
	}
	target, err := resolve(path)
	switch {
	case err != nil:
		return err
	case about == nil:
		return create(target, content)
	case !replaceable(target, about):
		return overwrite(path, content)
	}
	if err := replace(target, content, about); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return overwrite(path, content)
}

// resolve follows the symbolic links that path ends in, whether or not the last one leads to a file. It does not clean
// the path: ".." after a link to a directory is the parent of the directory, not of the link.
func resolve(path string) (string, error) {
	for range maxLinks {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil //nolint:nilerr // not a link
		}
		if !filepath.IsAbs(target) {
			directory, _ := filepath.Split(path)
			target = directory + target
		}
		path = target
	}
	return "", &fs.PathError{Op: "follow", Path: path, Err: unix.ELOOP}
}

func directory(path string) string {
	if directory, _ := filepath.Split(path); directory != "" {
		return directory
	}
	return "."
}

// replaceable reports whether target is the described file, and has no other name. A link of /proc/self/fd may name a
// file that has been deleted or replaced.
func replaceable(target string, about fs.FileInfo) bool {
	named, err := os.Lstat(target)
	stat, ok := about.Sys().(*syscall.Stat_t)
	return err == nil && ok && os.SameFile(named, about) && stat.Nlink == 1
}

// create writes a new file, with the mode that the umask leaves, and removes it if that fails.
func create(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err := fill(file, content); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// replace puts a new file with the old one's mode and owner in its place.
func replace(path string, content []byte, old fs.FileInfo) error {
	if err := access(path, unix.W_OK); err != nil {
		return err
	}
	file, err := os.CreateTemp(directory(path), temporaryName)
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	stat := old.Sys().(*syscall.Stat_t)
	if err := errors.Join(file.Chown(int(stat.Uid), int(stat.Gid)), file.Chmod(old.Mode())); err != nil {
		file.Close()
		return err
	}
	if err := fill(file, content); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// overwrite writes to the existing file, FIFO or device.
func overwrite(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	return fill(file, content)
}

func fill(file *os.File, content []byte) error {
	_, err := file.Write(content)
	return errors.Join(err, file.Close())
}
