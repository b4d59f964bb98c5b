package main

import (
	"reflect"
	"testing"

	"momentum/internal/config"
)

// TestEveryReloadableSettingChangesTheServer holds that reloadable settings take effect: if all of them differ, every
// rule of the server differs.
func TestEveryReloadableSettingChangesTheServer(t *testing.T) {
	old := good(t)
	old.MaxPerAddress, old.HandshakeRate, old.MaxConnections = 1, 1, 1
	next := *old
	value := reflect.ValueOf(&next).Elem()
	for i := range value.NumField() {
		if value.Type().Field(i).Tag.Get("reload") == "" {
			continue
		}
		switch f := value.Field(i); f.Kind() {
		case reflect.Int, reflect.Int64:
			f.SetInt(f.Int() + 2)
		case reflect.String:
			if value.Type().Field(i).Name == "TopicsDefault" {
				f.SetString("subscribe")
			}
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"10.0.0.0/8"}))
		}
	}
	made := func(c *config.Config) reflect.Value {
		return reflect.ValueOf(rules(c, connectionCap(c, 1000, 1)))
	}
	was, is := made(old), made(&next)
	for i := range was.NumField() {
		if reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			t.Errorf("%s did not change with the settings", was.Type().Field(i).Name)
		}
	}
}
