package doctor

import (
	"bytes"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

// GoMemoryOf returns the memory limit of Go that the environment of a process sets, in bytes; 0: none. The environment of another user's
// process cannot be read: then known is false.
func GoMemoryOf(files fs.FS, process string) (limit int64, known bool) {
	text, err := fs.ReadFile(files, path.Join("proc", process, "environ"))
	if err != nil {
		return 0, false
	}
	for variable := range bytes.SplitSeq(text, []byte{0}) {
		if value, found := bytes.CutPrefix(variable, []byte("GOMEMLIMIT=")); found {
			return memoryOf(string(value)), true
		}
	}
	return 0, true
}

// memoryOf reads a value of GOMEMLIMIT as the runtime of Go does: a number of bytes, or of a unit; 0: no limit.
func memoryOf(text string) int64 {
	shift := 0
	for i, unit := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if number, found := strings.CutSuffix(text, unit); found {
			text, shift = number, 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(text, "B"), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift || n<<shift == math.MaxInt64 {
		return 0
	}
	return n << shift
}
