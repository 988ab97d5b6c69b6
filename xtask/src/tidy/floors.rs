//! Checks the floors of `host/server`: a module uses only the floors below its own.
//!
//! Cargo allows cycles within a crate, so this forbids them. It reads the paths that start at the
//! crate's root: `crate::…`, `sluice_server::…`, and `super::` repeated until it leaves the room.

use super::Finding;
use super::source::Source;

/// The floors from the top. Rooms of one floor do not use each other.
const FLOORS: [&[&str]; 7] = [
    &["main", "cli"],
    &["app"],
    &["router", "config"],
    &["proxy", "admin", "ui"],
    &[
        "agents",
        "auth",
        "limits",
        "listen",
        "recorder",
        "reload",
        "capabilities",
    ],
    &["store", "bus", "cache", "upstream", "telemetry", "tasks"],
    &["routes", "env"],
];
const FOLDER: &str = "host/server/src/";

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let Some(inside) = source.path.strip_prefix(FOLDER) else {
        return Vec::new();
    };
    let modules: Vec<_> = inside.trim_end_matches(".rs").split('/').collect();
    let room = modules[0];
    // The crate's root declares the rooms, and which of them are public.
    if room == "lib" {
        return Vec::new();
    }
    let Some(floor) = floor(room) else {
        let what = format!("`{room}` lives on no floor: give it one in xtask's tidy/floors.rs");
        return vec![Finding::new(&source.path, 0, what)];
    };
    used(&source.code, modules.len())
        .into_iter()
        .filter(|(_, other)| *other != room)
        .filter_map(|(at, other)| {
            let what = match self::floor(other)? {
                // `main` belongs to `cli`.
                _ if room == "main" => return None,
                below if below > floor => return None,
                same if same == floor => format!("`{room}` uses `{other}` of its own floor"),
                _ => format!("`{room}` uses `{other}` of a floor above"),
            };
            Some(Finding::new(&source.path, source.line(at), what))
        })
        .collect()
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The first names of all paths from the crate's root, in a file `depth` modules below it.
fn used(code: &str, depth: usize) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for root in ["crate::", "sluice_server::"] {
        for (at, _) in code.match_indices(root) {
            if starts_a_path(code, at) {
                found.extend(heads(code, at + root.len()));
            }
        }
    }
    for (at, supers) in super_chains(code) {
        if supers >= depth + inline_depth(&code[..at]) {
            found.extend(heads(code, at + supers * "super::".len()));
        }
    }
    found
}

fn starts_a_path(code: &str, at: usize) -> bool {
    let before = code[..at].chars().next_back();
    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
}

/// Where each run of `super::` begins, and its length.
fn super_chains(code: &str) -> Vec<(usize, usize)> {
    let starts = code
        .match_indices("super::")
        .filter(|(at, _)| starts_a_path(code, *at));
    starts
        .map(|(at, step)| {
            let rest = &code[at..];
            (
                at,
                (rest.len() - rest.trim_start_matches(step).len()) / step.len(),
            )
        })
        .collect()
}

/// How many `mod name { … }` are open at the end of this code.
fn inline_depth(code: &str) -> usize {
    let mut open = Vec::new();
    for (at, c) in code.char_indices() {
        match c {
            '{' => open.push(is_module(&code[..at])),
            '}' => drop(open.pop()),
            _ => {}
        }
    }
    open.into_iter().filter(|module| *module).count()
}

fn is_module(before: &str) -> bool {
    let mut words = before.split_whitespace().rev();
    words.next().is_some() && words.next() == Some("mod")
}

/// The first name in the rest of a path, or of each path in its braces.
fn heads(code: &str, at: usize) -> Vec<(usize, &str)> {
    if !code[at..].starts_with('{') {
        return head(code, at).into_iter().collect();
    }
    let mut found = Vec::new();
    let mut depth = 0;
    let mut expected = false;
    for (offset, c) in code[at..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && (c == ',' || c == '{') {
            expected = true;
        } else if expected && !c.is_whitespace() {
            expected = false;
            found.extend(head(code, at + offset));
        }
    }
    found
}

fn head(code: &str, at: usize) -> Option<(usize, &str)> {
    let rest = &code[at..];
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    (end > 0).then_some((at, &rest[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(format!("{FOLDER}{path}"), text.to_owned());
        check(&source)
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    }

    #[test]
    fn a_floor_uses_those_below() {
        assert_eq!(found("proxy.rs", "use crate::upstream::Upstream;"), [""; 0]);
        assert_eq!(found("main.rs", "use sluice_server::cli;"), [""; 0]);
        assert_eq!(
            found("app.rs", "use crate::{proxy, recorder::Recorder, tasks};"),
            [""; 0]
        );
    }

    #[test]
    fn a_use_upwards_is_found_in_every_way_of_writing_it() {
        let up = ["`upstream` uses `app` of a floor above"];
        assert_eq!(found("upstream.rs", "use crate::app::App;"), up);
        assert_eq!(found("upstream.rs", "fn f(_: &crate::app::App) {}"), up);
        assert_eq!(
            found(
                "upstream.rs",
                "use crate::{tasks::Tasks, app::{App, Builder}};"
            ),
            ["`upstream` uses `tasks` of its own floor", up[0],]
        );
        assert_eq!(found("upstream.rs", "use super::app;"), up);
        assert_eq!(found("upstream/pool.rs", "use super::super::app;"), up);
        assert_eq!(
            found("upstream.rs", "mod tests {\n use super::super::app;\n}"),
            up
        );
    }

    #[test]
    fn a_room_is_free_in_itself() {
        assert_eq!(
            found("proxy/stream.rs", "use super::error::Error;"),
            [""; 0]
        );
        assert_eq!(
            found("proxy/stream.rs", "use crate::proxy::error::Error;"),
            [""; 0]
        );
        assert_eq!(
            found(
                "proxy.rs",
                "mod tests {\n use super::*;\n use super::app();\n}"
            ),
            [""; 0]
        );
    }

    #[test]
    fn rooms_of_one_floor_do_not_use_each_other() {
        assert_eq!(
            found("admin.rs", "use crate::proxy::X;"),
            ["`admin` uses `proxy` of its own floor"]
        );
    }

    #[test]
    fn words_and_strings_are_not_uses() {
        assert_eq!(
            found("env.rs", "// crate::app\nconst X: &str = \"crate::app\";"),
            [""; 0]
        );
        assert_eq!(
            found("env.rs", "use other_crate::app; use wit::crate_::app;"),
            [""; 0]
        );
    }

    #[test]
    fn a_room_without_a_floor_is_found() {
        assert_eq!(found("attic.rs", "").len(), 1);
    }
}
