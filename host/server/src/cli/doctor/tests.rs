//! Surroundings that might be, against what the doctor says of them.

mod agents;
mod report;

use std::collections::BTreeMap;

use super::surroundings::Surroundings;
use super::target::Target;

const HERE: &str = "http://127.0.0.1:8080";

fn target() -> Target {
    HERE.parse().unwrap()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    owned.collect()
}

fn surroundings(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Surroundings {
    Surroundings {
        variables: map(variables),
        files: map(files),
        ..Surroundings::default()
    }
}
