// Package plot draws the plots of HTML pages that need no network, and has the style and the script of these pages.
package plot

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// The size of a picture, and the room for the labels of its axes, in SVG units.
const (
	plotWidth, plotHeight   = 640.0, 300.0
	plotLeft, plotRight     = 68.0, 626.0
	plotTop, plotBottom     = 16.0, 262.0
	tickLength, labelOffset = 4.0, 8.0
)

// Point is a value of a curve.
type Point struct{ X, Y float64 }

// Curve is one line. Its colour depends on its index in the plot.
type Curve struct {
	Name   string
	Filled bool
	Dashed bool
	Dots   bool // single points, without a line between them
	Points []Point
}

// Add adds a point at the end of the curve.
func (c *Curve) Add(x, y float64) { c.Points = append(c.Points, Point{x, y}) }

// Band is a marked part of the time axis.
type Band struct {
	Name     string
	From, To float64
}

// Plot is one picture.
type Plot struct {
	Title, Subtitle string
	XUnit, YUnit    string
	LogX, LogY      bool
	Top             float64 // the y axis ends at this value or above
	Until           float64 // end of the time axis; unused with LogX
	Curves          []Curve
	Bands           []Band
}

// Draw writes the plot as SVG, and its values for the script that shows them at the pointer.
func (p *Plot) Draw() template.HTML {
	x, y := p.axes()
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="plot"><figcaption><b>%s</b> <span>%s</span></figcaption>`, html.EscapeString(p.Title), html.EscapeString(p.Subtitle))
	p.legend(&b)
	fmt.Fprintf(&b, `<div class="canvas"><svg viewBox="0 0 %g %g" role="img" aria-label="%s, %s">`, plotWidth, plotHeight, html.EscapeString(p.Title), html.EscapeString(p.Subtitle))
	p.draw(&b, x, y)
	fmt.Fprintf(&b, `<line class="cross" y1="%g" y2="%g" visibility="hidden"/></svg><div class="tip" hidden></div>`, plotTop, plotBottom)
	p.values(&b, x)
	b.WriteString(`</div></figure>`)
	return template.HTML(b.String())
}

// draw writes the bands, the grid and the curves.
func (p *Plot) draw(b *strings.Builder, x, y axis) {
	for _, band := range p.Bands {
		band.draw(b, x)
	}
	p.grid(b, x, y)
	for i, c := range p.Curves {
		c.draw(b, i, x, y)
	}
}

func (p *Plot) axes() (x, y axis) {
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Max(p.Top, 0)}
	for _, c := range p.Curves {
		for _, q := range c.Points {
			low = Point{math.Min(low.X, q.X), math.Min(low.Y, q.Y)}
			high = Point{math.Max(high.X, q.X), math.Max(high.Y, q.Y)}
		}
	}
	x = newTimeAxis(0, math.Max(high.X, p.Until), plotLeft, plotRight)
	if p.LogX {
		x = newAxis(low.X, high.X, plotLeft, plotRight, true)
	}
	return x, newAxis(low.Y, high.Y, plotBottom, plotTop, p.LogY)
}

// legend lists the names of the curves.
func (p *Plot) legend(b *strings.Builder) {
	b.WriteString(`<ul class="legend">`)
	for i, c := range p.Curves {
		fmt.Fprintf(b, `<li><i class="c%d%s"></i>%s</li>`, i, c.style(), html.EscapeString(c.Name))
	}
	b.WriteString(`</ul>`)
}

func (p *Plot) grid(b *strings.Builder, x, y axis) {
	for i, v := range y.ticks {
		label := tickLabel(v)
		if i == len(y.ticks)-1 {
			label = strings.TrimSpace(label + " " + p.YUnit)
		}
		fmt.Fprintf(b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/>`, plotLeft, plotRight, y.position(v), y.position(v))
		fmt.Fprintf(b, `<text class="tick" text-anchor="end" x="%g" y="%.1f">%s</text>`, plotLeft-labelOffset, y.position(v)+4, html.EscapeString(label))
	}
	for _, v := range x.ticks {
		fmt.Fprintf(b, `<line class="axis" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>`, x.position(v), x.position(v), plotBottom, plotBottom+tickLength)
		fmt.Fprintf(b, `<text class="tick" text-anchor="middle" x="%.1f" y="%g">%s</text>`, x.position(v), plotBottom+18, tickLabel(v))
	}
	fmt.Fprintf(b, `<line class="axis" x1="%g" x2="%g" y1="%g" y2="%g"/>`, plotLeft, plotRight, plotBottom, plotBottom)
	fmt.Fprintf(b, `<text class="unit" text-anchor="end" x="%g" y="%g">%s</text>`, plotRight, plotHeight-4, html.EscapeString(p.XUnit))
}

// draw writes a band with its name above it. It is wide enough to be seen, however short it is.
func (m Band) draw(b *strings.Builder, x axis) {
	const narrowest = 2.0
	from, to := x.position(m.From), x.position(m.To)
	middle, width := (from+to)/2, math.Max(narrowest, to-from)
	fmt.Fprintf(b, `<g class="band"><rect x="%.1f" y="%g" width="%.1f" height="%g"/>`, middle-width/2, plotTop, width, plotBottom-plotTop)
	fmt.Fprintf(b, `<text text-anchor="middle" x="%.1f" y="%g">%s</text></g>`, middle, plotTop-4, html.EscapeString(m.Name))
}

func (c *Curve) draw(b *strings.Builder, i int, x, y axis) {
	if c.Dots {
		for _, q := range c.Points {
			fmt.Fprintf(b, `<circle class="dot c%d" cx="%.1f" cy="%.1f" r="3.5"/>`, i, x.position(q.X), y.position(q.Y))
		}
		return
	}
	var path strings.Builder
	for n, q := range c.Points {
		command := 'L'
		if n == 0 {
			command = 'M'
		}
		fmt.Fprintf(&path, "%c%.1f %.1f", command, x.position(q.X), y.position(q.Y))
	}
	if c.Filled && len(c.Points) > 0 {
		first, last := c.Points[0], c.Points[len(c.Points)-1]
		fmt.Fprintf(b, `<path class="area c%d" d="%sL%.1f %gL%.1f %gZ"/>`, i, path.String(), x.position(last.X), plotBottom, x.position(first.X), plotBottom)
	}
	fmt.Fprintf(b, `<path class="curve c%d%s" d="%s"/>`, i, c.style(), path.String())
}

// style returns the CSS class of a curve that is not a plain line.
func (c *Curve) style() string {
	switch {
	case c.Dashed:
		return " dashed"
	case c.Dots:
		return " dots"
	}
	return ""
}

// pointer is a value that the script shows at the pointer.
type pointer struct {
	At   float64 `json:"at"` // x position in the picture
	Text string  `json:"x"`
	Y    string  `json:"y"`
}

// values writes the data of the script that shows values at the pointer.
func (p *Plot) values(b *strings.Builder, x axis) {
	all := make(map[string][]pointer)
	for _, c := range p.Curves {
		for _, q := range c.Points {
			all[c.Name] = append(all[c.Name], pointer{math.Round(10*x.position(q.X)) / 10, valueLabel(q.X) + " " + p.XUnit, valueLabel(q.Y) + " " + p.YUnit})
		}
	}
	text, err := json.Marshal(all) // it escapes <, > and &, so that no value can end the script element
	if err == nil {
		fmt.Fprintf(b, `<script type="application/json">%s</script>`, text)
	}
}

func valueLabel(v float64) string {
	if math.Abs(v) >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
