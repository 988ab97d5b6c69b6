//! Checks the floors of `host/server`: a module uses only the floors below its own.
//!
//! Cargo allows cycles within a crate, so this forbids them.

use super::Finding;
use super::paths;
use super::source::Source;

/// The floors from the top. Rooms of one floor do not use each other.
const FLOORS: [&[&str]; 8] = [
    &["main", "cli"],
    &["app"],
    &["router", "config"],
    &["proxy", "admin", "settings", "ui"],
    &["history"],
    &[
        "agents",
        "auth",
        "limits",
        "listen",
        "recorder",
        "relay",
        "reload",
        "capabilities",
    ],
    &[
        "store",
        "bus",
        "cache",
        "caller",
        "upstream",
        "telemetry",
        "tasks",
    ],
    &["routes", "clock", "env", "folder", "hex", "yaml"],
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
    paths::from_root(&source.code, modules.len(), &["crate::", "sluice_server::"])
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
