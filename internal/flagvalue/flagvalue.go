// Package flagvalue reads the values of flags for all our programs: whole numbers are decimal, lists may have blanks
// after their commas, and an error gives advice. The programs check the meaning of a value.
package flagvalue

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// New is kong.New with whole numbers, text and lists read as this package does. kong itself takes 010 for eight, and
// replaces bytes that are not UTF-8.
func New(grammar any, options ...kong.Option) (*kong.Kong, error) {
	all := []kong.Option{
		kong.KindMapper(reflect.String, kong.MapperFunc(decodeText)),
		kong.TypeMapper(reflect.TypeFor[[]string](), kong.MapperFunc(decodeList)),
	}
	for kind := reflect.Int; kind <= reflect.Int64; kind++ {
		all = append(all, kong.KindMapper(kind, kong.MapperFunc(decodeInt)))
	}
	for kind := reflect.Uint; kind <= reflect.Uint64; kind++ {
		all = append(all, kong.KindMapper(kind, kong.MapperFunc(decodeUint)))
	}
	return kong.New(grammar, append(all, options...)...)
}

// Text takes the value that follows a flag. A word that begins with "-" is the next flag, unless "=" joins it to this one.
func Text(ctx *kong.DecodeContext) (string, error) {
	token := ctx.Scan.Pop()
	if token.IsEOL() {
		return "", fmt.Errorf("no value follows: write %s=VALUE", ctx.Value.ShortSummary())
	}
	if !token.IsValue() {
		return "", fmt.Errorf("no value follows, but %v: write %s=%v if that is the value", token, ctx.Value.ShortSummary(), token)
	}
	return fmt.Sprint(token.Value), nil
}

func decodeText(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := Text(ctx)
	target.SetString(text)
	return err
}

// decodeList reads values with commas between them, or with the separator of the flag's tag. A flag that is repeated
// adds to the list.
func decodeList(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := Text(ctx)
	if err != nil {
		return err
	}
	for _, item := range kong.SplitEscaped(text, ctx.Value.Tag.Sep) {
		target.Set(reflect.Append(target, reflect.ValueOf(strings.TrimSpace(item))))
	}
	return nil
}

func decodeInt(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := number(ctx)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(text, 10, target.Type().Bits())
	target.SetInt(n)
	return explain(text, err)
}

func decodeUint(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := number(ctx)
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(text, 10, target.Type().Bits())
	target.SetUint(n)
	return explain(text, err)
}

// number takes the value of a number, which may also be a word such as -1: no flag of ours has such a name.
func number(ctx *kong.DecodeContext) (string, error) {
	if word, _ := ctx.Scan.Peek().Value.(string); len(word) > 1 && word[0] == '-' && word[1] >= '0' && word[1] <= '9' {
		ctx.Scan.Pop()
		return word, nil
	}
	return Text(ctx)
}

func explain(text string, err error) error {
	switch {
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%q is out of range", text)
	case err != nil:
		return fmt.Errorf("%q is not a whole number: write decimal digits, such as 100", text)
	}
	return nil
}
