//! Formats the results as tables in Markdown.

use std::fmt::Write as _;

use crate::budget::Line;
use crate::probe::Sample;
use crate::results::{Changes, Live, Memory, Probed, Results, median};
use crate::target::DIRECT;

/// Formats everything.
pub(super) fn render(results: &Results, budget: &[Line]) -> String {
    let mut text = format!(
        "{}; {} rounds of {} s, medians. Times in ms, added ones against the upstream alone in the same round.\n",
        results.machine, results.rounds, results.seconds
    );
    let [median, most] = results.wakes_late.map(|late| late * 1e3);
    line(
        &mut text,
        format_args!(
            "A thread that sleeps 1 ms on this machine at rest wakes {median:.2} ms late, one in a hundred {most:.2} ms or more."
        ),
    );
    for missing in &results.missing {
        line(&mut text, format_args!("\nLeft out: {missing}"));
    }
    for probed in &results.probes {
        probe(&mut text, results, probed);
    }
    idle(&mut text, results);
    if !results.memory.is_empty() {
        held(&mut text, &results.memory);
    }
    if let Some(changes) = &results.changes {
        self::changes(&mut text, changes);
    }
    if let Some(live) = &results.live {
        self::live(&mut text, live);
    }
    self::budget(&mut text, budget);
    text
}

fn probe(text: &mut String, results: &Results, probed: &Probed) {
    let streamed = results
        .median(probed.name, DIRECT, |sample| sample.gap_p99)
        .is_some();
    line(
        text,
        format_args!("\n### {}: {}\n", probed.name, probed.title),
    );
    let head = [
        "",
        "per s",
        "p50",
        "p99",
        "added p50",
        "added p99",
        "CPU s / 1000",
        "x nginx",
        "x floor",
        "MiB",
    ];
    let streams = ["first byte +p50", "+p99", "gap p50", "gap p99"];
    let titles = head.iter().chain(streams.iter().filter(|_| streamed));
    heading(text, titles.copied());
    for target in &results.targets {
        if results.samples(probed.name, &target.name).is_empty() {
            continue;
        }
        let mut cells = vec![target.label.clone()];
        cells.extend(numbers(results, probed.name, &target.name));
        if streamed {
            cells.extend(stream_numbers(results, probed.name, &target.name));
        }
        row(text, cells);
    }
}

fn numbers(results: &Results, probe: &str, target: &str) -> Vec<String> {
    let median = |read: fn(&Sample) -> Option<f64>| results.median(probe, target, read);
    let added = |read: fn(&Sample) -> Option<f64>| results.added(probe, target, read);
    let times = |other| {
        results.against(
            probe,
            [target, other],
            |sample| Some(sample.cpu),
            |one, two| one / two,
        )
    };
    vec![
        shown(median(|sample| Some(sample.per_second)), 1.0, 0),
        shown(median(|sample| sample.p50), 1e3, 3),
        shown(median(|sample| sample.p99), 1e3, 3),
        shown(added(|sample| sample.p50), 1e3, 3),
        shown(added(|sample| sample.p99), 1e3, 3),
        shown(median(|sample| Some(sample.cpu)), 1.0, 3),
        shown(times("nginx"), 1.0, 2),
        shown(times("floor"), 1.0, 2),
        shown(median(|sample| Some(sample.memory as f64)), 1.0 / MIB, 0),
    ]
}

fn stream_numbers(results: &Results, probe: &str, target: &str) -> Vec<String> {
    vec![
        shown(
            results.added(probe, target, |sample| sample.first_byte_p50),
            1e3,
            3,
        ),
        shown(
            results.added(probe, target, |sample| sample.first_byte_p99),
            1e3,
            3,
        ),
        shown(
            results.median(probe, target, |sample| sample.gap_p50),
            1e3,
            3,
        ),
        shown(
            results.median(probe, target, |sample| sample.gap_p99),
            1e3,
            3,
        ),
    ]
}

const MIB: f64 = 1048576.0;

fn idle(text: &mut String, results: &Results) {
    line(text, "\n### memory of each process, MiB\n");
    heading(text, ["", "idle", "after all load"]);
    for target in results
        .targets
        .iter()
        .filter(|target| target.idle.is_some())
    {
        let mib = |bytes: Option<u64>| shown(bytes.map(|bytes| bytes as f64), 1.0 / MIB, 1);
        row(
            text,
            [target.label.clone(), mib(target.idle), mib(target.after)],
        );
    }
}

fn held(text: &mut String, memory: &[Memory]) {
    line(text, "\n### memory while streams are held\n");
    let head = [
        "",
        "",
        "streams",
        "idle MiB",
        "held MiB",
        "after MiB",
        "KiB a stream",
    ];
    heading(text, head);
    for held in memory {
        let mib = |bytes: u64| format!("{:.1}", bytes as f64 / MIB);
        let cells = [
            held.target.clone(),
            held.what.clone(),
            held.streams.to_string(),
            mib(held.idle),
            mib(held.loaded),
            mib(held.after),
            format!("{:.1}", held.kib_a_stream()),
        ];
        row(text, cells);
    }
}

fn changes(text: &mut String, changes: &Changes) {
    line(text, "\n### start and change, ten policies, ms\n");
    heading(text, ["", "each time", "median"]);
    for (what, times) in [
        ("start, nothing in the cache", &changes.cold),
        ("start, all in the cache", &changes.cached),
        ("config of one changed", &changes.config),
        ("component of one changed", &changes.component),
        ("p99 of 1 KB at 100 a second, no change", &changes.quiet),
        ("the same while policies change", &changes.meanwhile),
    ] {
        let each: Vec<_> = times
            .iter()
            .map(|time| format!("{:.1}", time * 1e3))
            .collect();
        let cells = [
            what.to_owned(),
            each.join(", "),
            shown(median(times.clone()), 1e3, 1),
        ];
        row(text, cells);
    }
}

fn live(text: &mut String, live: &Live) {
    line(text, "\n### live events through Redis\n");
    heading(text, ["", ""]);
    let [left_out, unsent, lost] = live.lost;
    let [median, most] = live.late.map(|late| late * 1e3);
    let [before, after] = live.memory.map(|bytes| bytes as f64 / 1024.0 / 1024.0);
    let per_second = |cpu: f64| format!("{:.2} s a second", cpu / live.seconds);
    let microseconds = |seconds: f64| format!("{:.0} µs an exchange", seconds * 1e6);
    for (what, number) in [
        ("events", format!("{} in {:.0} s", live.told, live.seconds)),
        ("listeners", live.listeners.to_string()),
        (
            "events that they should hear of",
            (live.told * live.listeners).to_string(),
        ),
        ("events that they heard of", live.heard.to_string()),
        (
            "gaps, dropped listeners",
            format!("{}, {}", live.gaps, live.dropped),
        ),
        (
            "left out, unsent, lost",
            format!("{left_out}, {unsent}, {lost}"),
        ),
        ("late, ms, p50 and p99", format!("{median:.0}, {most:.0}")),
        ("CPU where it happens", microseconds(live.cpu_here)),
        ("CPU where nobody is told", microseconds(live.cpu_silent)),
        ("CPU where all listen", per_second(live.cpu_there)),
        ("CPU of Redis", per_second(live.cpu_redis)),
        (
            "memory where all listen, MiB",
            format!("{before:.0}, then {after:.0}"),
        ),
    ] {
        row(text, [what, &number]);
    }
}

fn budget(text: &mut String, budget: &[Line]) {
    line(text, "\n### the budget\n");
    heading(text, ["", "measured", "bound", ""]);
    for line in budget {
        let cells = [
            line.what.clone(),
            shown(line.measured, 1.0, 3),
            line.bound.to_string(),
            line.verdict(),
        ];
        row(text, cells);
    }
}

fn shown(value: Option<f64>, times: f64, digits: usize) -> String {
    value.map_or_else(
        || "-".to_owned(),
        |value| format!("{:.digits$}", value * times),
    )
}

/// Columns without a title hold texts, the others hold numbers.
fn heading<'a>(text: &mut String, titles: impl IntoIterator<Item = &'a str> + Clone) {
    let sides = titles.clone().into_iter().map(|title| match title {
        "" => "---",
        _ => "---:",
    });
    row(text, titles);
    row(text, sides);
}

fn row(text: &mut String, cells: impl IntoIterator<Item = impl AsRef<str>>) {
    text.push('|');
    for cell in cells {
        text.push(' ');
        text.push_str(cell.as_ref());
        text.push_str(" |");
    }
    text.push('\n');
}

fn line(text: &mut String, what: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{what}");
}
