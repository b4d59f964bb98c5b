package doctor

import (
	"io/fs"
	"strconv"
	"strings"
)

// numbers returns the whole numbers in a file of the kernel; nil if it cannot be read.
func numbers(files fs.FS, name string) (all []int64) {
	text, _ := fs.ReadFile(files, name)
	for _, field := range strings.Fields(string(text)) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return all
		}
		all = append(all, n)
	}
	return all
}

// number returns the first number in a file, and whether there is one.
func number(files fs.FS, name string) (int64, bool) {
	all := numbers(files, name)
	if len(all) == 0 {
		return 0, false
	}
	return all[0], true
}

// field returns the number after a word in a file, such as MemAvailable: in proc/meminfo.
func field(files fs.FS, name, word string) (int64, bool) {
	text, _ := fs.ReadFile(files, name)
	for line := range strings.Lines(string(text)) {
		rest, found := strings.CutPrefix(strings.TrimSpace(line), word)
		if words := strings.Fields(rest); found && len(words) > 0 {
			n, err := strconv.ParseInt(words[0], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
