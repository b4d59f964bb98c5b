package plot

import (
	"fmt"
	"html"
	"strings"
)

// pictureTop is the room for the title and the names of the curves above a plot that is a file of its own.
const pictureTop = 52.0

// pictureStyle has the colours of the pages in the light, for documents on white.
const pictureStyle = `text{font:12px system-ui,sans-serif;fill:#66645e}.title{font-size:15px;font-weight:600;fill:#1d1d1b}` +
	`.c0{color:#2a6fd0}.c1{color:#d9541e}.c2{color:#15936a}.c3{color:#8a5fc7}` +
	`.curve{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}.dashed{stroke-dasharray:2 5}.area,.dot{fill:currentColor}.area{opacity:.12}` +
	`.grid{stroke:#e4e2da}.axis{stroke:#b5b2a8}.band rect{opacity:.2}`

// Picture returns the plot as an SVG file.
func (p *Plot) Picture() string {
	x, y := p.axes()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g"><style>%s</style><rect width="100%%" height="100%%" fill="#fff"/>`,
		plotWidth, plotHeight+pictureTop, pictureStyle)
	fmt.Fprintf(&b, `<text class="title" x="8" y="22">%s</text><text x="8" y="42">%s</text>`, html.EscapeString(p.Title), html.EscapeString(p.Subtitle))
	names := ""
	for i, c := range p.Curves {
		names += fmt.Sprintf(`<tspan class="c%d" fill="currentColor">  — %s</tspan>`, i, html.EscapeString(c.Name))
	}
	fmt.Fprintf(&b, `<text text-anchor="end" x="%g" y="42">%s</text><g transform="translate(0 %g)">`, plotRight, names, pictureTop)
	p.draw(&b, x, y)
	b.WriteString("</g></svg>\n")
	return b.String()
}
