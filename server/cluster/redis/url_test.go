package redis

import (
	"reflect"
	"strings"
	"testing"
)

func TestURLsOfRedisAreRead(t *testing.T) {
	for _, tt := range []struct {
		url  string
		want target
	}{
		{"redis://localhost", target{addresses: []string{"localhost:6379"}}},
		{"redis://10.0.0.1:7000/3", target{addresses: []string{"10.0.0.1:7000"}, database: 3}},
		{"redis://:pa%40ss@h:1", target{password: "pa@ss", addresses: []string{"h:1"}}},
		{"redis://app:s3:cret@h:1,[::1]:2,h3/", target{user: "app", password: "s3:cret", addresses: []string{"h:1", "[::1]:2", "h3:6379"}}},
		{"redis://h:26379?sentinel=main", target{addresses: []string{"h:26379"}, sentinel: "main"}},
		{"rediss://h/0?ca=/etc/ca.pem", target{addresses: []string{"h:6379"}, secure: true, authority: "/etc/ca.pem"}},
	} {
		if got, err := parseURL(tt.url); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v", tt.url, got, err)
		}
	}
}

func TestWrongURLsOfRedisAreExplained(t *testing.T) {
	for _, tt := range []struct{ url, why string }{
		{"localhost:6379", "must begin with redis://"},
		{"http://localhost", "must begin with redis://"},
		{"redis://", "host:port"},
		{"redis://h:0", "host:port"},
		{"redis://h:1,,h:2", "host:port"},
		{"redis://user@h", "without a password"},
		{"redis://:a%zz@h", "wrong escape"},
		{"redis://h/x", "database"},
		{"redis://h/-1", "database"},
		{"redis://h?sentinel=", "one value"},
		{"redis://h?sentinel=a&sentinel=b", "one value"},
		{"redis://h?db=3", "unknown option"},
		{"redis://h?ca=x", "rediss://"},
		{"redis://:secret@h/x#y", "no path"},
	} {
		if err := CheckURL(tt.url); err == nil || !strings.Contains(err.Error(), tt.why) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, which does not say %q", tt.url, err, tt.why)
		}
	}
}

func TestAWrongAuthorityIsExplained(t *testing.T) {
	for _, file := range []string{"/nowhere", "url_test.go"} {
		to := target{secure: true, authority: file}
		if _, err := to.tls(); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
