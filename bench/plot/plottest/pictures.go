// Package plottest checks pages with plots. No program imports it.
package plottest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// outside is text with which a page would refer to something outside it.
var outside = []string{"http://", "https://", "//cdn", "@import", "url(", "<link", " src=", "fetch("}

var picture = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// Pictures returns the pictures of a page. It is an error if the page refers to something outside it, or if a picture is not well-formed
// XML or has an invalid coordinate.
func Pictures(page string) ([]string, error) {
	var faults []error
	for _, text := range outside {
		if strings.Contains(page, text) {
			faults = append(faults, fmt.Errorf("the page has %q in it", text))
		}
	}
	pictures := picture.FindAllString(page, -1)
	for _, p := range pictures {
		if err := check(p); err != nil {
			faults = append(faults, fmt.Errorf("%w in %.200s", err, p))
		}
	}
	return pictures, errors.Join(faults...)
}

func check(picture string) error {
	if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
		return errors.New("a coordinate is not a number")
	}
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
