package doctor

import "testing"

func TestTheMemoryLimitOfAProcessIsInItsEnvironment(t *testing.T) {
	for value, want := range map[string]int64{
		"1000": 1000, "1000B": 1000, "512MiB": 512 << 20, "3KiB": 3 << 10, "2GiB": 2 << 30, "1TiB": 1 << 40,
		"off": 0, "": 0, "12MB": 0, "-5": 0, "9999999TiB": 0, "9223372036854775807": 0,
	} {
		files := planted(map[string]string{"proc/77/environ": "A=1\x00GOMEMLIMIT=" + value + "\x00B=2\x00"})
		if got, known := GoMemoryOf(files, "77"); got != want || !known {
			t.Errorf("GOMEMLIMIT=%s is %d, known %v, want %d", value, got, known, want)
		}
	}
	if got, known := GoMemoryOf(planted(map[string]string{"proc/77/environ": "XGOMEMLIMIT=5\x00"}), "77"); got != 0 || !known {
		t.Errorf("without the variable: %d, known %v", got, known)
	}
	if _, known := GoMemoryOf(planted(nil), "77"); known {
		t.Error("an environment that cannot be read is known")
	}
}
