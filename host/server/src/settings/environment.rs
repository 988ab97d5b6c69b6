//! Finds variables that were meant to be settings and are none.

use super::table;
use crate::yaml::nearest;

const PREFIX: &str = "SLUICE_";
/// Variables of ours that are no settings: the filter of the log, and what commands ask a running Sluice by.
const OTHERS: [&str; 6] = [
    "SLUICE_LOG",
    "SLUICE_URL",
    "SLUICE_ADMIN_URL",
    "SLUICE_ADMIN_KEY",
    "SLUICE_ADMIN_KEY_FILE",
    "SLUICE_ADMIN_ADDRESS",
];

/// A variable that begins with `SLUICE_` and is no setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// The variable that it was probably meant to be.
    pub meant: Option<String>,
}

/// Finds the unknown ones among the names of variables. Those that Kubernetes sets for a service whose name begins with
/// `sluice` are not ours to judge, and neither are those of tests.
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<UnknownVariable> {
    let settings = table::all();
    let mut known: Vec<_> = settings.iter().map(table::Setting::variable).collect();
    known.extend(OTHERS);
    let ours = names.into_iter().filter(|name| name.starts_with(PREFIX));
    let unknown = ours.filter(|name| !known.contains(&name.as_str()));
    let unknown =
        unknown.filter(|name| !is_of_kubernetes(name) && !name.starts_with("SLUICE_TEST_"));
    unknown
        .map(|name| UnknownVariable {
            meant: meant(&name, &known),
            name,
        })
        .collect()
}

/// The variable whose name differs in a letter or two. The prefix, which all have, does not count as likeness.
fn meant(name: &str, known: &[&str]) -> Option<String> {
    let tails: Vec<_> = known
        .iter()
        .filter_map(|name| name.strip_prefix(PREFIX))
        .collect();
    let nearest = nearest(name.strip_prefix(PREFIX)?, &tails)?;
    Some(format!("{PREFIX}{nearest}"))
}

/// Whether Kubernetes sets a variable of this name for a service: `SLUICE_SERVICE_HOST`, `SLUICE_PORT_8080_TCP_ADDR`.
fn is_of_kubernetes(name: &str) -> bool {
    let is_port = |rest: &str| {
        let mut parts = rest.split('_');
        let port = parts.next().unwrap_or_default();
        let protocol = parts.next();
        port.bytes().all(|letter| letter.is_ascii_digit())
            && matches!(protocol, Some("TCP" | "UDP" | "SCTP"))
    };
    let numbered = name
        .split_once("_PORT_")
        .is_some_and(|(_, rest)| is_port(rest));
    numbered
        || name.ends_with("_SERVICE_HOST")
        || name.ends_with("_PORT")
        || name.contains("_SERVICE_PORT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Option<UnknownVariable> {
        unknown_variables([name.to_owned()]).pop()
    }

    #[test]
    fn a_misspelled_variable_is_found_with_what_it_was_meant_to_be() {
        for (written, meant) in [
            ("SLUICE_LISTN", Some("SLUICE_LISTEN")),
            ("SLUICE_HEART_BEAT", Some("SLUICE_HEARTBEAT")),
            ("SLUICE_OPENAI_URI", Some("SLUICE_OPENAI_URL")),
            ("SLUICE_POLICIES", None),
            ("SLUICE_COLOUR", None),
        ] {
            let unknown = found(written).unwrap();
            assert_eq!(unknown.meant.as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn variables_of_others_are_left_alone() {
        for name in [
            "PATH",
            "SLUICE_LISTEN",
            "SLUICE_LOG",
            "SLUICE_URL",
            "SLUICE_ADMIN_KEY",
            "SLUICE_TEST_PYTHON",
            "SLUICE_PORT",
            "SLUICE_PORT_8080_TCP",
            "SLUICE_PORT_8080_TCP_ADDR",
            "SLUICE_SERVICE_HOST",
            "SLUICE_SERVICE_PORT",
            "SLUICE_SERVICE_PORT_HTTP",
            "SLUICE_ADMIN_SERVICE_HOST",
        ] {
            assert_eq!(found(name), None, "{name}");
        }
    }
}
