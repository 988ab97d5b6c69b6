//! Draws the results as a chart. Its scales are logarithmic, because the results differ by powers
//! of ten.

use std::fmt::Write as _;

use crate::results::{Results, Weighed};
use crate::target::AGAIN;

/// One group of bars.
struct Panel {
    title: &'static str,
    unit: &'static str,
    bars: Vec<(String, f64)>,
}

const WIDTH: f64 = 860.0;
const LABEL: f64 = 280.0;
const VALUE: f64 = 90.0;
const ROW: f64 = 22.0;
const HEAD: f64 = 40.0;

pub(super) fn render(results: &Results) -> String {
    let panels = panels(results);
    let height = panels.iter().map(Panel::height).sum::<f64>() + HEAD;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>"##
    );
    text(&mut svg, [12.0, 24.0], "start", "#555", &results.machine);
    let mut top = HEAD;
    for panel in &panels {
        panel.draw(&mut svg, top);
        top += panel.height();
    }
    svg.push_str("</svg>\n");
    svg
}

fn panels(results: &Results) -> Vec<Panel> {
    let panel = |title, unit, read: &dyn Fn(&Weighed) -> Option<f64>| {
        let once = results.targets.iter().filter(|target| target.name != AGAIN);
        let bars = once.filter_map(|target| {
            let value = read(target).filter(|value| *value > 0.0)?;
            Some((target.label.clone(), value))
        });
        Panel {
            title,
            unit,
            bars: bars.collect(),
        }
    };
    let all = [
        panel(
            "CPU of a streamed turn of a coding agent (80 KB, 200 frames)",
            "ms",
            &|target| {
                // CPU seconds of a thousand exchanges are milliseconds of one.
                results.median("turn", &target.name, |sample| Some(sample.cpu))
            },
        ),
        panel("added median latency, 1 KB, one caller", "ms", &|target| {
            results
                .added("question-1", &target.name, |sample| sample.p50)
                .map(|added| added * 1e3)
        }),
        panel("exchanges per second, 1 KB, 16 callers", "/s", &|target| {
            results.median("question-16", &target.name, |sample| {
                Some(sample.per_second)
            })
        }),
        panel("idle memory", "MiB", &|target| {
            target.idle.map(|bytes| bytes as f64 / 1048576.0)
        }),
    ];
    all.into_iter()
        .filter(|panel| !panel.bars.is_empty())
        .collect()
}

impl Panel {
    fn height(&self) -> f64 {
        HEAD + ROW * self.bars.len() as f64 + 12.0
    }

    fn draw(&self, svg: &mut String, top: f64) {
        text(
            svg,
            [12.0, top + 24.0],
            "start",
            "#111",
            &format!("{} ({})", self.title, self.unit),
        );
        let values = self.bars.iter().map(|(_, value)| *value);
        let least = values.clone().fold(f64::INFINITY, f64::min) / 2.0;
        let most = values.fold(least, f64::max);
        for (at, (label, value)) in self.bars.iter().enumerate() {
            let y = top + HEAD + ROW * at as f64;
            let part = (value / least).ln() / (most / least).ln().max(f64::EPSILON);
            let width = (WIDTH - LABEL - VALUE) * part;
            let fill = if label.starts_with("Sluice") {
                "#1a7f64"
            } else {
                "#9aa5b1"
            };
            text(svg, [LABEL - 8.0, y + 14.0], "end", "#111", label);
            // Writing to a string does not fail.
            let _ = write!(
                svg,
                r#"<rect x="{LABEL}" y="{y:.1}" width="{width:.1}" height="{:.1}" rx="2" fill="{fill}"/>"#,
                ROW - 5.0
            );
            text(
                svg,
                [LABEL + width + 6.0, y + 14.0],
                "start",
                "#111",
                &shown(*value),
            );
        }
    }
}

fn text(svg: &mut String, [x, y]: [f64; 2], anchor: &str, fill: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = write!(
        svg,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{fill}">{text}</text>"#
    );
}

/// Formats a value with three significant digits.
fn shown(value: f64) -> String {
    let digits = (2.0 - value.log10().floor()).clamp(0.0, 4.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_with_three_digits() {
        assert_eq!(shown(12_345.6), "12346");
        assert_eq!(shown(12.345), "12.3");
        assert_eq!(shown(0.012_345), "0.0123");
    }

    #[test]
    fn a_panel_is_drawn_with_every_bar_and_no_markup_of_labels() {
        let bars = vec![("a <b> & c".to_owned(), 1.0), ("Sluice".to_owned(), 100.0)];
        let mut svg = String::new();
        Panel {
            title: "t",
            unit: "ms",
            bars,
        }
        .draw(&mut svg, 0.0);
        assert!(svg.contains("a &lt;b> &amp; c"));
        assert_eq!(svg.matches("<rect").count(), 2);
    }
}
