package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"momentum/internal/flagvalue"
)

// decodeSeconds reads a time in either form: 300, as in existing scripts, or 5m.
func decodeSeconds(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := flagvalue.Text(ctx)
	if err != nil {
		return err
	}
	d, err := parseSeconds(text)
	if err != nil {
		return err
	}
	target.SetInt(int64(d))
	return nil
}

func parseSeconds(text string) (time.Duration, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 && n <= math.MaxInt64/int64(time.Second) {
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a time: write seconds (300) or a duration (1m30s)", text)
	}
	return d, nil
}
