// Package report turns the table of claims, and what runs found, into pages to
// read.
package report

import (
	"fmt"
	"strings"

	"example.com/attest/spec"
)

// ClaimTable returns the Markdown tables of the README: a line that counts the
// claims by kind, then a folded table for each group of IDs.
func ClaimTable(claims []spec.Claim) string {
	var b strings.Builder
	b.WriteString(countByKind(claims) + "\n")
	for len(claims) > 0 {
		n := 1
		for n < len(claims) && group(claims[n]) == group(claims[0]) {
			n++
		}
		writeGroup(&b, claims[:n])
		claims = claims[n:]
	}
	return b.String()
}

// group returns the letters of a claim's ID.
func group(c spec.Claim) string {
	letters, _, _ := strings.Cut(string(c.ID), "-")
	return letters
}

func countByKind(claims []spec.Claim) string {
	var parts []string
	for _, kind := range spec.Kinds {
		n := 0
		for _, c := range claims {
			if c.Kind == kind {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	return fmt.Sprintf("%d claims: %s.", len(claims), strings.Join(parts, ", "))
}

func writeGroup(b *strings.Builder, claims []spec.Claim) {
	title := group(claims[0])
	if len(claims[0].On) > 0 {
		operation, _, _ := strings.Cut(claims[0].On[0], ".")
		title += " · " + operation
	}
	fmt.Fprintf(b, "\n<details><summary>%s (%d)</summary>\n\n", title, len(claims))
	b.WriteString("| claim | kind | statement | given |\n| --- | --- | --- | --- |\n")
	for _, c := range claims {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", c.ID, c.Kind, cell(c.Statement), cell(given(c)))
	}
	b.WriteString("\n</details>\n")
}

// given returns the domain and the hypotheses, each with the refuted claim that
// shows that it is needed.
func given(c spec.Claim) string {
	s := c.Domain
	for _, h := range c.Given {
		s += "; " + h.Text
		if h.Without != "" {
			s += " (without it: " + string(h.Without) + ")"
		}
	}
	return s
}

// cell escapes what would end a cell of a Markdown table or be read as markup.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "\n", " ").Replace(s)
}

// Splice returns document with the text between the lines
// <!-- name:begin --> and <!-- name:end --> replaced.
func Splice(document, name, text string) (string, error) {
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	head, rest, found := strings.Cut(document, begin)
	if !found {
		return "", fmt.Errorf("no line %q", strings.TrimSpace(begin))
	}
	_, tail, found := strings.Cut(rest, end)
	if !found {
		return "", fmt.Errorf("no line %q after %q", end, strings.TrimSpace(begin))
	}
	return head + begin + text + end + tail, nil
}
