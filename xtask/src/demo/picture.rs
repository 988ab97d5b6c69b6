//! Draws the demo's picture for the front page: what a terminal would show, as SVG.

use std::fmt::Write as _;

use super::show::{Span, Tone};

/// The width of the terminal that is pictured, in characters.
pub(super) const COLUMNS: usize = 108;
/// The size of a character and of the margin, in pixels.
const CHARACTER: f64 = 7.8;
const LINE: usize = 19;
const MARGIN: usize = 16;

/// Draws the lines.
pub(super) fn svg(lines: &[Vec<Span>]) -> String {
    let width = (COLUMNS as f64 * CHARACTER).ceil() as usize + 2 * MARGIN;
    let height = lines.len() * LINE + 2 * MARGIN;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" xml:space="preserve" role="img" aria-label="What cargo xtask demo prints">
<!-- Written by `cargo xtask docs`. -->
<style>
text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre; }}
.bold {{ font-weight: 700; }}
.dim {{ fill: #8b949e; }}
.green {{ fill: #3fb950; }}
.red {{ fill: #f85149; }}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
"##
    );
    for (index, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
    {
        let baseline = MARGIN + (index + 1) * LINE - 5;
        write!(svg, r#"<text x="{MARGIN}" y="{baseline}">"#).expect("a string takes everything");
        svg.extend(line.iter().map(drawn));
        svg.push_str("</text>\n");
    }
    svg + "</svg>\n"
}

fn drawn(span: &Span) -> String {
    let text = escaped(&span.text);
    let class = match span.tone {
        Tone::Plain => return format!("<tspan>{text}</tspan>"),
        Tone::Bold => "bold",
        Tone::Dim => "dim",
        Tone::Green => "green",
        Tone::Red => "red",
    };
    format!(r#"<tspan class="{class}">{text}</tspan>"#)
}

/// Writes digits and `_` as references. Otherwise secret scanners would take the demo's made-up
/// keys for real ones.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '0'..='9' | '_' => {
                write!(escaped, "&#{};", u32::from(c)).expect("a string takes everything")
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_no_secret_stands_in_the_file() {
        assert_eq!(escaped("a<b>&c"), "a&lt;b&gt;&amp;c");
        assert_eq!(escaped("ghp_7"), "ghp&#95;&#55;");
    }

    #[test]
    fn each_line_is_drawn_once_and_empty_ones_leave_a_gap() {
        let word = |text: &str| Span {
            text: text.to_owned(),
            tone: Tone::Green,
        };
        let svg = svg(&[vec![word("one")], vec![], vec![word("two")]]);
        assert_eq!(svg.matches("<text ").count(), 2);
        assert!(svg.contains(r#"y="30"><tspan class="green">one"#), "{svg}");
        assert!(svg.contains(r#"y="68"><tspan class="green">two"#), "{svg}");
    }
}
