package main

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"momentum/internal/flagvalue"
)

// idMappers parse users' ids, also for commands that must distinguish a missing one.
func idMappers() []kong.Option {
	return []kong.Option{
		kong.TypeMapper(reflect.TypeFor[uuid.UUID](), kong.MapperFunc(decodeUUID)),
		kong.TypeMapper(reflect.TypeFor[*uuid.UUID](), kong.MapperFunc(decodeUUID)),
	}
}

func decodeUUID(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := flagvalue.Text(ctx)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return fmt.Errorf("%q is not a UUID: write one such as 6ba7b810-9dad-41d1-80b4-00c04fd430c8", text)
	}
	reflect.Indirect(target).Set(reflect.ValueOf(id))
	return nil
}

// errZeroID means that a flag has the zero UUID. It must not count as missing: another id would be generated.
func errZeroID(flag string) error {
	return fmt.Errorf("%s is %s, which is no user's id: write another, or leave the flag out", flag, uuid.Nil)
}
