package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// spelled returns three values for a setting of this type. Each differs from the one before it, and the first from
// the default.
func spelled(kind reflect.Type, byDefault string) [3]string {
	switch kind.Kind() {
	case reflect.Bool:
		if byDefault == "true" {
			return [3]string{"false", "true", "false"}
		}
		return [3]string{"true", "false", "true"}
	case reflect.String:
		return [3]string{"from.the.file", "from.the.variable", "from.the.flag"}
	case reflect.Slice:
		return [3]string{"[file, file2]", "variable,variable2", "flag"}
	default:
		return [3]string{"11", "12", "13"}
	}
}

// plainly is a value in fmt's form, however it was written.
func plainly(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer(",", " ", "[", "", "]", "").Replace(text)), " ")
}

func TestFlagBeatsVariableBeatsFileBeatsDefaultForEverySetting(t *testing.T) {
	kind := reflect.TypeFor[Config]()
	for i := range kind.NumField() {
		tag := kind.Field(i).Tag
		name, variable := tag.Get("name"), tag.Get("env")
		if name == fileFlag {
			continue
		}
		t.Run(name, func(t *testing.T) {
			values := spelled(kind.Field(i).Type, tag.Get("default"))
			path := write(t, "# a comment\n"+name+": "+values[0]+"\n")
			env := map[string]string{}
			wants := func(stage, want, from string, args ...string) {
				t.Helper()
				c, s, err := parseFrom(t, env, args...)
				if err != nil {
					t.Fatalf("%s: %v", stage, err)
				}
				got := plainly(fmt.Sprint(reflect.ValueOf(c).Elem().Field(i).Interface()))
				if got != plainly(want) && got != plainly(want)+"s" || s.of[name] != from {
					t.Errorf("%s: %q from %q, want %q from %q", stage, got, s.of[name], want, from)
				}
			}
			file := "--config=" + path
			wants("the file", values[0], path+":2", file)
			if variable != "" {
				env[variable] = values[1]
				wants("the variable", values[1], variable, file)
			}
			wants("the flag", values[2], "--"+name, file, "--"+name+"="+values[2])
			delete(env, variable)
			c, s, err := parseFrom(t, env)
			if err != nil || reflect.ValueOf(c).Elem().Field(i).String() == values[0] || s.of[name] != fromDefault {
				t.Errorf("nothing is set, and it comes from %q (%v)", s.of[name], err)
			}
		})
	}
}

func TestOnlyTheFlagAndTheVariableNameTheSettingsFile(t *testing.T) {
	a, b := write(t, "port: 1\n"), write(t, "port: 2\n")
	if c, err := parse(t, map[string]string{"MOMENTUM_CONFIG": a}); err != nil || c.Port != 1 {
		t.Errorf("by the variable: port %d, %v", c.Port, err)
	}
	if c, err := parse(t, map[string]string{"MOMENTUM_CONFIG": a}, "--config", b); err != nil || c.Port != 2 {
		t.Errorf("by the flag: port %d, %v", c.Port, err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("momentum.yaml", []byte("port: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := parse(t, nil); err != nil || c.Port != 8000 {
		t.Errorf("a file that nobody has named: port %d, %v", c.Port, err)
	}
}

func TestEverySecretCanStandInAFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	for _, tag := range settingTags() {
		if tag.Get("secret") == "" {
			continue
		}
		name, variable := tag.Get("name"), tag.Get("env")
		named := map[string]string{variable + fileSuffix: path}
		for text, want := range map[string]string{"s3cret\n": "s3cret", "s3cret": "s3cret", "s3cret\r\n": "s3cret", "two words\n": "two words"} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, s, err := parseFrom(t, named, "--config="+write(t, name+": from-the-settings-file\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := secretsOf(c)[variable]; got != want || s.of[name] != variable+fileSuffix {
				t.Errorf("%s: %q from %s, want %q", variable, got, s.of[name], want)
			}
		}
		both := map[string]string{variable: "x", variable + fileSuffix: path}
		_, err := parse(t, both)
		wantWords(t, err, variable+" and "+variable+"_FILE are both set", "unset one")
		c, err := parse(t, named, "--"+name+"=by-flag")
		if err != nil || secretsOf(c)[variable] != "by-flag" {
			t.Errorf("%s: the flag does not win: %v", variable, err)
		}
		if err := os.WriteFile(path, []byte("\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = parse(t, named)
		wantWords(t, err, variable+"_FILE", path, "empty")
		_, err = parse(t, map[string]string{variable + fileSuffix: dir + "/gone"})
		wantWords(t, err, variable+"_FILE", dir+"/gone", "no such file")
	}
}

func secretsOf(c *Config) map[string]string {
	all := make(map[string]string)
	value := reflect.ValueOf(c).Elem()
	for i := range value.NumField() {
		if tag := value.Type().Field(i).Tag; tag.Get("secret") != "" {
			all[tag.Get("env")] = value.Field(i).String()
		}
	}
	return all
}

func TestSecretsThatOthersCanReadAreWarnedOf(t *testing.T) {
	file, secret := write(t, "jwt-secret: a secret of more than thirty-two bytes\n"), write(t, "token\n")
	plain := write(t, "port: 1\n")
	env := map[string]string{"ADMIN_TOKEN_FILE": secret}
	if _, s, err := parseFrom(t, env, "--config="+file); err != nil || len(s.Warnings) != 0 {
		t.Errorf("files of their owner's alone: %v %v", s.Warnings, err)
	}
	for _, path := range []string{file, secret, plain} {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, s, _ := parseFrom(t, env, "--config="+file)
	if len(s.Warnings) != 2 || !strings.Contains(s.Warnings[0], secret) || !strings.Contains(s.Warnings[1], file) {
		t.Errorf("%q", s.Warnings)
	}
	if _, s, _ := parseFrom(t, nil, "--config="+plain); len(s.Warnings) != 0 {
		t.Errorf("a file without a secret: %q", s.Warnings)
	}
}
